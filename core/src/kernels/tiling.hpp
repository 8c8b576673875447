#pragma once

// How the kernels cut their work into tiles, for them and for those who count it (counting.hpp).

namespace camclassify {
namespace {

// What a product needs of registers beside its sums.
enum class Operands {
  kSingle,
  kSplitQuads,    // u8 in fours that are two vectors each, of i16
  kTwoSteps,      // two steps at once
  kBlocks,        // four steps of each pixel
  kRotatedPairs,  // and those rotated for each step
};

// Pixels in the largest tile of a product with so many vectors of channels: as many as the
// registers hold.
constexpr int largest_tile(int vectors, int max_vectors, Operands operands) {
  if (operands == Operands::kRotatedPairs) return vectors == 4 ? 4 : vectors == 2 ? 6 : 8;
  if (operands == Operands::kBlocks) return vectors == 4 ? 6 : vectors == 2 ? 8 : 12;
  if (max_vectors == 4 && operands == Operands::kTwoSteps) {
    return vectors == 4 ? 4 : vectors == 2 ? 8 : 16;
  }
  if (max_vectors == 4) return vectors == 4 ? 6 : vectors == 2 ? 12 : 16;
  if (vectors == 2) return operands == Operands::kSingle ? 6 : 4;
  return 8;
}

// Pixels in the next tile when `left` are still to be done, at most `largest`. Too few sums wait
// for each other: better two tiles of middle size at the end than a small one.
constexpr int next_tile(int left, int largest) {
  const bool leaves_few = largest <= 6 && (left == largest + 1 || left == largest + 2);
  if (left >= largest && !leaves_few) return largest;
  if (largest == 6 && left == 3) return 3;
  if (largest == 4 && (left == 5 || left == 3)) return 3;
  return left >= 4 ? 4 : left >= 2 ? 2 : 1;
}

// Vectors of outputs in the widest tile of a row of a depthwise convolution.
constexpr int kWidestF32Tile = 7;
constexpr int widest_u8_tile(int max_vectors) { return max_vectors == 4 ? 4 : 2; }
constexpr int kWidestI16Tile = 4;

// Neighbouring outputs in a vector of the plane of a u8 depthwise convolution, `vectors` of sums
// wide.
constexpr int plane_outputs(int vectors, int stride) { return stride == 1 ? 4 / vectors : 1; }

// Pairs of taps for one output of an i16 depthwise convolution: of two rows one above the other,
// and of the last row side by side.
constexpr int depthwise_pairs(int kernel) { return kernel / 2 * kernel + (kernel + 1) / 2; }

// Dot products of four taps for one output of a u8 depthwise convolution: one for each column of
// the first four rows, and of a fifth row one for four columns and one for the last.
constexpr int depthwise_quads(int kernel) { return kernel == 5 ? 7 : kernel; }

}  // namespace
}  // namespace camclassify
