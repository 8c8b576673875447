#pragma once

// The interface between the ops, compiled once, and the kernels (kernels.cpp with all that it
// includes), compiled once for every instruction set. Only plain structs pass through it, because
// an inline function shared by the two sides could be kept in the version that this machine cannot
// execute.

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "camclassify/tensor.hpp"
#include "kernels/layouts.hpp"

namespace camclassify {

enum class Activation : std::uint8_t {
  kNone,
  kRelu,
  kRelu6,
  kSilu,
  kHardSwish,
  kSigmoid,
  kTable,
  kClampToU8,  // u8 values that are stored as i16, for a depthwise convolution to read
};

enum class Residual : std::uint8_t { kNone, kBeforeActivation, kAfterActivation };

// From the accumulator to memory. docs/ops.md defines the arithmetic.
struct Epilogue {
  DataType type = DataType::kF32;  // of the output
  Activation activation = Activation::kNone;
  const std::byte* bias = nullptr;    // f32 or i32, packed order
  const float* multiplier = nullptr;  // packed order; int8 only
  const std::byte* table = nullptr;   // for Activation::kTable, as pack_table() leaves it
  Residual residual = Residual::kNone;
  float residual_multiplier = 1;
  float activation_multiplier = 1;
  float residual_offset = 0;
};

// A part of the reduction that is contiguous in memory for every pixel.
struct Segment {
  const std::byte* data = nullptr;  // of the first pixel
  std::ptrdiff_t stride = 0;        // bytes from pixel to pixel
  int depth = 0;                    // elements
};

// Planes: how a row of pixels lies where a depthwise convolution of f32 or u8 reads it. The pixels
// of one vector of channels lie side by side, which caches and prefetching like. For u8, the
// channels are cut into blocks of block_vectors() vectors of sums, as those of a product are: a
// vector of bytes holds one pixel's block, or those of two or four neighbours. The last plane is
// filled up with channels that nobody looks at.

// dst[pixel][channel] = epilogue(sum over the segments of weights * data).
struct Gemm {
  const Segment* segments = nullptr;
  int segment_count = 0;
  int pixels = 0;
  int channels = 0;
  const std::byte* weights = nullptr;  // as pack_pointwise() leaves them
  bool pair_limited = false;           // whether gemm_u8_pairs may multiply them
  // Not null if so: in which order the steps of each block's weights lie. Of each segment, the
  // number of pairs of steps whose products add up within i16, then where all its steps begin
  // in a pixel's data, in bytes: those pairs first. A step that is not whole is the last.
  const std::int32_t* order = nullptr;
  Epilogue epilogue;
  std::byte* dst = nullptr;
  std::ptrdiff_t dst_stride = 0;  // bytes from pixel to pixel
  // Not 0: dst is a row of that many pixels in planes, and `plane_first` the first that is written.
  int plane_pixels = 0;
  int plane_first = 0;
  const std::byte* residual = nullptr;
  std::ptrdiff_t residual_stride = 0;
};

// One row of a depthwise convolution whose input rows are padded already.
struct DepthwiseRow {
  const std::byte* const* rows = nullptr;  // `kernel` of them; f32 and u8 in planes, or i16
  int plane_pixels = 0;                    // of a row in planes
  int kernel = 3;
  int stride = 1;
  int channels = 0;
  int width = 0;                       // of dst
  const std::byte* weights = nullptr;  // as pack_depthwise() leaves them
  Epilogue epilogue;
  std::byte* dst = nullptr;
};

// A 3x3 convolution's elements of a tile, and tiles whose sums are kept at once (winograd.hpp).
constexpr int kWinogradElements = 16;
constexpr int kWinogradTiles = 24;

// Rows of tiles of 2x2 outputs of a 3x3 convolution with stride 1.
struct WinogradRows {
  const std::byte* rows = nullptr;  // padded: two more than outputs, with whole tiles
  std::ptrdiff_t row_bytes = 0;
  int src_channels = 0;
  int tile_rows = 0, tile_columns = 0;
  int height = 0, width = 0;           // of the outputs, which may leave out half of the last tiles
  const std::byte* weights = nullptr;  // as pack_winograd() leaves them
  Epilogue epilogue;
  std::byte* dst = nullptr;             // dense
  const std::byte* residual = nullptr;  // dense
  int dst_channels = 0;
  // Scratch: for each element what all tiles read, f32 or i16, so many bytes apart; and sums of
  // kWinogradTiles tiles for each element, of the widest block of channels.
  std::byte* transformed = nullptr;
  std::ptrdiff_t plane_bytes = 0;
  std::byte* sums = nullptr;
};

struct KernelSet {
  const char* name;
  PackedLayout layout;
  void (*gemm_f32)(const Gemm&);
  void (*gemm_u8)(const Gemm&);
  void (*gemm_u8_pairs)(const Gemm&);  // faster, for weights whose sums of two products fit in i16
  void (*gemm_i16)(const Gemm&);
  void (*winograd_f32)(const WinogradRows&);
  void (*winograd_u8)(const WinogradRows&);  // null where quads or signed pixels are multiplied
  void (*depthwise_f32)(const DepthwiseRow&);
  void (*depthwise_i16)(const DepthwiseRow&);
  void (*depthwise_u8)(const DepthwiseRow&);  // to u8; where there is no layout.native_quads: null
  // Pixels [pixels][channels] into a row of `plane_pixels` in planes, from `plane_first` on.
  void (*u8_to_planes)(const std::uint8_t* src, std::uint8_t* dst, int pixels, int channels,
                       int plane_pixels, int plane_first);
  void (*f32_to_planes)(const float* src, float* dst, int pixels, int channels, int plane_pixels,
                        int plane_first);
  void (*widen_u8)(const std::uint8_t* src, std::int16_t* dst, std::size_t count);
  void (*widen_u8_to_f32)(const std::uint8_t* src, float* dst, std::size_t count);
  // In place; `exact` as int8 networks need it.
  void (*sigmoid)(float* values, std::size_t count, bool exact);
  // dst = max(dst, src), elementwise; type u8, i16 or f32.
  void (*maximum)(const std::byte* src, std::byte* dst, DataType type, std::size_t count);
  // dst[channel] = sum over the pixels.
  void (*sum_f32)(const float* src, float* dst, std::size_t pixels, std::size_t channels);
  void (*sum_u8)(const std::uint8_t* src, std::int32_t* dst, std::size_t pixels,
                 std::size_t channels);
};

// Those that this machine executes, fastest first.
std::span<const KernelSet* const> kernel_sets();

// The fastest set that this machine executes, or the one that CAMCLASSIFY_TARGET names.
// Throws Error if that one does not exist or cannot run here.
const KernelSet& kernel_set();

// While there is one, kernel_set() of this thread is as this instruction set's kernels are laid
// out, for ops that are asked what work they do; none can be run. Every set is known, also those of
// other processors.
class DescribedSet {
 public:
  // Throws Error for a name that no set has.
  explicit DescribedSet(std::string_view name);
  ~DescribedSet();
  DescribedSet(const DescribedSet&) = delete;
  DescribedSet& operator=(const DescribedSet&) = delete;

 private:
  KernelSet set_ = {};
  const KernelSet* outer_;
};

// Number of vectors in the next block of output channels when `vectors` are still to be done.
constexpr int block_vectors(int vectors, int max_vectors) {
  int block = max_vectors;
  while (block > vectors) block /= 2;
  return block;
}

}  // namespace camclassify
