#pragma once

// One row of a depthwise convolution, channels in vectors.

#include "kernels/kernel_set.hpp"
#include "kernels/simd/epilogue.hpp"
#include "kernels/simd/vector.hpp"

namespace camclassify {
namespace {

// M neighbouring outputs of one vector of channels. `rest` < kLanes: only so many channels.
template <int K, int M>
HWY_INLINE void depthwise_f32_tile(const DepthwiseRow& r, int x, int channel, int rest) {
  const DF d;
  const auto load = [&](const float* p) {
    return rest >= kLanes ? hn::LoadU(d, p) : hn::LoadN(d, p, static_cast<std::size_t>(rest));
  };
  const int padded = round_up(r.channels, kLanes);
  const float* weights = reinterpret_cast<const float*>(r.weights) + channel;
  VF acc[M][1];
  const VF bias = hn::Load(d, reinterpret_cast<const float*>(r.epilogue.bias) + channel);
#pragma GCC unroll 4
  for (int m = 0; m < M; ++m) acc[m][0] = bias;
#pragma GCC unroll 5
  for (int i = 0; i < K; ++i) {
    const float* row =
        reinterpret_cast<const float*>(r.rows[i]) + x * r.stride * r.channels + channel;
#pragma GCC unroll 5
    for (int j = 0; j < K; ++j) {
      const VF w = hn::Load(d, weights + (i * K + j) * padded);
#pragma GCC unroll 4
      for (int m = 0; m < M; ++m) {
        acc[m][0] = hn::MulAdd(load(row + (m * r.stride + j) * r.channels), w, acc[m][0]);
      }
    }
  }
  const std::ptrdiff_t pixel = static_cast<std::ptrdiff_t>(r.channels) * 4;
  const Target target{r.dst + x * pixel + channel * 4, pixel, nullptr, 0, rest};
  store<M, 1, false>(r.epilogue, nullptr, acc, target);
}

template <int K>
void depthwise_f32_row(const DepthwiseRow& r) {
  for (int channel = 0; channel < r.channels; channel += kLanes) {
    const int rest = r.channels - channel < kLanes ? r.channels - channel : kLanes;
    int x = 0;
    for (; x + 4 <= r.width; x += 4) depthwise_f32_tile<K, 4>(r, x, channel, rest);
    for (; x < r.width; ++x) depthwise_f32_tile<K, 1>(r, x, channel, rest);
  }
}

void depthwise_f32(const DepthwiseRow& r) {
  r.kernel == 3 ? depthwise_f32_row<3>(r) : depthwise_f32_row<5>(r);
}

// Taps one above the other are interleaved and multiplied in pairs; the last row of an odd kernel
// is paired with itself and a weight of zero. One vector of i16 gives two vectors of accumulators.
template <int K, int M>
HWY_INLINE void depthwise_i16_tile(const DepthwiseRow& r, int x, int channel, int rest) {
  constexpr int kPairs = (K + 1) / 2;
  const D16 d;
  const auto load = [&](const std::int16_t* p) {
    return rest >= 2 * kLanes ? hn::LoadU(d, p) : hn::LoadN(d, p, static_cast<std::size_t>(rest));
  };
  const std::byte* weights = r.weights + static_cast<std::ptrdiff_t>(channel) * K * kPairs * 4;
  VI acc[M][2];
  const auto* bias = reinterpret_cast<const std::int32_t*>(r.epilogue.bias) + channel;
#pragma GCC unroll 4
  for (int m = 0; m < M; ++m) {
    acc[m][0] = hn::Load(DI(), bias);
    acc[m][1] = hn::Load(DI(), bias + kLanes);
  }
#pragma GCC unroll 3
  for (int i = 0; i < kPairs; ++i) {
    const std::ptrdiff_t start = static_cast<std::ptrdiff_t>(x) * r.stride * r.channels + channel;
    const auto* above = reinterpret_cast<const std::int16_t*>(r.rows[2 * i]) + start;
    const auto* below =
        reinterpret_cast<const std::int16_t*>(r.rows[2 * i + 1 < K ? 2 * i + 1 : 2 * i]) + start;
#pragma GCC unroll 5
    for (int j = 0; j < K; ++j) {
      const auto* w = reinterpret_cast<const std::int16_t*>(weights) + (i * K + j) * 4 * kLanes;
      const V16 w_low = hn::Load(d, w), w_high = hn::Load(d, w + 2 * kLanes);
#pragma GCC unroll 4
      for (int m = 0; m < M; ++m) {
        const int offset = (m * r.stride + j) * r.channels;
        const V16 a = load(above + offset), b = load(below + offset);
        dot_pairs(acc[m][0], hn::InterleaveLower(d, a, b), w_low);
        dot_pairs(acc[m][1], hn::InterleaveUpper(d, a, b), w_high);
      }
    }
  }
  const std::ptrdiff_t size = r.epilogue.type == DataType::kU8    ? 1
                              : r.epilogue.type == DataType::kI16 ? 2
                                                                  : 4;
  const std::ptrdiff_t pixel = r.channels * size;
  const Target target{r.dst + x * pixel + channel * size, pixel, nullptr, 0, rest};
  store<M, 2, false>(r.epilogue, r.epilogue.multiplier + channel, acc, target);
}

template <int K>
void depthwise_i16_row(const DepthwiseRow& r) {
  constexpr int kChannels = 2 * kLanes;
  for (int channel = 0; channel < r.channels; channel += kChannels) {
    const int rest = r.channels - channel < kChannels ? r.channels - channel : kChannels;
    int x = 0;
    for (; x + 4 <= r.width; x += 4) depthwise_i16_tile<K, 4>(r, x, channel, rest);
    for (; x + 2 <= r.width; x += 2) depthwise_i16_tile<K, 2>(r, x, channel, rest);
    for (; x < r.width; ++x) depthwise_i16_tile<K, 1>(r, x, channel, rest);
  }
}

void depthwise_i16(const DepthwiseRow& r) {
  r.kernel == 3 ? depthwise_i16_row<3>(r) : depthwise_i16_row<5>(r);
}

}  // namespace
}  // namespace camclassify
