#pragma once

// Weights, biases and multipliers in the order in which the kernels of one instruction set read
// them.

#include <span>
#include <vector>

#include "kernels/kernel_set.hpp"
#include "memory/weight_arena.hpp"

namespace camclassify {

// A convolution's constants as a network file has them: views of memory that somebody else owns.
struct Convolution {
  bool int8 = false;
  TensorView weights;     // [O, ...]
  TensorView bias;        // [O]
  TensorView multiplier;  // [O], int8 only
  std::vector<TensorView> tables;
  Activation activation = Activation::kNone;

  int outputs() const { return static_cast<int>(weights.shape[0]); }
  // Weights of one output.
  int depth() const { return static_cast<int>(weights.size() / weights.shape[0]); }
};

// A convolution ready for a kernel. `epilogue` points into the buffers.
struct PackedConvolution {
  int channels = 0;
  int depth = 0;                  // weights of one output
  int steps = 0;                  // of a product over its reduction
  std::int64_t vector_bytes = 0;  // of a product's weights, for one vector of channels
  bool pair_limited = false;
  int order_length = 0;  // of Gemm::order for one block
  PackedBytes weights, order, bias, multiplier, table;
  Epilogue epilogue;
};

// Output channels `first` .. `first + count - 1` of a product with the reduction in `depths`, one
// for each segment. `weights` is [O][sum of depths], f32 or s8; `src` and `dst` are the types read
// and written; `table` is that of the output, if it has one.
PackedConvolution pack_pointwise(const Convolution& convolution, const std::byte* weights,
                                 int first, int count, std::span<const int> depths, DataType src,
                                 DataType dst, const TensorView* table);

// Weights [O, I, rows, columns] as [O, rows, columns, I], in the order in which pixels lie in
// memory.
std::vector<std::byte> channels_last(const Convolution& convolution);

// All outputs of a convolution with one segment.
PackedConvolution pack_pointwise(const Convolution& convolution, DataType src, DataType dst);

// Weights [C, k, k]; reads rows of f32, or of i16 in int8.
PackedConvolution pack_depthwise(const Convolution& convolution, DataType dst);

// Weights [C, k, k]; reads rows of u8 in planes (kernel_set.hpp) and writes u8.
PackedConvolution pack_depthwise_planes(const Convolution& convolution);

// Weights [O, I, 3, 3] of a convolution that reads f32, or u8 in int8, for the products of
// Winograd's transforms. In int8 the bias is four times what it would be, as are the weights.
PackedConvolution pack_winograd(const Convolution& convolution, DataType dst);

// A product of these weights; segments, pixels and destination are still to be filled in.
Gemm gemm_with(const PackedConvolution& packed);

// Of output channels, which can be computed apart: the widest that a kernel computes at once, and
// one with what is left over.
int block_count(const PackedConvolution& packed);

// Leaves blocks `first` .. `last - 1` of a product that is filled in and does not write planes.
void keep_blocks(Gemm& gemm, const PackedConvolution& packed, int first, int last);

// The kernel for activations of this type.
void run_gemm(const Gemm& gemm, DataType src);

}  // namespace camclassify
