#pragma once

// One row of a depthwise convolution, channels in vectors.

#include "kernels/kernel_set.hpp"
#include "kernels/simd/epilogue.hpp"
#include "kernels/simd/vector.hpp"

namespace camclassify {
namespace {

// M neighbouring outputs of one vector of channels. `rest` < kLanes: only so many channels. Every
// column is loaded once for all the outputs that read it.
template <int K, int S, int M>
HWY_INLINE void depthwise_f32_tile(const DepthwiseRow& r, int x, int channel, int rest) {
  const DF d;
  const auto load = [&](const float* p) CAMCLASSIFY_ALWAYS_INLINE {
    return rest >= kLanes ? hn::LoadU(d, p) : hn::LoadN(d, p, static_cast<std::size_t>(rest));
  };
  const int padded = round_up(r.channels, kLanes);
  const float* weights = reinterpret_cast<const float*>(r.weights) + channel;
  VF acc[M][1];
  const VF bias = hn::Load(d, reinterpret_cast<const float*>(r.epilogue.bias) + channel);
  unroll<M>([&](auto m) CAMCLASSIFY_ALWAYS_INLINE { acc[m][0] = bias; });
  for (int i = 0; i < K; ++i) {
    const float* row = reinterpret_cast<const float*>(r.rows[i]) + x * S * r.channels + channel;
    VF w[K];
    unroll<K>([&](auto j) CAMCLASSIFY_ALWAYS_INLINE {
      w[j] = hn::Load(d, weights + (i * K + j) * padded);
    });
    unroll<(M - 1) * S + K>([&](auto column) CAMCLASSIFY_ALWAYS_INLINE {
      const VF value = load(row + column * r.channels);
      unroll<M>([&](auto m) CAMCLASSIFY_ALWAYS_INLINE {
        constexpr int j = decltype(column)::value - decltype(m)::value * S;
        if constexpr (j >= 0 && j < K) acc[m][0] = hn::MulAdd(value, w[j], acc[m][0]);
      });
    });
  }
  const std::ptrdiff_t pixel = static_cast<std::ptrdiff_t>(r.channels) * 4;
  const Target target{r.dst + x * pixel + channel * 4, pixel, nullptr, 0, rest};
  store<M, 1>(r.epilogue, channel, acc, target);
}

template <int K, int S>
void depthwise_f32_row(const DepthwiseRow& r) {
  constexpr int M = kManyRegisters ? 7 : 4;
  for (int channel = 0; channel < r.channels; channel += kLanes) {
    const int rest = r.channels - channel < kLanes ? r.channels - channel : kLanes;
    int x = 0;
    for (; x + M <= r.width; x += M) depthwise_f32_tile<K, S, M>(r, x, channel, rest);
    for (; x + 2 <= r.width; x += 2) depthwise_f32_tile<K, S, 2>(r, x, channel, rest);
    for (; x < r.width; ++x) depthwise_f32_tile<K, S, 1>(r, x, channel, rest);
  }
}

// Taps one above the other are interleaved and multiplied in pairs; the last row of an odd kernel
// is paired with itself and a weight of zero. One vector of i16 gives two vectors of accumulators.
// The columns that M outputs read are interleaved once for all of them. R is the number of
// neighbouring pixels that one vector holds.
template <int K, int S, int R, int M>
HWY_INLINE void depthwise_i16_tile(const DepthwiseRow& r, int x, int channel, int rest) {
  constexpr int kPairs = (K + 1) / 2;
  constexpr int kStep = S * R;  // columns from output to output
  const D16 d;
  const auto load = [&](const std::int16_t* p) CAMCLASSIFY_ALWAYS_INLINE {
    return rest >= 2 * kLanes ? hn::LoadU(d, p) : hn::LoadN(d, p, static_cast<std::size_t>(rest));
  };
  const std::byte* weights = r.weights + static_cast<std::ptrdiff_t>(channel) * K * kPairs * 4;
  VI acc[M][2];
  const auto* bias = reinterpret_cast<const std::int32_t*>(r.epilogue.bias) + channel;
  const VI low_bias = hn::Load(DI(), bias), high_bias = hn::Load(DI(), bias + kLanes);
  unroll<M>([&](auto m) CAMCLASSIFY_ALWAYS_INLINE {
    acc[m][0] = low_bias;
    acc[m][1] = high_bias;
  });
  for (int i = 0; i < kPairs; ++i) {
    const std::ptrdiff_t start = static_cast<std::ptrdiff_t>(x) * S * r.channels + channel;
    const auto* above = reinterpret_cast<const std::int16_t*>(r.rows[2 * i]) + start;
    const auto* below =
        reinterpret_cast<const std::int16_t*>(r.rows[2 * i + 1 < K ? 2 * i + 1 : 2 * i]) + start;
    const auto* w = reinterpret_cast<const std::int16_t*>(weights) + i * K * 4 * kLanes;
    unroll<(M - 1) * kStep + K>([&](auto column) CAMCLASSIFY_ALWAYS_INLINE {
      const V16 a = load(above + column * r.channels), b = load(below + column * r.channels);
      const V16 taps_low = hn::InterleaveLower(d, a, b), taps_high = hn::InterleaveUpper(d, a, b);
      unroll<M>([&](auto m) CAMCLASSIFY_ALWAYS_INLINE {
        constexpr int j = decltype(column)::value - decltype(m)::value * kStep;
        if constexpr (j >= 0 && j < K) {
          dot_pairs(acc[m][0], taps_low, w + j * 4 * kLanes);
          dot_pairs(acc[m][1], taps_high, w + j * 4 * kLanes + 2 * kLanes);
        }
      });
    });
  }
  const std::ptrdiff_t size = element_bytes(r.epilogue.type);
  const std::ptrdiff_t pixel = r.channels * size;
  const Target target{r.dst + x * pixel + channel * size, pixel * R, nullptr, 0, rest};
  store_short<Residual::kNone>(r.epilogue, channel, acc, target);
}

template <int K, int S>
void depthwise_i16_row(const DepthwiseRow& r) {
  constexpr int kChannels = 2 * kLanes;
  for (int channel = 0; channel < r.channels; channel += kChannels) {
    const int rest = r.channels - channel < kChannels ? r.channels - channel : kChannels;
    int x = 0;
    if constexpr (S == 1) {
      // Half a vector of channels: two pixels fill it. pack_depthwise() repeats the weights.
      if (r.channels == kLanes) {
        for (; x + 8 <= r.width; x += 8) depthwise_i16_tile<K, 1, 2, 4>(r, x, 0, kChannels);
        for (; x + 2 <= r.width; x += 2) depthwise_i16_tile<K, 1, 2, 1>(r, x, 0, kChannels);
      }
    }
    for (; x + 4 <= r.width; x += 4) depthwise_i16_tile<K, S, 1, 4>(r, x, channel, rest);
    for (; x < r.width; ++x) depthwise_i16_tile<K, S, 1, 1>(r, x, channel, rest);
  }
}

// Calls f with the row's kernel and stride as constants.
template <class Function>
void with_window(const DepthwiseRow& r, const Function& f) {
  const std::integral_constant<int, 1> one;
  const std::integral_constant<int, 2> two;
  const std::integral_constant<int, 3> three;
  const std::integral_constant<int, 5> five;
  if (r.stride == 1) return r.kernel == 3 ? f(three, one) : f(five, one);
  return r.kernel == 3 ? f(three, two) : f(five, two);
}

void depthwise_f32(const DepthwiseRow& r) {
  with_window(r, [&](auto k, auto s) { depthwise_f32_row<k, s>(r); });
}

void depthwise_i16(const DepthwiseRow& r) {
  with_window(r, [&](auto k, auto s) { depthwise_i16_row<k, s>(r); });
}

}  // namespace
}  // namespace camclassify
