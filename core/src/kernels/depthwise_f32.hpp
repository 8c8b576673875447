#pragma once

// One row of a depthwise convolution of f32, whose rows lie in planes (kernel_set.hpp).

#include "kernels/depthwise_window.hpp"
#include "kernels/epilogue.hpp"
#include "kernels/kernel_set.hpp"
#include "kernels/tiling.hpp"
#include "kernels/vector.hpp"

namespace camclassify {
namespace {

void f32_to_planes(const float* src, float* dst, int pixels, int channels, int plane_pixels,
                   int plane_first) {
  const DF d;
  for (int channel = 0; channel < channels; channel += kLanes) {
    const float* from = src + channel;
    float* to = dst + static_cast<std::ptrdiff_t>(channel) * plane_pixels + plane_first * kLanes;
    const int rest = channels - channel;
    if (rest >= kLanes) {
      for (int x = 0; x < pixels; ++x, from += channels, to += kLanes) {
        hn::StoreU(hn::LoadU(d, from), d, to);
      }
    } else {
      for (int x = 0; x < pixels; ++x, from += channels, to += kLanes) {
        hn::StoreU(hn::LoadN(d, from, static_cast<std::size_t>(rest)), d, to);
      }
    }
  }
}

// M neighbouring outputs of one vector of channels. Every column is loaded once for all the outputs
// that read it.
template <int K, int S, int M>
HWY_INLINE void depthwise_f32_tile(const DepthwiseRow& r, int x, int channel) {
  const DF d;
  const int padded = round_up(r.channels, kLanes);
  const float* weights = reinterpret_cast<const float*>(r.weights) + channel;
  const std::ptrdiff_t start =
      static_cast<std::ptrdiff_t>(channel) * r.plane_pixels + x * S * kLanes;
  VF acc[M][1];
  const VF bias = hn::Load(d, reinterpret_cast<const float*>(r.epilogue.bias) + channel);
  unroll<M>([&](auto m) CAMCLASSIFY_ALWAYS_INLINE { acc[m][0] = bias; });
  for (int i = 0; i < K; ++i) {
    const float* row = reinterpret_cast<const float*>(r.rows[i]) + start;
    VF w[K];
    unroll<K>([&](auto j) CAMCLASSIFY_ALWAYS_INLINE {
      w[j] = hn::Load(d, weights + (i * K + j) * padded);
    });
    unroll<(M - 1) * S + K>([&](auto column) CAMCLASSIFY_ALWAYS_INLINE {
      const VF value = hn::LoadU(d, row + column * kLanes);
      unroll<M>([&](auto m) CAMCLASSIFY_ALWAYS_INLINE {
        constexpr int j = decltype(column)::value - decltype(m)::value * S;
        if constexpr (j >= 0 && j < K) acc[m][0] = hn::MulAdd(value, w[j], acc[m][0]);
      });
    });
  }
  const int rest = r.channels - channel;
  const std::ptrdiff_t pixel = static_cast<std::ptrdiff_t>(r.channels) * 4;
  const Target target{r.dst + x * pixel + channel * 4, pixel, nullptr, 0,
                      rest < kLanes ? rest : kLanes};
  store<M, 1>(r.epilogue, channel, acc, target);
}

// Outputs in tiles of M and M - 1, whichever M <= kMost that takes: a narrow tile at the end would
// wait for its few sums.
template <int K, int S, int kMost>
void depthwise_f32_columns(const DepthwiseRow& r, int tiles, int channel) {
  if constexpr (kMost > 1) {
    if (r.width <= tiles * (kMost - 1)) {
      return depthwise_f32_columns<K, S, kMost - 1>(r, tiles, channel);
    }
  }
  int x = 0;
  for (int wide = r.width - tiles * (kMost - 1); wide > 0; --wide, x += kMost) {
    depthwise_f32_tile<K, S, kMost>(r, x, channel);
  }
  if constexpr (kMost > 1) {
    for (; x < r.width; x += kMost - 1) depthwise_f32_tile<K, S, kMost - 1>(r, x, channel);
  }
}

template <int K, int S>
void depthwise_f32_row(const DepthwiseRow& r) {
  constexpr int M = kWidestF32Tile;
  const int tiles = (r.width + M - 1) / M;
  for (int channel = 0; channel < r.channels; channel += kLanes) {
    depthwise_f32_columns<K, S, M>(r, tiles, channel);
  }
}

void depthwise_f32(const DepthwiseRow& r) {
  with_window(r, [&](auto k, auto s) { depthwise_f32_row<k, s>(r); });
}

}  // namespace
}  // namespace camclassify
