#include "onnx/external_data.hpp"

#include <doctest/doctest.h>

#include <protozero/pbf_writer.hpp>

#include "camclassify/error.hpp"
#include "onnx/model.hpp"
#include "onnx/onnx_builder.hpp"

namespace camclassify {
namespace {

using test::bytes_of;

using Path = std::vector<protozero::pbf_tag_type>;

struct Place {
  std::string name;
  Path path;  // fields of onnx.proto, from the model down to a tensor
};

const std::vector<Place> kPlaces = {
    {"an initializer", {7, 5}},
    {"a sparse initializer's values", {7, 15, 1}},
    {"a sparse initializer's indices", {7, 15, 2}},
    {"a node's tensor", {7, 1, 5, 5}},
    {"one of a node's tensors", {7, 1, 5, 10}},
    {"a node's sparse tensor", {7, 1, 5, 22, 1}},
    {"one of a node's sparse tensors", {7, 1, 5, 23, 2}},
    {"a subgraph's initializer", {7, 1, 5, 6, 5}},
    {"a sparse one of one of a node's subgraphs", {7, 1, 5, 11, 15, 1}},
    {"a node of a subgraph of a subgraph", {7, 1, 5, 6, 1, 5, 11, 1, 5, 5}},
    {"a function's node", {25, 7, 5, 5}},
    {"a function's subgraph", {25, 7, 5, 6, 5}},
    {"a function's default value", {25, 11, 5}},
    {"the training's start", {20, 1, 5}},
    {"a node of the training's steps", {20, 2, 1, 5, 5}},
};

// A message within messages.
std::string nested(const Path& path, std::string message) {
  for (auto field = path.rbegin(); field != path.rend(); ++field) {
    std::string holder;
    protozero::pbf_writer(holder).add_message(*field, message);
    message = std::move(holder);
  }
  return message;
}

std::string tensor(bool by_location, bool by_entry) {
  std::string bytes, entry;
  protozero::pbf_writer writer(bytes);
  writer.add_string(8, "secret");
  writer.add_bytes(9, "1234");
  if (by_location) writer.add_enum(14, 1);
  if (!by_entry) return bytes;
  protozero::pbf_writer entry_writer(entry);
  entry_writer.add_string(1, "location");
  entry_writer.add_string(2, "../../etc/passwd");
  writer.add_message(13, entry);
  return bytes;
}

// A file with a graph, and with a tensor at that place.
std::string file_with(const Path& path, const std::string& tensor) {
  const bool has_graph = path.front() == 7;
  return nested(path, tensor) + (has_graph ? "" : nested({7}, ""));
}

TEST_CASE("a tensor whose data lies in another file is refused wherever it is") {
  for (const Place& place : kPlaces) {
    CAPTURE(place.name);
    CHECK_NOTHROW(refuse_external_data(bytes_of(file_with(place.path, tensor(false, false)))));
    for (const auto& [by_location, by_entry] :
         {std::pair{true, true}, {true, false}, {false, true}}) {
      const std::string file = file_with(place.path, tensor(by_location, by_entry));
      CHECK_THROWS_WITH_AS(read_onnx(bytes_of(file)),
                           doctest::Contains("'secret' lies in another file"), BundleError);
    }
  }
}

TEST_CASE("messages that are nested endlessly are refused") {
  Path path = {7};
  for (int i = 0; i < 1000; ++i) path.insert(path.end(), {1, 5, 6});
  CHECK_THROWS_WITH_AS(read_onnx(bytes_of(nested(path, ""))), doctest::Contains("too deeply"),
                       BundleError);
}

}  // namespace
}  // namespace camclassify
