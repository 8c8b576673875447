#include "onnx/message.hpp"

#include "camclassify/error.hpp"

namespace camclassify::onnx {
namespace {

using protozero::pbf_wire_type;

void require(bool has_type) {
  if (!has_type) malformed("a field has a wrong type");
}

}  // namespace

void malformed(const std::string& what) {
  throw BundleError("This is not a valid ONNX file: " + what + ".");
}

Bytes bytes(protozero::pbf_reader& field) {
  require(field.has_wire_type(pbf_wire_type::length_delimited));
  const protozero::data_view view = field.get_view();
  return std::as_bytes(std::span(view.data(), view.size()));
}

std::string text(protozero::pbf_reader& field) {
  const Bytes view = bytes(field);
  return {reinterpret_cast<const char*>(view.data()), view.size()};
}

std::string name(protozero::pbf_reader& field) {
  std::string result = text(field);
  if (result.find('\0') != std::string::npos) malformed("a name holds a zero byte");
  return result;
}

std::int64_t integer(protozero::pbf_reader& field) {
  require(field.has_wire_type(pbf_wire_type::varint));
  return field.get_int64();
}

float real(protozero::pbf_reader& field) {
  require(field.has_wire_type(pbf_wire_type::fixed32));
  return field.get_float();
}

void append_integers(protozero::pbf_reader& field, std::vector<std::int64_t>& values) {
  if (field.has_wire_type(pbf_wire_type::varint)) {
    values.push_back(field.get_int64());
    return;
  }
  require(field.has_wire_type(pbf_wire_type::length_delimited));
  for (const std::int64_t value : field.get_packed_int64()) values.push_back(value);
}

}  // namespace camclassify::onnx
