#include "ops/winograd_stage.hpp"

#include <algorithm>
#include <cstdlib>

#include "kernels/counting.hpp"
#include "ops/padded_row.hpp"

namespace camclassify {
namespace {

// As many rows of tiles are transformed at once as keep within this: they are read again for each
// block of channels.
constexpr std::size_t kTransformedBytes = 256 * 1024;
// Of inputs as of outputs: with fewer, the transforms take what the products spare.
constexpr std::int64_t kFewestF32Channels = 16, kFewestInt8Channels = 32;

DataType transformed_type(DataType src) {
  return src == DataType::kF32 ? DataType::kF32 : DataType::kI16;
}

// Whether four times each sum stays within i32.
bool stays_exact(const Convolution& c) {
  constexpr std::int64_t kMost = std::int64_t{1} << 29;
  const auto weights = c.weights.as<const std::int8_t>();
  const auto biases = c.bias.as<const std::int32_t>();
  const std::size_t depth = static_cast<std::size_t>(c.depth());
  for (std::size_t o = 0; o < biases.size(); ++o) {
    std::int64_t most = std::abs(std::int64_t{biases[o]});
    for (const std::int8_t weight : weights.subspan(o * depth, depth))
      most += 255 * std::abs(weight);
    if (most >= kMost) return false;
  }
  return true;
}

}  // namespace

bool WinogradStage::suits(const Convolution& c, const Window& window, DataType src,
                          Residual residual) {
  if (window.kernel != 3 || window.kernel_width != 3 || window.stride != 1) return false;
  const std::int64_t fewest = c.int8 ? kFewestInt8Channels : kFewestF32Channels;
  if (std::min(c.weights.shape[0], c.weights.shape[1]) < fewest) return false;
  if (!c.int8) return true;
  // Which the kernel adds where it looks up an activation.
  if (residual == Residual::kAfterActivation && c.activation != Activation::kTable) return false;
  // Where four u8 are multiplied in one instruction, products of two i16 take as long.
  const PackedLayout& layout = kernel_set().layout;
  return src == DataType::kU8 && !layout.native_quads && !layout.signed_pixels && stays_exact(c);
}

WinogradStage::WinogradStage(const Convolution& c, const Window& window, DataType src, DataType dst,
                             const Epilogue& residual)
    : window_(window), src_(src), packed_(pack_winograd(c, dst)) {
  set_residual(packed_.epilogue, residual);
}

Extent WinogradStage::output_of(const Extent& in) const {
  return {1, window_.out_height(in.height), window_.out_width(in.width), packed_.channels};
}

int WinogradStage::tile_rows_at_once(const Extent& in) const {
  const std::size_t row = kWinogradElements * static_cast<std::size_t>(tile_columns(in)) *
                          static_cast<std::size_t>(in.channels) * size_of(transformed_type(src_));
  return std::clamp(static_cast<int>(kTransformedBytes / std::max<std::size_t>(row, 1)), 1,
                    tile_rows(window_.out_height(in.height)));
}

WinogradStage::Scratch WinogradStage::scratch(const Extent& in) const {
  const int rows = tile_rows_at_once(in), columns = tile_columns(in);
  const PackedLayout& layout = kernel_set().layout;
  const Checked row = align_up((Checked(2) * columns + 2) * in.channels * size_of(src_));
  // Planes that lie a power of two apart would meet in the same sets of the cache.
  const Checked plane =
      align_up(Checked(rows) * columns * in.channels * size_of(transformed_type(src_))) +
      kAlignment;
  return {
      .row = row,
      .padded = row * (2 * rows + 2),
      .plane = plane,
      .transformed = plane * kWinogradElements,
      .sums = Checked(kWinogradElements) * kWinogradTiles * layout.max_vectors * layout.lanes * 4};
}

Checked WinogradStage::part_bytes(const Extent& in) const {
  const Scratch s = scratch(in);
  return s.padded + s.transformed + s.sums;
}

void WinogradStage::run(const Extent& in, const std::byte* src, std::byte* dst,
                        const std::byte* residual, int begin, int end, std::byte* memory) const {
  const Extent out = output_of(in);
  const Scratch sizes = scratch(in);
  const std::size_t pixel = static_cast<std::size_t>(in.channels) * size_of(src_);
  const std::size_t in_row = pixel * static_cast<std::size_t>(in.width);
  const std::size_t out_row = static_cast<std::size_t>(out.width) *
                              static_cast<std::size_t>(out.channels) *
                              size_of(packed_.epilogue.type);
  std::byte* const padded = memory;
  WinogradRows rows;
  rows.rows = padded;
  rows.row_bytes = static_cast<std::ptrdiff_t>(sizes.row.value());
  rows.src_channels = in.channels;
  rows.dst_channels = out.channels;
  rows.width = out.width;
  rows.tile_columns = tile_columns(in);
  rows.weights = packed_.weights.data();
  rows.epilogue = packed_.epilogue;
  rows.transformed = padded + sizes.padded.value();
  rows.plane_bytes = static_cast<std::ptrdiff_t>(sizes.plane.value());
  rows.sums = rows.transformed + sizes.transformed.value();
  const int at_once = tile_rows_at_once(in);
  for (int first = begin; first < end; first += at_once) {
    rows.tile_rows = std::min(at_once, end - first);
    const int top = 2 * first;
    rows.height = std::min(2 * rows.tile_rows, out.height - top);
    for (int i = 0; i < 2 * rows.tile_rows + 2; ++i) {
      const int y = top - window_.top + i;
      const bool inside = y >= 0 && y < in.height;
      write_padded_row(window_, src_, inside ? src + static_cast<std::size_t>(y) * in_row : nullptr,
                       in.width, pixel, padded + static_cast<std::size_t>(i) * sizes.row.value(),
                       2 * rows.tile_columns + 2);
    }
    const std::size_t at = static_cast<std::size_t>(top) * out_row;
    rows.dst = dst + at;
    rows.residual = residual ? residual + at : nullptr;
    src_ == DataType::kU8 ? kernel_set().winograd_u8(rows) : kernel_set().winograd_f32(rows);
  }
}

void WinogradStage::count(const Extent& in, const Chunks& chunks, OpWork& work) const {
  const Scratch sizes = scratch(in);
  const int at_once = tile_rows_at_once(in), columns = tile_columns(in);
  const auto row = static_cast<std::int64_t>(sizes.row.value());
  const DataType type = transformed_type(src_);
  work.weight_bytes = static_cast<std::int64_t>(packed_.weights.size());
  for_each_chunk(chunks, [&](int begin, int end) {
    for (int y = begin; y < end; y += at_once) {
      const int rows = std::min(at_once, end - y), tiles = rows * columns;
      const std::int64_t elements = std::int64_t{in.batch} * kWinogradElements * tiles;
      work.padded_bytes += in.batch * (2 * rows + 2) * row;
      work.copied_bytes += elements * in.channels * static_cast<std::int64_t>(size_of(type));
      work.inside_bytes += elements * packed_.channels * 4;
      work.products.push_back(
          count_sums(packed_, type, tiles, std::int64_t{in.batch} * kWinogradElements));
    }
  });
}

}  // namespace camclassify
