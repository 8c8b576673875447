#pragma once

#include <cstddef>
#include <random>
#include <vector>

#include "camclassify/tensor.hpp"

namespace camclassify::testing {

using Random = std::mt19937;

inline int uniform(Random& random, int low, int high) {
  return std::uniform_int_distribution<int>(low, high)(random);
}

// A tensor that owns its elements. Elements are read and written as doubles, which hold all types
// exactly.
class Tensor {
 public:
  Tensor() = default;
  Tensor(DataType type, Shape shape)
      : type_(type),
        shape_(std::move(shape)),
        bytes_(static_cast<std::size_t>(element_count(shape_)) * size_of(type)) {}

  DataType type() const { return type_; }
  const Shape& shape() const { return shape_; }
  std::size_t size() const { return bytes_.size() / size_of(type_); }
  const std::vector<std::byte>& bytes() const { return bytes_; }
  TensorView view() const { return {type_, shape_, const_cast<std::byte*>(bytes_.data())}; }

  double operator[](std::size_t i) const {
    switch (type_) {
      case DataType::kU8:
        return reinterpret_cast<const std::uint8_t*>(bytes_.data())[i];
      case DataType::kS8:
        return reinterpret_cast<const std::int8_t*>(bytes_.data())[i];
      case DataType::kI16:
        return reinterpret_cast<const std::int16_t*>(bytes_.data())[i];
      case DataType::kI32:
        return reinterpret_cast<const std::int32_t*>(bytes_.data())[i];
      default:
        return reinterpret_cast<const float*>(bytes_.data())[i];
    }
  }

  void set(std::size_t i, double value) {
    switch (type_) {
      case DataType::kU8:
        store<std::uint8_t>(i, value);
        break;
      case DataType::kS8:
        store<std::int8_t>(i, value);
        break;
      case DataType::kI16:
        store<std::int16_t>(i, value);
        break;
      case DataType::kI32:
        store<std::int32_t>(i, value);
        break;
      default:
        store<float>(i, value);
        break;
    }
  }

 private:
  template <class T>
  void store(std::size_t i, double value) {
    reinterpret_cast<T*>(bytes_.data())[i] = static_cast<T>(value);
  }

  DataType type_ = DataType::kF32;
  Shape shape_;
  std::vector<std::byte> bytes_;
};

// Values over the whole range of the type; f32 is normally distributed.
Tensor random_tensor(Random& random, DataType type, Shape shape);

}  // namespace camclassify::testing
