#pragma once

// One row of a depthwise convolution of u8, whose rows lie in planes (kernel_set.hpp). Four taps
// one above the other meet in one dot product: half the instructions of i16 and half the memory. Of
// a fifth row, four taps side by side do, and the last is alone.

#include "kernels/activate_run.hpp"
#include "kernels/depthwise_window.hpp"
#include "kernels/epilogue.hpp"
#include "kernels/kernel_set.hpp"
#include "kernels/tiling.hpp"
#include "kernels/vector.hpp"

namespace camclassify {
namespace {

// kBytes of each pixel, or the `rest` that there is.
template <int kBytes>
void copy_to_plane(const std::uint8_t* src, std::uint8_t* dst, int pixels, int channels, int rest) {
  for (int x = 0; x < pixels; ++x, src += channels, dst += kBytes) {
    if (rest >= kBytes) {
      std::memcpy(dst, src, kBytes);
    } else {
      std::memcpy(dst, src, static_cast<std::size_t>(rest));
    }
  }
}

void u8_to_planes(const std::uint8_t* src, std::uint8_t* dst, int pixels, int channels,
                  int plane_pixels, int plane_first) {
  int vectors = (channels + kLanes - 1) / kLanes;
  for (int channel = 0; vectors > 0;) {
    const int v = block_vectors(vectors, kMaxVectors);
    std::uint8_t* plane = dst + static_cast<std::ptrdiff_t>(channel) * plane_pixels +
                          static_cast<std::ptrdiff_t>(plane_first) * v * kLanes;
    const int rest = channels - channel;
    if (v == 4) copy_to_plane<4 * kLanes>(src + channel, plane, pixels, channels, rest);
    if (v == 2) copy_to_plane<2 * kLanes>(src + channel, plane, pixels, channels, rest);
    if (v == 1) copy_to_plane<kLanes>(src + channel, plane, pixels, channels, rest);
    channel += v * kLanes;
    vectors -= v;
  }
}

#if CAMCLASSIFY_VNNI || CAMCLASSIFY_NEON_DOT

// A plane whose blocks are V vectors of 32-bit sums: 4 / V pixels to a vector of bytes.
template <int V>
struct Plane {
  static constexpr int kBytes = V * kLanes;  // of a pixel
  static constexpr int kPixels = 4 / V;
  const DepthwiseRow* row;
  int channel;  // the first
  const std::byte* weights;
  const std::byte* bias;
  const float* multiplier;
};

// The taps' weights of one plane. A small kernel's stay in registers for a whole row, where there
// are enough.
template <int K>
class TapWeights {
 public:
  static constexpr int kQuads = depthwise_quads(K);

  HWY_INLINE explicit TapWeights(const std::byte* weights) : memory_(weights) {
    if constexpr (kHeld) {
      unroll<kVectors>([&](auto i) CAMCLASSIFY_ALWAYS_INLINE { held_[i] = load(i); });
    }
  }
  // Of a quad of taps, for sums v.
  HWY_INLINE QuadWeights at(int quad, int v) const {
    const int index = quad * 4 + v;
    if constexpr (kHeld) return held_[index];
    return load(index);
  }

 private:
  static constexpr int kVectors = kQuads * 4;
  static constexpr bool kHeld = kManyRegisters && kVectors <= 12;

  HWY_INLINE QuadWeights load(int index) const {
    return load_quad_weights(memory_ + index * kQuadWeightBytes);
  }

  const std::byte* memory_;
  QuadWeights held_[kHeld ? kVectors : 1];
};

// Output pixels `first` .. `first + count - 1`, which a packed vector holds.
template <int V>
HWY_INLINE void store_pixels(const Plane<V>& plane, V8 packed, int first, int count) {
  constexpr int kBytes = Plane<V>::kBytes;
  const DepthwiseRow& r = *plane.row;
  auto* dst = reinterpret_cast<std::uint8_t*>(r.dst) +
              static_cast<std::ptrdiff_t>(first) * r.channels + plane.channel;
  const int rest = r.channels - plane.channel;
  if (rest >= kBytes && count == Plane<V>::kPixels && (V == 4 || r.channels == kBytes)) {
    return hn::StoreU(packed, D8(), dst);
  }
  alignas(64) std::uint8_t bytes[4 * kLanes];
  hn::Store(packed, D8(), bytes);
  for (int p = 0; p < count; ++p, dst += r.channels) {
    if (rest >= kBytes) {
      std::memcpy(dst, bytes + p * kBytes, kBytes);
    } else {
      std::memcpy(dst, bytes + p * kBytes, static_cast<std::size_t>(rest));
    }
  }
}

// Bytes of four vectors side by side: a vector for each of the four sums that they go to.
HWY_INLINE void interleave(const V8 (&tap)[4], V16 (&quads)[4]) {
  const D16 d;
  const auto low = [&](V8 a, V8 b) CAMCLASSIFY_ALWAYS_INLINE {
    return hn::BitCast(d, hn::InterleaveLower(D8(), a, b));
  };
  const auto high = [&](V8 a, V8 b) CAMCLASSIFY_ALWAYS_INLINE {
    return hn::BitCast(d, hn::InterleaveUpper(D8(), a, b));
  };
  const V16 low01 = low(tap[0], tap[1]), low23 = low(tap[2], tap[3]);
  const V16 high01 = high(tap[0], tap[1]), high23 = high(tap[2], tap[3]);
  quads[0] = hn::InterleaveLower(d, low01, low23);
  quads[1] = hn::InterleaveUpper(d, low01, low23);
  quads[2] = hn::InterleaveLower(d, high01, high23);
  quads[3] = hn::InterleaveUpper(d, high01, high23);
}

// M vectors of outputs, from pixel x on. Every column is interleaved once for all that read it.
template <int K, int S, int M, int V>
HWY_INLINE void depthwise_planes_tile(const Plane<V>& plane, const TapWeights<K>& weights,
                                      const Table* table, int x) {
  constexpr int kOutputs = plane_outputs(V, S);  // of a vector
  constexpr int kStep = S * kOutputs;            // columns from vector to vector
  const DepthwiseRow& r = *plane.row;
  VI acc[M][4];
  unroll<4>([&](auto v) CAMCLASSIFY_ALWAYS_INLINE {
    const VI bias = hn::Load(DI(), reinterpret_cast<const std::int32_t*>(plane.bias) + v * kLanes);
    unroll<M>([&](auto m) CAMCLASSIFY_ALWAYS_INLINE { acc[m][v] = bias; });
  });
  const std::ptrdiff_t start = static_cast<std::ptrdiff_t>(plane.channel) * r.plane_pixels +
                               static_cast<std::ptrdiff_t>(x) * S * Plane<V>::kBytes;
  const auto load = [&](int row, int column) CAMCLASSIFY_ALWAYS_INLINE {
    const auto* src = reinterpret_cast<const std::uint8_t*>(r.rows[row]) + start;
    return for_quads(hn::LoadU(D8(), src + column * Plane<V>::kBytes));
  };
  const V8 zero = hn::Zero(D8());
  V16 quads[4];
  unroll<(M - 1) * kStep + K>([&](auto column) CAMCLASSIFY_ALWAYS_INLINE {
    const V8 taps[4] = {load(0, column), load(1, column), load(2, column),
                        K > 3 ? load(3, column) : zero};
    interleave(taps, quads);
    unroll<M>([&](auto m) CAMCLASSIFY_ALWAYS_INLINE {
      constexpr int j = decltype(column)::value - decltype(m)::value * kStep;
      if constexpr (j >= 0 && j < K) {
        unroll<4>([&](auto v) CAMCLASSIFY_ALWAYS_INLINE {
          dot_quads(acc[m][v], as_quads(quads[v]), weights.at(j, v));
        });
      }
    });
  });
  if constexpr (K == 5) {
    unroll<M>([&](auto m) CAMCLASSIFY_ALWAYS_INLINE {
      unroll<2>([&](auto quad) CAMCLASSIFY_ALWAYS_INLINE {
        constexpr int kLast = K - 1, kFirst = decltype(m)::value * kStep;
        const V8 taps[4] = {
            load(kLast, kFirst + 4 * quad), quad == 0 ? load(kLast, kFirst + 1) : zero,
            quad == 0 ? load(kLast, kFirst + 2) : zero, quad == 0 ? load(kLast, kFirst + 3) : zero};
        interleave(taps, quads);
        unroll<4>([&](auto v) CAMCLASSIFY_ALWAYS_INLINE {
          dot_quads(acc[m][v], as_quads(quads[v]), weights.at(K + quad, v));
        });
      });
    });
  }
  VF scale[4];
  load_scale<4>(plane.multiplier, scale);
  unroll<M>([&](auto m) CAMCLASSIFY_ALWAYS_INLINE {
    const auto rounded = [&](auto v) CAMCLASSIFY_ALWAYS_INLINE {
      return round_to_int(hn::Mul(hn::ConvertTo(DF(), acc[m][v]), scale[v]));
    };
    const std::integral_constant<int, 0> zero;
    const std::integral_constant<int, 1> one;
    const std::integral_constant<int, 2> two;
    const std::integral_constant<int, 3> three;
    const V16 low = hn::ReorderDemote2To(D16(), rounded(zero), rounded(one));
    const V16 high = hn::ReorderDemote2To(D16(), rounded(two), rounded(three));
    V8 packed = hn::ReorderDemote2To(D8(), low, high);
    if constexpr (!kTablesInRuns) {
      if (table) packed = (*table)(packed);
    }
    const int first = x + m * kOutputs;
    const int count = r.width - first < kOutputs ? r.width - first : kOutputs;
    store_pixels<V>(plane, packed, first, count);
  });
}

template <int K, int S, int V>
void depthwise_plane(const Plane<V>& plane, const Table* table) {
  constexpr int M = widest_u8_tile(kMaxVectors);
  constexpr int kOutputs = plane_outputs(V, S);
  const TapWeights<K> weights(plane.weights);
  const int width = plane.row->width;
  int x = 0;
  for (; x + M * kOutputs <= width; x += M * kOutputs) {
    depthwise_planes_tile<K, S, M, V>(plane, weights, table, x);
  }
  for (; x < width; x += kOutputs) depthwise_planes_tile<K, S, 1, V>(plane, weights, table, x);
}

template <int K, int S>
void depthwise_planes(const DepthwiseRow& r, const Table* table) {
  constexpr std::ptrdiff_t kWeightBytes = TapWeights<K>::kQuads * 4 * kQuadWeightBytes;
  int vectors = (r.channels + kLanes - 1) / kLanes;
  int channel = 0;
  for (int block = 0; vectors > 0; ++block) {
    const int v = block_vectors(vectors, kMaxVectors);
    const auto run = [&]<int V>(std::integral_constant<int, V>) {
      depthwise_plane<K, S, V>(
          {&r, channel, r.weights + block * kWeightBytes, r.epilogue.bias + block * 16 * kLanes,
           r.epilogue.multiplier + block * 4 * kLanes},
          table);
    };
    if (v == 4) run(std::integral_constant<int, 4>());
    if (v == 2) run(std::integral_constant<int, 2>());
    if (v == 1) run(std::integral_constant<int, 1>());
    channel += v * kLanes;
    vectors -= v;
  }
}

void depthwise_u8(const DepthwiseRow& r) {
  with_window(r, [&](auto k, auto s) {
    activate_late(r, [&](const DepthwiseRow& row) {
      if (row.epilogue.activation != Activation::kTable) {
        return depthwise_planes<k, s>(row, nullptr);
      }
      const Table table(reinterpret_cast<const std::uint8_t*>(row.epilogue.table));
      depthwise_planes<k, s>(row, &table);
    });
  });
}

#else

constexpr void (*depthwise_u8)(const DepthwiseRow&) = nullptr;

#endif

}  // namespace
}  // namespace camclassify
