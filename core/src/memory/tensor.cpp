#include "camclassify/tensor.hpp"

namespace camclassify {

std::size_t size_of(DataType type) {
  switch (type) {
    case DataType::kU8:
    case DataType::kS8:
      return 1;
    case DataType::kI16:
      return 2;
    case DataType::kI32:
    case DataType::kF32:
      return 4;
    case DataType::kI64:
      return 8;
  }
  return 0;
}

std::int64_t element_count(std::span<const std::int64_t> shape) {
  std::int64_t count = 1;
  for (const std::int64_t size : shape) count *= size;
  return count;
}

}  // namespace camclassify
