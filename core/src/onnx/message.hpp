#pragma once

#include <deque>
#include <protozero/pbf_message.hpp>
#include <string>
#include <vector>

#include "onnx/model.hpp"

// Reading the fields of ONNX's messages from foreign bytes. Every function throws BundleError, or
// protozero's exceptions, if the bytes are not what they should be.
namespace camclassify::onnx {

using Bytes = Model::Bytes;

template <class Field>
protozero::pbf_message<Field> message(Bytes view) {
  return {reinterpret_cast<const char*>(view.data()), view.size()};
}

// The current field of a message. protozero only asserts that it has the type that is asked for.
Bytes bytes(protozero::pbf_reader& field);
std::string text(protozero::pbf_reader& field);
std::string name(
    protozero::pbf_reader& field);  // a text without zero bytes, so that errors can quote it
std::int64_t integer(protozero::pbf_reader& field);
float real(protozero::pbf_reader& field);
void append_integers(protozero::pbf_reader& field, std::vector<std::int64_t>& values);

// A TensorProto. Its data is put into `storage` where the file holds it in another form.
Model::Initializer read_initializer(Bytes view, std::deque<std::vector<std::int64_t>>& storage);

[[noreturn]] void malformed(const std::string& what);

}  // namespace camclassify::onnx
