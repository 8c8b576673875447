#pragma once

#include "ops/node.hpp"

namespace camclassify::testing {

inline constexpr DataType kPixelTypes[] = {DataType::kF32, DataType::kU8, DataType::kI16};

// Makes s8 weights at most so large: up to 64, products of two neighbours add up within 16 bits, up
// to 32 those of four.
void limit_pairs(Tensor& weights, int most = 64);

// Appends a convolution's constants with random weights of `shape`, such that the outputs use the
// range of their types: fp32 if `src` is f32, else int8. `activation` "table" adds random tables.
void add_convolution(Random& random, Node& node, DataType src, const Shape& shape,
                     const std::vector<DataType>& outputs, const std::string& activation);

// An activation that the op may have for these types.
std::string random_activation(Random& random, DataType src, const std::vector<DataType>& outputs);

// A type that an op may write when it reads `src`.
DataType random_output(Random& random, DataType src, bool f32_too);

}  // namespace camclassify::testing
