#include <bit>
#include <cstring>

#include "memory/checked.hpp"
#include "onnx/element_type.hpp"
#include "onnx/fields.hpp"
#include "onnx/message.hpp"

namespace camclassify::onnx {
namespace {

static_assert(std::endian::native == std::endian::little, "initializers are little endian");

std::size_t checked_bytes(const Model::Initializer& initializer) {
  Checked bytes = size_of(*initializer.type);
  for (const std::int64_t size : initializer.shape) bytes = bytes * size;
  if (bytes.value() > kMostBufferBytes) {
    malformed("the dimensions of initializer '" + initializer.name + "' are out of range");
  }
  return bytes.value();
}

// What the typed fields of a TensorProto hold, brought to the element type.
Bytes stored(DataType type, const std::vector<std::int64_t>& ints, const std::vector<float>& floats,
             std::deque<std::vector<std::int64_t>>& storage) {
  const std::size_t width = size_of(type);
  const std::size_t size = (type == DataType::kF32 ? floats.size() : ints.size()) * width;
  auto& words = storage.emplace_back((size + sizeof(std::int64_t) - 1) / sizeof(std::int64_t));
  auto* const data = reinterpret_cast<std::byte*>(words.data());
  if (size == 0) return {};
  if (type == DataType::kF32) {
    std::memcpy(data, floats.data(), size);
  } else {
    for (std::size_t i = 0; i < ints.size(); ++i) std::memcpy(data + i * width, &ints[i], width);
  }
  return {data, size};
}

Bytes aligned(Bytes data, DataType type, std::deque<std::vector<std::int64_t>>& storage) {
  if (reinterpret_cast<std::uintptr_t>(data.data()) % size_of(type) == 0) return data;
  auto& words =
      storage.emplace_back((data.size() + sizeof(std::int64_t) - 1) / sizeof(std::int64_t));
  std::memcpy(words.data(), data.data(), data.size());
  return {reinterpret_cast<const std::byte*>(words.data()), data.size()};
}

}  // namespace

Model::Initializer read_initializer(Bytes view, std::deque<std::vector<std::int64_t>>& storage) {
  Model::Initializer initializer;
  initializer.message = view;
  std::optional<Bytes> raw;
  std::vector<std::int64_t> ints;
  std::vector<float> floats;
  auto field = message<TensorField>(view);
  while (field.next()) {
    switch (field.tag()) {
      case TensorField::kName:
        initializer.name = name(field);
        break;
      case TensorField::kDataType:
        initializer.type = data_type(integer(field));
        break;
      case TensorField::kDims:
        append_integers(field, initializer.shape);
        break;
      case TensorField::kRawData:
        raw = bytes(field);
        break;
      case TensorField::kInt32Data:
      case TensorField::kInt64Data:
        append_integers(field, ints);
        break;
      case TensorField::kFloatData:
        if (field.has_wire_type(protozero::pbf_wire_type::length_delimited)) {
          for (const float value : field.get_packed_float()) floats.push_back(value);
        } else {
          floats.push_back(real(field));
        }
        break;
      default:
        field.skip();
    }
  }
  if (!initializer.type) return initializer;
  const std::size_t size = checked_bytes(initializer);
  initializer.data = raw ? aligned(*raw, *initializer.type, storage)
                         : stored(*initializer.type, ints, floats, storage);
  if (initializer.data.size() != size) {
    malformed("initializer '" + initializer.name + "' holds " +
              std::to_string(initializer.data.size()) + " bytes where its shape needs " +
              std::to_string(size));
  }
  return initializer;
}

}  // namespace camclassify::onnx
