#include "kernels/counting.hpp"

#include <algorithm>

#include "kernels/tiling.hpp"

namespace camclassify {
namespace {

constexpr int kLaneBytes = 4;

int vectors_of(int channels, int lanes) { return (channels + lanes - 1) / lanes; }

// Calls visit(vectors, first channel) for every block of output channels.
template <class Visit>
void for_each_block(int channels, const PackedLayout& layout, const Visit& visit) {
  int vectors = vectors_of(channels, layout.lanes);
  for (int first = 0; vectors > 0;) {
    const int block = block_vectors(vectors, layout.max_vectors);
    visit(block, first);
    first += block * layout.lanes;
    vectors -= block;
  }
}

Operands operands_of(DataType read, bool pair_limited, const PackedLayout& layout) {
  if (read == DataType::kI16) return Operands::kSingle;
  const bool pairs = read == DataType::kU8 && !layout.native_quads;
  if (pairs && !pair_limited) return Operands::kSplitQuads;
  if (layout.reads_blocks) return pairs ? Operands::kRotatedPairs : Operands::kBlocks;
  return pairs ? Operands::kTwoSteps : Operands::kSingle;
}

std::vector<BlockWork::Tiles> tiles_of(int pixels, int largest) {
  std::vector<BlockWork::Tiles> tiles;
  for (int left = pixels; left > 0; left -= tiles.back().pixels) {
    const int size = next_tile(left, largest);
    if (tiles.empty() || tiles.back().pixels != size) tiles.push_back({size, 0});
    ++tiles.back().count;
  }
  return tiles;
}

// Pixels of one block that go through a tile on the stack (PackedRows in epilogue.hpp).
std::int64_t copied_pixels(const BlockWork& block, int first, int channels,
                           const PackedLayout& layout) {
  const int width = block.vectors * layout.lanes;
  const int pixels_at_once = 4 / block.vectors;
  const int at_once_in_parts = layout.signed_pixels ? 1 : 2;
  std::int64_t copied = 0;
  for (const auto& [pixels, count] : block.tiles) {
    const bool dense = channels == width && pixels % pixels_at_once == 0;
    const bool whole = pixels_at_once <= at_once_in_parts && channels - first >= width;
    if (!dense && !whole) copied += pixels * count;
  }
  return copied;
}

bool is_alike(const BlockWork& a, const BlockWork& b) {
  return a.vectors == b.vectors && a.copied == b.copied;
}

}  // namespace

ProductWork count_product(const PackedConvolution& packed, DataType read, int pixels,
                          std::int64_t times, bool planes) {
  return count_blocks(packed, read, pixels, times, 0, block_count(packed), planes);
}

ProductWork count_sums(const PackedConvolution& packed, DataType read, int pixels,
                       std::int64_t times) {
  ProductWork work = count_product(packed, read, pixels, times);
  work.written = DataType::kF32;
  for (BlockWork& block : work.blocks) block.copied = 0;
  return work;
}

ProductWork count_blocks(const PackedConvolution& packed, DataType read, int pixels,
                         std::int64_t times, int first_block, int last_block, bool planes) {
  const PackedLayout& layout = kernel_set().layout;
  const int channels = packed.channels;
  ProductWork work;
  work.times = times;
  work.read = read;
  work.written = packed.epilogue.type;
  work.planes = planes;
  work.pairs = packed.pair_limited;
  work.pixels = pixels;
  work.operand_bytes =
      static_cast<std::int64_t>(pixels) * packed.depth * static_cast<std::int64_t>(size_of(read));
  work.steps = packed.steps;
  work.rest = channels % layout.lanes != 0;
  const Operands operands = operands_of(read, packed.pair_limited, layout);
  for_each_block(channels, layout, [&](int vectors, int first) {
    const int widest = layout.max_vectors * layout.lanes;
    if (first / widest < first_block || first / widest >= last_block) return;
    BlockWork block;
    block.count = 1;
    block.vectors = vectors;
    block.weight_bytes = vectors * packed.vector_bytes;
    block.tiles = tiles_of(pixels, largest_tile(vectors, layout.max_vectors, operands));
    if (work.written == DataType::kU8 && !planes) {
      block.copied = copied_pixels(block, first, channels, layout);
    }
    if (!work.blocks.empty() && is_alike(work.blocks.back(), block)) {
      ++work.blocks.back().count;
    } else {
      work.blocks.push_back(std::move(block));
    }
  });
  return work;
}

DepthwiseWork count_depthwise(DataType read, int kernel, int stride, int channels, int width,
                              std::int64_t height) {
  const PackedLayout& layout = kernel_set().layout;
  DepthwiseWork work;
  work.kernel = kernel;
  work.stride = stride;
  std::int64_t columns = 0;  // vectors of a row of input
  std::int64_t alone = 0;    // vectors that are read for one output
  // Rows of so many outputs, `at_once` to a vector, in tiles of `whole` vectors and of one.
  const auto add = [&](std::int64_t vectors, std::int64_t outputs, std::int64_t tiles,
                       int at_once) {
    work.rows += height * vectors;
    work.outputs += height * vectors * outputs;
    work.tiles += height * vectors * tiles;
    const int step = stride * at_once;
    columns += height * vectors * (outputs * step + tiles * (kernel - step));
  };
  if (read == DataType::kF32) {
    const int tiles = (width + kWidestF32Tile - 1) / kWidestF32Tile;
    add(vectors_of(channels, layout.lanes), width, tiles, 1);
  } else if (read == DataType::kI16) {
    const int lanes = 2 * layout.lanes;
    const int at_once = stride == 1 && 2 * channels == lanes ? 2 : 1;
    const int pairs = width / at_once;
    // What pairs leave over is done by itself.
    const int outputs = pairs + width % at_once;
    const int tiles = pairs / kWidestI16Tile + pairs % kWidestI16Tile + width % at_once;
    add(vectors_of(channels, lanes), outputs, tiles, at_once);
    if (at_once == 1 && channels % lanes != 0) work.rest = height * width;
  } else {
    const int widest = widest_u8_tile(layout.max_vectors);
    for_each_block(channels, layout, [&](int vectors, int) {
      const int at_once = plane_outputs(vectors, stride);
      const int whole = width / (widest * at_once);
      const int single = (width - whole * widest * at_once + at_once - 1) / at_once;
      add(1, whole * widest + single, whole + single, at_once);
    });
    if (kernel == 5) alone = work.outputs * kernel;
  }
  const std::int64_t rows = alone > 0 ? kernel - 1 : kernel;
  work.loaded_bytes = (columns * rows + alone) * layout.lanes * kLaneBytes;
  if (read != DataType::kI16 && channels % layout.lanes != 0) work.rest = height * width;
  return work;
}

}  // namespace camclassify
