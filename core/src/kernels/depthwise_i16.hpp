#pragma once

// One row of a depthwise convolution of i16, channels in vectors.

#include "kernels/activate_run.hpp"
#include "kernels/depthwise_window.hpp"
#include "kernels/epilogue.hpp"
#include "kernels/kernel_set.hpp"
#include "kernels/tiling.hpp"
#include "kernels/vector.hpp"

namespace camclassify {
namespace {

// The weights of one block of channels: of two taps for instructions that add two products, else of
// each tap. A small kernel's stay in registers for a whole row, where there are enough.
template <int K>
class RowWeights {
 public:
  static constexpr int kHalves = kPairsTaps ? 2 : 1;
  static constexpr int kRows = kPairsTaps ? (K + 1) / 2 : K;
  static constexpr int kVectors = (kPairsTaps ? depthwise_pairs(K) : K * K) * kHalves;
  static constexpr std::ptrdiff_t kBytes = kVectors * 4 * kLanes;

  HWY_INLINE explicit RowWeights(const std::byte* weights)
      : memory_(reinterpret_cast<const std::int16_t*>(weights)) {
    if constexpr (kHeld) {
      unroll<kVectors>([&](auto i) CAMCLASSIFY_ALWAYS_INLINE { held_[i] = load(i); });
    }
  }
  // For pairs of taps: for the lower or the upper half of the channels.
  HWY_INLINE V16 at(int tap, int half = 0) const {
    const int index = tap * kHalves + half;
    if constexpr (kHeld) return held_[index];
    return load(index);
  }

 private:
  static constexpr bool kHeld = kManyRegisters && kVectors <= 12;

  HWY_INLINE V16 load(int index) const { return hn::Load(D16(), memory_ + index * 2 * kLanes); }

  const std::int16_t* memory_;
  V16 held_[kHeld ? kVectors : 1];
};

// One vector of i16 gives two vectors of accumulators. Pairs of taps, one above the other, are
// interleaved; those of the last row are side by side, and the very last is paired with a weight of
// zero. The columns that M outputs read are loaded and interleaved once for all of them. R is the
// number of neighbouring pixels that one vector holds. Unless kFull, `rest` says how many channels
// there are.
template <int K, int S, int R, int M, bool kFull>
HWY_INLINE void depthwise_i16_tile(const DepthwiseRow& r, const RowWeights<K>& weights, int x,
                                   int channel, int rest) {
  constexpr int kStep = S * R;  // columns from output to output
  const D16 d;
  const auto load = [&](const std::int16_t* p) CAMCLASSIFY_ALWAYS_INLINE {
    return kFull ? hn::LoadU(d, p) : hn::LoadN(d, p, static_cast<std::size_t>(rest));
  };
  VI acc[M][2];
  const auto* bias = reinterpret_cast<const std::int32_t*>(r.epilogue.bias) + channel;
  const VI low_bias = hn::Load(DI(), bias), high_bias = hn::Load(DI(), bias + kLanes);
  unroll<M>([&](auto m) CAMCLASSIFY_ALWAYS_INLINE {
    acc[m][0] = low_bias;
    acc[m][1] = high_bias;
  });
  const std::ptrdiff_t start = static_cast<std::ptrdiff_t>(x) * S * r.channels + channel;
  unroll<RowWeights<K>::kRows>([&](auto i) CAMCLASSIFY_ALWAYS_INLINE {
#if HWY_ARCH_ARM_A64
    const auto* row = reinterpret_cast<const std::int16_t*>(r.rows[i]) + start;
    unroll<(M - 1) * kStep + K>([&](auto column) CAMCLASSIFY_ALWAYS_INLINE {
      const V16 taps = load(row + column * r.channels);
      unroll<M>([&](auto m) CAMCLASSIFY_ALWAYS_INLINE {
        constexpr int j = decltype(column)::value - decltype(m)::value * kStep;
        if constexpr (j >= 0 && j < K)
          multiply_add(acc[m][0], acc[m][1], taps, weights.at(i * K + j));
      });
    });
#else
    constexpr bool kLast = 2 * i + 1 == K;
    constexpr int kColumns = (M - 1) * kStep + K;
    const auto* above = reinterpret_cast<const std::int16_t*>(r.rows[2 * i]) + start;
    const auto* below =
        reinterpret_cast<const std::int16_t*>(r.rows[kLast ? 2 * i : 2 * i + 1]) + start;
    unroll<kColumns>([&](auto column) CAMCLASSIFY_ALWAYS_INLINE {
      constexpr int kNext = column + 1 < kColumns ? column + 1 : column;
      const V16 a = load(above + column * r.channels);
      const V16 b = load(below + (kLast ? kNext : column) * r.channels);
      const V16 taps_low = hn::InterleaveLower(d, a, b), taps_high = hn::InterleaveUpper(d, a, b);
      unroll<M>([&](auto m) CAMCLASSIFY_ALWAYS_INLINE {
        constexpr int j = decltype(column)::value - decltype(m)::value * kStep;
        if constexpr (j >= 0 && j < K && !(kLast && j % 2 == 1)) {
          constexpr int kTap = i * K + (kLast ? j / 2 : j);
          dot_pairs(acc[m][0], taps_low, weights.at(kTap, 0));
          dot_pairs(acc[m][1], taps_high, weights.at(kTap, 1));
        }
      });
    });
#endif
  });
  const std::ptrdiff_t size = element_bytes(r.epilogue.type);
  const std::ptrdiff_t pixel = r.channels * size;
  const Target target{r.dst + x * pixel + channel * size, pixel * R, nullptr, 0,
                      kFull ? 2 * kLanes : rest};
  store_short<Residual::kNone>(r.epilogue, channel, acc, target);
}

template <int K, int S>
void depthwise_i16_row(const DepthwiseRow& r) {
  constexpr int M = kWidestI16Tile;
  constexpr int kChannels = 2 * kLanes;
  for (int channel = 0; channel < r.channels; channel += kChannels) {
    const RowWeights<K> weights(r.weights + channel / kChannels * RowWeights<K>::kBytes);
    const int rest = r.channels - channel;
    int x = 0;
    if (rest >= kChannels) {
      for (; x + M <= r.width; x += M) {
        depthwise_i16_tile<K, S, 1, M, true>(r, weights, x, channel, rest);
      }
      for (; x < r.width; ++x) depthwise_i16_tile<K, S, 1, 1, true>(r, weights, x, channel, rest);
      continue;
    }
    if constexpr (S == 1) {
      // Half a vector of channels: two pixels fill it. pack_depthwise() repeats the weights.
      if (r.channels == kLanes) {
        for (; x + 2 * M <= r.width; x += 2 * M) {
          depthwise_i16_tile<K, 1, 2, M, true>(r, weights, x, 0, kChannels);
        }
        for (; x + 2 <= r.width; x += 2) {
          depthwise_i16_tile<K, 1, 2, 1, true>(r, weights, x, 0, kChannels);
        }
      }
    }
    for (; x + M <= r.width; x += M) {
      depthwise_i16_tile<K, S, 1, M, false>(r, weights, x, channel, rest);
    }
    for (; x < r.width; ++x) depthwise_i16_tile<K, S, 1, 1, false>(r, weights, x, channel, rest);
  }
}

void depthwise_i16(const DepthwiseRow& r) {
  with_window(r, [&](auto k, auto s) { activate_late(r, depthwise_i16_row<k, s>); });
}

}  // namespace
}  // namespace camclassify
