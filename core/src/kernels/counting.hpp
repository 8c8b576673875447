#pragma once

// What the kernels do, in their own tiles (tiling.hpp), for the instruction set of kernel_set().

#include "camclassify/work.hpp"
#include "kernels/packing.hpp"

namespace camclassify {

// `times` products of so many pixels of type `read`; `planes` as in Gemm.
ProductWork count_product(const PackedConvolution& packed, DataType read, int pixels,
                          std::int64_t times, bool planes = false);

// Of products whose sums go to memory as they are.
ProductWork count_sums(const PackedConvolution& packed, DataType read, int pixels,
                       std::int64_t times);

// Of blocks `first` .. `last - 1` (block_count() in packing.hpp) only.
ProductWork count_blocks(const PackedConvolution& packed, DataType read, int pixels,
                         std::int64_t times, int first, int last, bool planes = false);

// `height` rows of `width` outputs of a depthwise convolution whose rows have type `read`.
DepthwiseWork count_depthwise(DataType read, int kernel, int stride, int channels, int width,
                              std::int64_t height);

}  // namespace camclassify
