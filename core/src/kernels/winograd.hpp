#pragma once

// Convolutions of 3x3 by Winograd's F(2x2, 3x3): two by two outputs take 16 multiply-adds for each
// input channel instead of 36. What surrounds them, 4x4 elements, and the weights are transformed;
// sixteen products, one for each element, follow, and their sums are transformed back.
//
// In int8 the transformed weights are four times what they would be (packing.hpp), so that they,
// as pixels, are whole numbers within i16, and a fourth of the transformed sums is exact.
//
// Source: A. Lavin and S. Gray, "Fast Algorithms for Convolutional Neural Networks", CVPR 2016,
// https://arxiv.org/abs/1509.09308.

#include "kernels/gemm.hpp"

namespace camclassify {
namespace {

struct WinogradF32 {
  using D = DF;
  using Product = F32Product;
  static constexpr std::ptrdiff_t kReadBytes = 4;  // of an element as it is read
  // Vectors of a block of channels that are packed together when they are stored.
  template <int V>
  static constexpr int kPacked = 1;

  static HWY_INLINE VF load(const std::byte* p) {
    return hn::LoadU(DF(), reinterpret_cast<const float*>(p));
  }
  static HWY_INLINE VF load_some(const std::byte* p, std::size_t count) {
    return hn::LoadN(DF(), reinterpret_cast<const float*>(p), count);
  }
  static HWY_INLINE VF finish(VF sum) { return sum; }
};

// i16 pairs whose sums go to memory as they are.
struct WinogradProduct : I16Product {};
template <>
constexpr bool kLeavesSums<WinogradProduct> = true;

struct WinogradU8 {
  using D = D16;
  using Product = WinogradProduct;
  static constexpr std::ptrdiff_t kReadBytes = 1;
  template <int V>
  static constexpr int kPacked = V;

  using Bytes = hn::Rebind<std::uint8_t, D16>;
  static HWY_INLINE V16 load(const std::byte* p) {
    return hn::PromoteTo(D16(), hn::LoadU(Bytes(), reinterpret_cast<const std::uint8_t*>(p)));
  }
  static HWY_INLINE V16 load_some(const std::byte* p, std::size_t count) {
    return hn::PromoteTo(D16(),
                         hn::LoadN(Bytes(), reinterpret_cast<const std::uint8_t*>(p), count));
  }
  static HWY_INLINE VI finish(VI sum) { return hn::ShiftRight<2>(sum); }
};

// Four elements on the way in: d0 - d2, d1 + d2, d2 - d1, d1 - d3.
template <class Vector>
HWY_INLINE void transform_in(Vector (&d)[4]) {
  const Vector second = d[1];
  d[0] = hn::Sub(d[0], d[2]);
  d[1] = hn::Add(second, d[2]);
  d[2] = hn::Sub(d[2], second);
  d[3] = hn::Sub(second, d[3]);
}

// A vector of channels of one tile, from its first element on.
template <class Input, class Load>
HWY_INLINE void transform_tile(const WinogradRows& w, const std::byte* src, std::byte* dst,
                               const Load& load, std::size_t count) {
  using Vector = hn::Vec<typename Input::D>;
  using T = hn::TFromD<typename Input::D>;
  const typename Input::D d;
  Vector columns[4][4];
  unroll<4>([&](auto x) CAMCLASSIFY_ALWAYS_INLINE {
    const std::byte* column = src + x * w.src_channels * Input::kReadBytes;
    unroll<4>([&](auto y)
                  CAMCLASSIFY_ALWAYS_INLINE { columns[x][y] = load(column + y * w.row_bytes); });
    transform_in(columns[x]);
  });
  unroll<4>([&](auto y) CAMCLASSIFY_ALWAYS_INLINE {
    Vector row[4] = {columns[0][y], columns[1][y], columns[2][y], columns[3][y]};
    transform_in(row);
    unroll<4>([&](auto x) CAMCLASSIFY_ALWAYS_INLINE {
      T* to = reinterpret_cast<T*>(dst + (4 * y + x) * w.plane_bytes);
      count == hn::MaxLanes(d) ? hn::StoreU(row[x], d, to) : hn::StoreN(row[x], d, to, count);
    });
  });
}

template <class Input>
HWY_NOINLINE void transform_tiles(const WinogradRows& w) {
  constexpr std::size_t kVector = hn::MaxLanes(typename Input::D());
  constexpr std::ptrdiff_t kSize = sizeof(hn::TFromD<typename Input::D>);
  const std::size_t channels = static_cast<std::size_t>(w.src_channels);
  std::byte* dst = w.transformed;
  for (int y = 0; y < w.tile_rows; ++y) {
    const std::byte* src = w.rows + 2 * y * w.row_bytes;
    for (int x = 0; x < w.tile_columns; ++x) {
      std::size_t c = 0;
      for (; c + kVector <= channels; c += kVector) {
        transform_tile<Input>(w, src + c * Input::kReadBytes, dst + c * kSize, Input::load,
                              kVector);
      }
      if (const std::size_t rest = channels - c; rest > 0) {
        const auto load = [&](const std::byte* p)
                              CAMCLASSIFY_ALWAYS_INLINE { return Input::load_some(p, rest); };
        transform_tile<Input>(w, src + c * Input::kReadBytes, dst + c * kSize, load, rest);
      }
      src += 2 * w.src_channels * Input::kReadBytes;
      dst += w.src_channels * kSize;
    }
  }
}

// On the way out: s0 + s1 + s2 and s1 - s2 - s3.
template <class Vector>
HWY_INLINE void transform_out(const Vector (&s)[4], Vector& first, Vector& second) {
  first = hn::Add(hn::Add(s[0], s[1]), s[2]);
  second = hn::Sub(hn::Sub(s[1], s[2]), s[3]);
}

// The outputs of one tile, some vectors of channels, as far as they are there. Its sums lie
// `apart` bytes apart from element to element.
template <class Input, int V>
HWY_NOINLINE void write_tile(const WinogradRows& w, const Epilogue& epilogue, int tile, int channel,
                             const std::byte* sums, std::ptrdiff_t apart) {
  using Accumulator = typename Input::Product::Accumulator;
  using Number = hn::TFromV<Accumulator>;
  const hn::ScalableTag<Number> d;
  Accumulator acc[2][2][V];
  unroll<V>([&](auto v) CAMCLASSIFY_ALWAYS_INLINE {
    Accumulator rows[2][4];
    unroll<4>([&](auto x) CAMCLASSIFY_ALWAYS_INLINE {
      Accumulator column[4];
      unroll<4>([&](auto y) CAMCLASSIFY_ALWAYS_INLINE {
        const std::byte* from = sums + (4 * y + x) * apart + v * kLanes * 4;
        column[y] = hn::Load(d, reinterpret_cast<const Number*>(from));
      });
      transform_out(column, rows[0][x], rows[1][x]);
    });
    unroll<2>([&](auto y) CAMCLASSIFY_ALWAYS_INLINE {
      Accumulator first, second;
      transform_out(rows[y], first, second);
      acc[y][0][v] = Input::finish(first);
      acc[y][1][v] = Input::finish(second);
    });
  });
  const int x = 2 * (tile % w.tile_columns), y = 2 * (tile / w.tile_columns);
  const std::ptrdiff_t size = element_bytes(epilogue.type);
  const std::ptrdiff_t pixel = w.dst_channels * size;
  const int rest = w.dst_channels - channel;
  // A pixel that has no neighbour is written twice.
  const bool single = x + 1 == w.width;
  for (int row = 0; row < 2 && y + row < w.height; ++row) {
    if (single) {
      unroll<V>([&](auto v) CAMCLASSIFY_ALWAYS_INLINE { acc[row][1][v] = acc[row][0][v]; });
    }
    const std::ptrdiff_t at = ((y + row) * std::ptrdiff_t{w.width} + x) * pixel + channel * size;
    const std::ptrdiff_t stride = single ? 0 : pixel;
    store<2, V>(epilogue, channel, acc[row],
                {w.dst + at, stride, w.residual ? w.residual + at : nullptr,
                 w.residual ? stride : 0, rest < V * kLanes ? rest : V * kLanes});
  }
}

// All tiles, one block of channels.
template <class Input, int V>
void winograd_block(const WinogradRows& w, const Epilogue& epilogue, int channel,
                    const std::byte* weights) {
  using Product = typename Input::Product;
  constexpr std::ptrdiff_t kVectorBytes = kLanes * 4, kTileBytes = V * kVectorBytes;
  constexpr std::ptrdiff_t kElementBytes = kWinogradTiles * kTileBytes;
  alignas(64) static constexpr std::byte kNoBias[kTileBytes] = {};
  const std::ptrdiff_t tile_bytes =
      w.src_channels * std::ptrdiff_t{sizeof(hn::TFromD<typename Input::D>)};
  const int steps = (w.src_channels + Product::kStep - 1) / Product::kStep;
  const int tiles = w.tile_rows * w.tile_columns;
  Segment segment{nullptr, tile_bytes, w.src_channels};
  Gemm g;
  g.segments = &segment;
  g.segment_count = 1;
  g.channels = V * kLanes;
  g.dst_stride = kTileBytes;
  for (int first = 0, count = 0; first < tiles; first += count) {
    count = tiles - first < kWinogradTiles ? tiles - first : kWinogradTiles;
    for (int element = 0; element < kWinogradElements; ++element) {
      segment.data = w.transformed + element * w.plane_bytes + first * tile_bytes;
      // Of all elements, this one goes into each of the outputs, and once.
      g.epilogue.bias = element == 5 ? epilogue.bias + channel * 4 : kNoBias;
      g.dst = w.sums + element * kElementBytes;
      gemm_block<Product, V>(g, 0, count, steps, 0,
                             weights + std::ptrdiff_t{element} * steps * V * Product::kWeightBytes,
                             nullptr);
    }
    for (int tile = 0; tile < count; ++tile) {
      for (int v = 0; v < V && channel + v * kLanes < w.dst_channels;
           v += Input::template kPacked<V>) {
        write_tile<Input, Input::template kPacked<V>>(
            w, epilogue, first + tile, channel + v * kLanes,
            w.sums + tile * kTileBytes + v * kVectorBytes, kElementBytes);
      }
    }
  }
}

template <class Input>
void winograd(const WinogradRows& w) {
  using Product = typename Input::Product;
  transform_tiles<Input>(w);
  const bool in_runs = activates_runs(w.epilogue);
  const Epilogue epilogue = in_runs ? without_activation(w.epilogue) : w.epilogue;
  const int steps = (w.src_channels + Product::kStep - 1) / Product::kStep;
  const std::byte* weights = w.weights;
  int vectors = (w.dst_channels + kLanes - 1) / kLanes;
  for (int channel = 0; vectors > 0;) {
    const int v = block_vectors(vectors, kMaxVectors);
    if (v == 4) winograd_block<Input, kMaxVectors>(w, epilogue, channel, weights);
    if (v == 2) winograd_block<Input, 2>(w, epilogue, channel, weights);
    if (v == 1) winograd_block<Input, 1>(w, epilogue, channel, weights);
    weights += std::ptrdiff_t{kWinogradElements} * steps * v * Product::kWeightBytes;
    channel += v * kLanes;
    vectors -= v;
  }
  if (in_runs) {
    const bool after = w.epilogue.residual == Residual::kAfterActivation;
    activate_run(w.epilogue, w.dst, after ? w.residual : nullptr,
                 static_cast<std::size_t>(w.height) * static_cast<std::size_t>(w.width) *
                     static_cast<std::size_t>(w.dst_channels));
  }
}

// Elsewhere a product of two i16 takes as long as one of four u8, or longer.
constexpr bool kTransformsU8 = kMultipliesPairs && HWY_ARCH_X86;
static_assert(!kTransformsU8 || kTablesInRuns,
              "a residual would be added twice to a pixel that is written twice");

consteval auto winograd_u8() -> void (*)(const WinogradRows&) {
  if constexpr (kTransformsU8) return winograd<WinogradU8>;
  return nullptr;
}

}  // namespace
}  // namespace camclassify
