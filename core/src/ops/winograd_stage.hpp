#pragma once

// Convolutions of 3x3 with stride 1, in fewer multiplications (kernels/winograd.hpp), for the ops.

#include "kernels/work_split.hpp"
#include "ops/node_reader.hpp"

namespace camclassify {

class WinogradStage {
 public:
  // Whether such a convolution is computed so: it is exact, and faster than as a product.
  static bool suits(const Convolution& convolution, const Window& window, DataType src,
                    Residual residual);

  // `residual`: what the epilogue is to know of one.
  WinogradStage(const Convolution& convolution, const Window& window, DataType src, DataType dst,
                const Epilogue& residual);

  // Rows of tiles, two rows of output each, by which it can be split.
  static int tile_rows(int height) { return (height + 1) / 2; }

  // Scratch of one part, for a picture of this size.
  Checked part_bytes(const Extent& in) const;

  // Rows of tiles `begin` .. `end - 1`. `residual` is null, or like dst.
  void run(const Extent& in, const std::byte* src, std::byte* dst, const std::byte* residual,
           int begin, int end, std::byte* memory) const;

  // Adds to `work`, which has its parts, what they do.
  void count(const Extent& in, const Chunks& chunks, OpWork& work) const;

 private:
  // What lies one after the other in a part's scratch.
  struct Scratch {
    Checked row, padded, plane, transformed, sums;
  };
  Scratch scratch(const Extent& in) const;
  Extent output_of(const Extent& in) const;
  int tile_columns(const Extent& in) const { return tile_rows(window_.out_width(in.width)); }
  int tile_rows_at_once(const Extent& in) const;

  Window window_;
  DataType src_;
  PackedConvolution packed_;
};

}  // namespace camclassify
