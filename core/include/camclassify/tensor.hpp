#pragma once

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <span>
#include <string>
#include <vector>

namespace camclassify {

enum class DataType : std::uint8_t { kU8, kS8, kI16, kI32, kI64, kF32 };

// Bytes of one element.
std::size_t size_of(DataType type);

// Dimensions, outermost first. Activations are always NHWC.
using Shape = std::vector<std::int64_t>;

// Product of the dimensions; 1 for a scalar.
std::int64_t element_count(std::span<const std::int64_t> shape);

// A dense row-major tensor in memory that somebody else owns.
struct TensorView {
  DataType type = DataType::kF32;
  Shape shape;
  std::byte* data = nullptr;

  std::int64_t size() const { return element_count(shape); }
  std::size_t bytes() const { return static_cast<std::size_t>(size()) * size_of(type); }

  // The elements; T must be the C++ type of `type`.
  template <class T>
  std::span<T> as() const {
    return {reinterpret_cast<T*>(data), static_cast<std::size_t>(size())};
  }
};

}  // namespace camclassify
