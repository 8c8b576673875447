#include "kernels/counting.hpp"

#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "camclassify/error.hpp"
#include "kernels/layouts.hpp"

namespace camclassify {
namespace {

// A convolution of zeros.
struct Zeros {
  Zeros(bool int8, std::int64_t outputs, std::int64_t depth)
      : weights(static_cast<std::size_t>(outputs * depth)),
        bias(static_cast<std::size_t>(outputs)) {
    convolution.int8 = int8;
    convolution.weights = {int8 ? DataType::kS8 : DataType::kF32, {outputs, depth}, data(weights)};
    convolution.bias = {int8 ? DataType::kI32 : DataType::kF32, {outputs}, data(bias)};
    convolution.multiplier = {DataType::kF32, {outputs}, data(bias)};
  }
  static std::byte* data(std::vector<float>& values) {
    return reinterpret_cast<std::byte*>(values.data());
  }

  std::vector<float> weights, bias;
  Convolution convolution;
};

TEST_CASE("On every instruction set, the blocks of a product are what was packed for it") {
  for (const NamedLayout& set : kLayouts) {
    const DescribedSet described(set.name);
    CAPTURE(std::string(set.name));
    for (const DataType read : {DataType::kF32, DataType::kU8, DataType::kI16}) {
      for (const int channels : {1, 8, 16, 24, 33, 64, 200}) {
        const Zeros zeros(read != DataType::kF32, channels, 37);
        const PackedConvolution packed = pack_pointwise(
            zeros.convolution, read, read == DataType::kF32 ? DataType::kF32 : DataType::kU8);
        const ProductWork work = count_product(packed, read, 100, 1);
        std::int64_t bytes = 0;
        int vectors = 0;
        for (const BlockWork& block : work.blocks) {
          bytes += block.count * block.weight_bytes;
          vectors += block.count * block.vectors;
        }
        CHECK(align_up(static_cast<std::size_t>(bytes)) == packed.weights.size());
        CHECK(vectors == (channels + set.layout.lanes - 1) / set.layout.lanes);
        CHECK(work.steps == (read == DataType::kF32 ? 37 : read == DataType::kU8 ? 10 : 19));
        CHECK(work.rest == (channels % set.layout.lanes != 0));
      }
    }
  }
}

TEST_CASE(
    "On every instruction set, tiles cover every pixel once, and none is larger than the registers "
    "hold") {
  for (const NamedLayout& set : kLayouts) {
    const DescribedSet described(set.name);
    CAPTURE(std::string(set.name));
    const Zeros zeros(true, 7 * set.layout.lanes, 16);
    const PackedConvolution packed =
        pack_pointwise(zeros.convolution, DataType::kU8, DataType::kU8);
    for (int pixels = 1; pixels <= 60; ++pixels) {
      CAPTURE(pixels);
      for (const BlockWork& block : count_product(packed, DataType::kU8, pixels, 1).blocks) {
        std::int64_t covered = 0;
        for (const auto& [size, count] : block.tiles) {
          covered += size * count;
          CHECK(size * block.vectors <= (set.layout.max_vectors == 4 ? 24 : 12));
        }
        CHECK(covered == pixels);
      }
    }
  }
}

TEST_CASE("Tiles of few pixels at the end are avoided where two of middle size do") {
  const DescribedSet described("avx2");
  const Zeros zeros(false, 16, 16);
  const PackedConvolution packed =
      pack_pointwise(zeros.convolution, DataType::kF32, DataType::kF32);
  const auto tiles = [&](int pixels) {
    std::vector<std::pair<int, std::int64_t>> found;
    const ProductWork work = count_product(packed, DataType::kF32, pixels, 1);
    for (const auto& [size, count] : work.blocks[0].tiles) found.emplace_back(size, count);
    return found;
  };
  using Tiles = std::vector<std::pair<int, std::int64_t>>;
  CHECK(tiles(12) == Tiles{{6, 2}});
  CHECK(tiles(13) == Tiles{{6, 1}, {4, 1}, {3, 1}});
  CHECK(tiles(14) == Tiles{{6, 1}, {4, 2}});
  CHECK(tiles(15) == Tiles{{6, 2}, {3, 1}});
  CHECK(tiles(5) == Tiles{{4, 1}, {1, 1}});
}

TEST_CASE(
    "Where u8 is not multiplied in quads, weights that are not limited in pairs take twice the "
    "space, and the others are taken two steps at once: both in smaller tiles") {
  Zeros zeros(true, 16, 64);
  {
    const DescribedSet native("avxvnni");
    const PackedConvolution packed =
        pack_pointwise(zeros.convolution, DataType::kU8, DataType::kU8);
    CHECK(count_product(packed, DataType::kU8, 24, 1).blocks[0].tiles[0].pixels == 6);
  }
  const DescribedSet described("avx2");
  const auto work = [&] {
    const PackedConvolution packed =
        pack_pointwise(zeros.convolution, DataType::kU8, DataType::kU8);
    return count_product(packed, DataType::kU8, 24, 1).blocks[0];
  };
  const BlockWork limited = work();
  reinterpret_cast<std::int8_t*>(zeros.weights.data())[0] = 127;
  reinterpret_cast<std::int8_t*>(zeros.weights.data())[1] = 127;
  const BlockWork free = work();
  CHECK(limited.tiles[0].pixels == 4);
  CHECK(free.tiles[0].pixels == 4);
  CHECK(free.weight_bytes == 2 * limited.weight_bytes);
}

TEST_CASE("NEON without a dot product multiplies weights of -128 by another kernel") {
  const DescribedSet described("neon");
  Zeros zeros(true, 16, 64);
  const auto work = [&] {
    const PackedConvolution packed =
        pack_pointwise(zeros.convolution, DataType::kU8, DataType::kU8);
    return count_product(packed, DataType::kU8, 24, 1);
  };
  reinterpret_cast<std::int8_t*>(zeros.weights.data())[0] = -127;
  const ProductWork usual = work();
  CHECK(usual.pairs);
  CHECK(usual.blocks[0].tiles[0].pixels == 4);
  reinterpret_cast<std::int8_t*>(zeros.weights.data())[0] = -128;
  CHECK_FALSE(work().pairs);
}

TEST_CASE(
    "Bytes go straight to where they belong from the widest tiles, and from one that is a pixel") {
  const DescribedSet described("vnni");
  const auto copied = [](int channels, int pixels) {
    const Zeros zeros(true, channels, 64);
    const PackedConvolution packed =
        pack_pointwise(zeros.convolution, DataType::kU8, DataType::kU8);
    std::int64_t sum = 0;
    for (const BlockWork& block : count_product(packed, DataType::kU8, pixels, 1).blocks) {
      sum += block.count * block.copied;
    }
    return sum;
  };
  CHECK(copied(128, 64) == 0);
  CHECK(copied(128 + 16, 64) == 64);
  CHECK(copied(128 + 10, 64) == 64);
  CHECK(copied(16, 64) == 0);
  CHECK(copied(16, 66) == 2);        // two pixels are half a vector
  CHECK(copied(128 + 32, 64) == 0);  // each is half a vector, and written by itself
}

TEST_CASE("A depthwise convolution of u8 depends on what the instruction set has") {
  const auto work = [](const char* set, DataType read, int channels, int width) {
    const DescribedSet described(set);
    return count_depthwise(read, 3, 1, channels, width, 10);
  };
  // Three vectors of 16: four outputs at once, or one.
  const DepthwiseWork i16 = work("avx2", DataType::kI16, 40, 10);
  CHECK(i16.outputs == 10 * 3 * 10);
  CHECK(i16.tiles == 10 * 3 * (2 + 2));
  CHECK(i16.rest == 100);
  // Planes of 16, 16 and 8 channels: two, two and four pixels to a vector, two at once.
  const DepthwiseWork narrow = work("avxvnni", DataType::kU8, 40, 10);
  CHECK(narrow.outputs == 10 * (2 * 5 + 3));
  CHECK(narrow.tiles == 10 * (2 * 3 + 2));
  // Planes of 32 and 16: two and four pixels, four at once.
  const DepthwiseWork wide = work("vnni", DataType::kU8, 40, 10);
  CHECK(wide.outputs == 10 * (5 + 3));
  CHECK(wide.tiles == 10 * (2 + 3));
  CHECK(wide.rows == 10 * 2);
  // Half a vector of i16 is two pixels; the last is alone.
  const DepthwiseWork half = work("avx2", DataType::kI16, 8, 11);
  CHECK(half.outputs == 10 * (5 + 1));
  CHECK(half.tiles == 10 * (1 + 1 + 1));
  CHECK(half.rest == 0);
  // As many tiles as the widest would take; of each row a column is read once a tile.
  const DepthwiseWork f32 = work("avx2", DataType::kF32, 8, 10);
  CHECK(f32.tiles == 10 * 2);
  CHECK(f32.loaded_bytes == 10 * (10 + 2 * 2) * 3 * 32);
}

TEST_CASE("A set is described for as long as that lasts, and only where it is known") {
  const std::string before = kernel_set().name;
  {
    const DescribedSet described("neon");
    CHECK(kernel_set().layout.lanes == 4);
    CHECK(kernel_set().layout.max_vectors == 4);
  }
  CHECK(kernel_set().name == before);
  CHECK_THROWS_WITH_AS(DescribedSet("mmx"), doctest::Contains("mmx"), Error);
}

}  // namespace
}  // namespace camclassify
