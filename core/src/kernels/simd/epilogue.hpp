#pragma once

// From accumulators to memory: multiplier, residual, rounding, packing, activation. A kernel keeps
// M pixels x V vectors of output channels in registers. They become a tile, dense and in the
// channels' order, on the stack, where activations and residuals are simple loops, and go to dst
// from there.
//
// Packing two vectors interleaves their 128-bit lanes. Nothing reorders them afterwards: weights
// are packed such that the channels come out in order (channel_in_block() in packing.hpp).

#include <cstring>

#include "kernels/kernel_set.hpp"
#include "kernels/simd/activation.hpp"
#include "kernels/simd/table.hpp"
#include "kernels/simd/vector.hpp"

namespace camclassify {
namespace {

constexpr int round_up(int value, int step) { return (value + step - 1) / step * step; }

// Where a tile goes to.
struct Target {
  std::byte* dst;
  std::ptrdiff_t dst_stride;
  const std::byte* residual;
  std::ptrdiff_t residual_stride;
  int channels;  // valid ones in the tile's rows
};

template <int M, int V, class T>
HWY_INLINE void copy_tile(const T* tile, const Target& target) {
  const std::size_t bytes = static_cast<std::size_t>(target.channels) * sizeof(T);
  constexpr std::size_t kFull = V * kLanes * sizeof(T);
  if (bytes == kFull) {
    for (int m = 0; m < M; ++m) {
      std::memcpy(target.dst + m * target.dst_stride, tile + m * V * kLanes, kFull);
    }
    return;
  }
  using D = hn::CappedTag<T, V * kLanes>;  // no longer than a row of the tile
  constexpr std::size_t kVector = hn::MaxLanes(D());
  for (int m = 0; m < M; ++m) {
    T* dst = reinterpret_cast<T*>(target.dst + m * target.dst_stride);
    const T* src = tile + m * V * kLanes;
    for (std::size_t c = 0; c < static_cast<std::size_t>(target.channels); c += kVector) {
      hn::StoreN(hn::LoadU(D(), src + c), D(), dst + c,
                 static_cast<std::size_t>(target.channels) - c);
    }
  }
}

// Brings 32-bit groups (pixel j, lane l) from order (l, j) to (j, l): the pixels' rows become
// dense.
template <int kGroup, class D, class Vector>
HWY_INLINE Vector gather_pixels(D d, Vector packed) {
  if constexpr (kLanes == 4) return packed;  // one 128-bit lane: nothing to do
  alignas(64) std::int32_t index[kLanes];
  constexpr int kParts = 4 / kGroup;  // of a pixel in one 128-bit lane
  for (int l = 0; l < kLanes / 4; ++l) {
    for (int j = 0; j < kGroup; ++j) {
      for (int h = 0; h < kParts; ++h) {
        index[(j * (kLanes / 4) + l) * kParts + h] = l * 4 + j * kParts + h;
      }
    }
  }
  const VI words = hn::BitCast(DI(), packed);
  return hn::BitCast(d, hn::TableLookupLanes(words, hn::SetTableIndices(DI(), index)));
}

// V vectors of residuals in the packed order of a u8 tile's row.
template <int V>
HWY_INLINE void load_residual(const std::uint8_t* src, int channels, VF (&out)[V]) {
  alignas(64) std::uint8_t copy[V * kLanes];
  if (channels < V * kLanes) {
    std::memcpy(copy, src, static_cast<std::size_t>(channels));
    src = copy;
  }
  const auto to_float = [](V16 v) { return hn::ConvertTo(DF(), hn::BitCast(DI(), v)); };
  const V16 zero = hn::Zero(D16());
  if constexpr (V == 1) {
    const hn::Rebind<std::uint8_t, DI> quarter;
    out[0] = hn::ConvertTo(DF(), hn::PromoteTo(DI(), hn::LoadU(quarter, src)));
  } else if constexpr (V == 2) {
    const hn::Rebind<std::uint8_t, D16> half;
    const V16 v = hn::PromoteTo(D16(), hn::LoadU(half, src));
    out[0] = to_float(hn::InterleaveLower(D16(), v, zero));
    out[1] = to_float(hn::InterleaveUpper(D16(), v, zero));
  } else {
    const V8 v = hn::LoadU(D8(), src);
    const V16 low = hn::BitCast(D16(), hn::InterleaveLower(D8(), v, hn::Zero(D8())));
    const V16 high = hn::BitCast(D16(), hn::InterleaveUpper(D8(), v, hn::Zero(D8())));
    out[0] = to_float(hn::InterleaveLower(D16(), low, zero));
    out[1] = to_float(hn::InterleaveUpper(D16(), low, zero));
    out[2] = to_float(hn::InterleaveLower(D16(), high, zero));
    out[3] = to_float(hn::InterleaveUpper(D16(), high, zero));
  }
}

template <int M, int V, bool kResidual>
HWY_INLINE void store_u8(const Epilogue& e, const float* multiplier, VI (&acc)[M][V],
                         const Target& target) {
  constexpr int kGroup = 4 / V;  // pixels that fill one vector of bytes
  alignas(64) std::uint8_t tile[round_up(M, kGroup) * V * kLanes];
  VF scale[V];
  for (int v = 0; v < V; ++v) scale[v] = hn::Load(DF(), multiplier + v * kLanes);
#pragma GCC unroll 16
  for (int m = 0; m < M; m += kGroup) {
    VI rounded[4];
#pragma GCC unroll 4
    for (int j = 0; j < kGroup; ++j) {
      const int pixel = m + j < M ? m + j : M - 1;
      VF t[V];
      for (int v = 0; v < V; ++v) t[v] = hn::Mul(hn::ConvertTo(DF(), acc[pixel][v]), scale[v]);
      if (kResidual && e.residual == Residual::kBeforeActivation) {
        VF r[V];
        load_residual<V>(
            reinterpret_cast<const std::uint8_t*>(target.residual) + pixel * target.residual_stride,
            target.channels, r);
        const VF factor = hn::Set(DF(), e.residual_multiplier);
        for (int v = 0; v < V; ++v) t[v] = hn::Add(t[v], hn::Mul(r[v], factor));
      }
      for (int v = 0; v < V; ++v) rounded[j * V + v] = round_to_int(t[v]);
    }
    const V16 low = hn::ReorderDemote2To(D16(), rounded[0], rounded[1]);
    const V16 high = hn::ReorderDemote2To(D16(), rounded[2], rounded[3]);
    V8 packed = hn::ReorderDemote2To(D8(), low, high);
    if constexpr (kGroup > 1) packed = gather_pixels<kGroup>(D8(), packed);
    hn::Store(packed, D8(), tile + m * V * kLanes);
  }
  if (e.activation == Activation::kTable) {
    look_up(reinterpret_cast<const std::uint8_t*>(e.table), tile, M * V * kLanes);
  }
  if (kResidual && e.residual == Residual::kAfterActivation) {
    for (int m = 0; m < M; ++m) {
      const auto* r =
          reinterpret_cast<const std::uint8_t*>(target.residual) + m * target.residual_stride;
      std::uint8_t* row = tile + m * V * kLanes;
      const hn::Rebind<std::uint8_t, DI> quarter;
      for (int c = 0; c < target.channels; c += kLanes) {
        const auto load = [&](const std::uint8_t* p, int rest) {
          const auto bytes = rest >= kLanes ? hn::LoadU(quarter, p)
                                            : hn::LoadN(quarter, p, static_cast<std::size_t>(rest));
          return hn::ConvertTo(DF(), hn::PromoteTo(DI(), bytes));
        };
        const VF a = hn::Mul(load(row + c, kLanes), hn::Set(DF(), e.activation_multiplier));
        const VF b =
            hn::Mul(load(r + c, target.channels - c), hn::Set(DF(), e.residual_multiplier));
        const VF sum = hn::Add(hn::Add(a, b), hn::Set(DF(), e.residual_offset));
        hn::StoreU(hn::DemoteTo(quarter, round_to_int(sum)), quarter, row + c);
      }
    }
  }
  copy_tile<M, V>(tile, target);
}

template <int M, int V>
HWY_INLINE void store_i16(const Epilogue& e, const float* multiplier, VI (&acc)[M][V],
                          const Target& target) {
  constexpr int kGroup = V == 1 ? 2 : 1;
  alignas(64) std::int16_t tile[round_up(M, 2) * V * kLanes];
  VF scale[V];
  for (int v = 0; v < V; ++v) scale[v] = hn::Load(DF(), multiplier + v * kLanes);
  const auto rounded = [&](int m, int v) {
    return round_to_int(hn::Mul(hn::ConvertTo(DF(), acc[m < M ? m : M - 1][v]), scale[v]));
  };
#pragma GCC unroll 16
  for (int m = 0; m < M; m += kGroup) {
    if constexpr (V == 1) {
      const V16 packed = hn::ReorderDemote2To(D16(), rounded(m, 0), rounded(m + 1, 0));
      hn::Store(gather_pixels<2>(D16(), packed), D16(), tile + m * kLanes);
    } else {
#pragma GCC unroll 2
      for (int v = 0; v < V; v += 2) {
        hn::Store(hn::ReorderDemote2To(D16(), rounded(m, v), rounded(m, v + 1)), D16(),
                  tile + (m * V + v) * kLanes);
      }
    }
  }
  if (e.activation == Activation::kTable) {
    look_up_curve(reinterpret_cast<const std::int16_t*>(e.table), tile,
                  round_up(M, kGroup) * V * kLanes);
  } else if (e.activation == Activation::kRelu) {
    for (int i = 0; i < M * V * kLanes; ++i) tile[i] = tile[i] < 0 ? std::int16_t{0} : tile[i];
  }
  copy_tile<M, V>(tile, target);
}

// Of an int8 op.
template <int M, int V>
HWY_INLINE void store_f32(const Epilogue& e, const float* multiplier, VI (&acc)[M][V],
                          const Target& target) {
  alignas(64) float tile[M * V * kLanes];
  for (int m = 0; m < M; ++m) {
    for (int v = 0; v < V; ++v) {
      const VF scale = hn::Load(DF(), multiplier + v * kLanes);
      hn::Store(hn::Mul(hn::ConvertTo(DF(), acc[m][v]), scale), DF(), tile + (m * V + v) * kLanes);
    }
  }
  activate(e.activation, true, tile, M * V * kLanes);
  copy_tile<M, V>(tile, target);
}

// `kResidual` false: the kernel has none, whatever the epilogue says.
template <int M, int V, bool kResidual>
HWY_INLINE void store(const Epilogue& e, const float* multiplier, VI (&acc)[M][V],
                      const Target& target) {
  switch (e.type) {
    case DataType::kU8:
      return store_u8<M, V, kResidual>(e, multiplier, acc, target);
    case DataType::kI16:
      return store_i16<M, V>(e, multiplier, acc, target);
    default:
      return store_f32<M, V>(e, multiplier, acc, target);
  }
}

template <int M, int V, bool kResidual>
HWY_INLINE void store(const Epilogue& e, const float*, VF (&acc)[M][V], const Target& target) {
  const DF d;
  for (int m = 0; m < M; ++m) {
    float* dst = reinterpret_cast<float*>(target.dst + m * target.dst_stride);
    const auto* r = reinterpret_cast<const float*>(target.residual + m * target.residual_stride);
    const bool before = kResidual && e.residual == Residual::kBeforeActivation;
#pragma GCC unroll 4
    for (int v = 0; v < V; ++v) {
      const int rest = target.channels - v * kLanes;
      if (rest >= kLanes) {
        const VF sum = before ? hn::Add(acc[m][v], hn::LoadU(d, r + v * kLanes)) : acc[m][v];
        hn::StoreU(sum, d, dst + v * kLanes);
      } else if (rest > 0) {
        const std::size_t n = static_cast<std::size_t>(rest);
        const VF sum = before ? hn::Add(acc[m][v], hn::LoadN(d, r + v * kLanes, n)) : acc[m][v];
        hn::StoreN(sum, d, dst + v * kLanes, n);
      }
    }
    activate(e.activation, false, dst, target.channels);
    if (kResidual && e.residual == Residual::kAfterActivation) {
      for (int c = 0; c < target.channels; ++c) dst[c] += r[c];
    }
  }
}

}  // namespace
}  // namespace camclassify
