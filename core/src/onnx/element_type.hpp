#pragma once

#include <cstdint>
#include <optional>

#include "camclassify/tensor.hpp"

namespace camclassify {

// The type that a number of ONNX's TensorProto.DataType stands for; nothing if only ONNX Runtime
// knows it. ONNX Runtime's own enumeration has the same numbers.
std::optional<DataType> data_type(std::int64_t element_type);

int element_type(DataType type);

}  // namespace camclassify
