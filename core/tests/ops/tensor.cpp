#include "ops/tensor.hpp"

namespace camclassify::testing {

Tensor random_tensor(Random& random, DataType type, Shape shape) {
  Tensor tensor(type, std::move(shape));
  std::normal_distribution<float> normal;
  for (std::size_t i = 0; i < tensor.size(); ++i) {
    switch (type) {
      case DataType::kU8:
        tensor.set(i, uniform(random, 0, 255));
        break;
      case DataType::kS8:
        tensor.set(i, uniform(random, -128, 127));
        break;
      case DataType::kI16:
        tensor.set(i, uniform(random, -32768, 32767));
        break;
      default:
        tensor.set(i, normal(random));
        break;
    }
  }
  return tensor;
}

}  // namespace camclassify::testing
