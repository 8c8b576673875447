#include <doctest/doctest.h>

#include <cmath>
#include <cstddef>
#include <filesystem>
#include <memory>
#include <string>

#include "camclassify/error.hpp"
#include "camclassify/network.hpp"

namespace camclassify {
namespace {

const std::filesystem::path kBundle = CAMCLASSIFY_REPOSITORY "/models/default";

std::unique_ptr<Network> open_twin(const std::string& file) {
  return open_network(kBundle / file, {.fp32_twin = true});
}

TEST_CASE("the fp32 twin of an int8 network does the work that the network in fp32 does") {
  for (const std::string name : {"scene", "object"}) {
    CAPTURE(name);
    const auto twin = open_twin(name + ".int8.onnx")->ops();
    const auto fp32 = open_network(kBundle / (name + ".fused.onnx"), {})->ops();
    REQUIRE(twin.size() == fp32.size());
    for (std::size_t i = 0; i < twin.size(); ++i) {
      CAPTURE(fp32[i].name);
      CHECK(twin[i].type == fp32[i].type);
      CHECK(twin[i].inputs == fp32[i].inputs);
      CHECK(twin[i].outputs == fp32[i].outputs);
      CHECK(twin[i].work.weight_bytes == fp32[i].work.weight_bytes);
      CHECK(twin[i].work.read_bytes == fp32[i].work.read_bytes);
      CHECK(twin[i].work.written_bytes == fp32[i].work.written_bytes);
      CHECK(twin[i].work.residual == fp32[i].work.residual);
    }
  }
}

TEST_CASE("the numbers of an fp32 twin are none that processors are slow with") {
  const auto twin = open_twin("object.int8.onnx");
  twin->run();
  for (std::size_t i = 0; i < twin->outputs().size(); ++i) {
    for (const float value : twin->output(i).as<float>()) CHECK(std::isnormal(value));
  }
}

TEST_CASE("a file that is no network has no twin") {
  CHECK_THROWS_WITH_AS(open_twin("bundle.json"), doctest::Contains("bundle.json"), BundleError);
}

}  // namespace
}  // namespace camclassify
