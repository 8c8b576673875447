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

constexpr std::ptrdiff_t element_bytes(DataType type) {
  return type == DataType::kU8 ? 1 : type == DataType::kI16 ? 2 : 4;
}

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

// After the activation, in place in a tile's rows.
template <int M, int V>
HWY_INLINE void add_residual(const Epilogue& e, const Target& target, std::uint8_t* tile) {
  const hn::Rebind<std::uint8_t, DI> quarter;
  const VF activation_factor = hn::Set(DF(), e.activation_multiplier);
  const VF residual_factor = hn::Set(DF(), e.residual_multiplier);
  const VF offset = hn::Set(DF(), e.residual_offset);
  const auto to_float = [](auto bytes) { return hn::ConvertTo(DF(), hn::PromoteTo(DI(), bytes)); };
  for (int m = 0; m < M; ++m) {
    const auto* r =
        reinterpret_cast<const std::uint8_t*>(target.residual) + m * target.residual_stride;
    std::uint8_t* row = tile + m * V * kLanes;
    for (int c = 0; c < target.channels; c += kLanes) {
      const int rest = target.channels - c;
      const auto addend = rest >= kLanes
                              ? hn::LoadU(quarter, r + c)
                              : hn::LoadN(quarter, r + c, static_cast<std::size_t>(rest));
      const VF a = hn::Mul(to_float(hn::LoadU(quarter, row + c)), activation_factor);
      const VF b = hn::Mul(to_float(addend), residual_factor);
      const VF sum = hn::Add(hn::Add(a, b), offset);
      hn::StoreU(hn::DemoteTo(quarter, round_to_int(sum)), quarter, row + c);
    }
  }
}

template <int M, int V, bool kResidual>
HWY_INLINE void store_u8(const Epilogue& e, const float* multiplier, VI (&acc)[M][V],
                         const Target& target) {
  constexpr int kGroup = 4 / V;  // pixels that fill one vector of bytes
  alignas(64) std::uint8_t buffer[round_up(M, kGroup) * V * kLanes];
  const bool direct = M % kGroup == 0 && target.dst_stride == V * kLanes;
  std::uint8_t* tile = direct ? reinterpret_cast<std::uint8_t*>(target.dst) : buffer;
  const auto* entries = reinterpret_cast<const std::uint8_t*>(e.table);
  const bool before = kResidual && e.residual == Residual::kBeforeActivation;
  VF scale[V];
  unroll<V>([&](auto v)
                CAMCLASSIFY_ALWAYS_INLINE { scale[v] = hn::Load(DF(), multiplier + v * kLanes); });
  const auto pack = [&](int m) CAMCLASSIFY_ALWAYS_INLINE {
    VI rounded[4];
    unroll<kGroup>([&](auto j) CAMCLASSIFY_ALWAYS_INLINE {
      const int pixel = m + j < M ? m + j : M - 1;
      VF t[V];
      unroll<V>([&](auto v) CAMCLASSIFY_ALWAYS_INLINE {
        t[v] = hn::Mul(hn::ConvertTo(DF(), acc[pixel][v]), scale[v]);
      });
      if (before) {
        VF r[V];
        const auto* src = reinterpret_cast<const std::uint8_t*>(target.residual);
        load_residual<V>(src + pixel * target.residual_stride, target.channels, r);
        const VF factor = hn::Set(DF(), e.residual_multiplier);
        unroll<V>([&](auto v)
                      CAMCLASSIFY_ALWAYS_INLINE { t[v] = hn::Add(t[v], hn::Mul(r[v], factor)); });
      }
      unroll<V>([&](auto v) CAMCLASSIFY_ALWAYS_INLINE { rounded[j * V + v] = round_to_int(t[v]); });
    });
    const V16 low = hn::ReorderDemote2To(D16(), rounded[0], rounded[1]);
    const V16 high = hn::ReorderDemote2To(D16(), rounded[2], rounded[3]);
    const V8 packed = hn::ReorderDemote2To(D8(), low, high);
    if constexpr (kGroup > 1) return gather_pixels<kGroup>(D8(), packed);
    return packed;
  };
  if (e.activation == Activation::kTable) {
    const Table table(entries);
    for (int m = 0; m < M; m += kGroup) hn::StoreU(table(pack(m)), D8(), tile + m * V * kLanes);
  } else {
    for (int m = 0; m < M; m += kGroup) hn::StoreU(pack(m), D8(), tile + m * V * kLanes);
  }
  if (kResidual && e.residual == Residual::kAfterActivation) add_residual<M, V>(e, target, tile);
  if (!direct) copy_tile<M, V>(tile, target);
}

template <int M, int V>
HWY_INLINE void store_i16(const Epilogue& e, const float* multiplier, VI (&acc)[M][V],
                          const Target& target) {
  constexpr int kGroup = V == 1 ? 2 : 1;
  constexpr int kCount = round_up(M, kGroup) * V * kLanes;
  alignas(64) std::int16_t buffer[kCount];
  const bool direct = M % kGroup == 0 && target.dst_stride == V * kLanes * 2;
  std::int16_t* tile = direct ? reinterpret_cast<std::int16_t*>(target.dst) : buffer;
  VF scale[V];
  unroll<V>([&](auto v)
                CAMCLASSIFY_ALWAYS_INLINE { scale[v] = hn::Load(DF(), multiplier + v * kLanes); });
  const bool clamps = e.activation == Activation::kClampToU8;
  // Two vectors of sums: of one pixel, or the only one of two pixels.
  const auto pack = [&](int m, auto v) CAMCLASSIFY_ALWAYS_INLINE {
    constexpr int w = V == 1 ? 0 : decltype(v)::value + 1;
    const int other = V == 1 && m + 1 < M ? m + 1 : m;
    const VI a = round_to_int(hn::Mul(hn::ConvertTo(DF(), acc[m][v]), scale[v]));
    const VI b = round_to_int(hn::Mul(hn::ConvertTo(DF(), acc[other][w]), scale[w]));
    V16 packed = hn::ReorderDemote2To(D16(), a, b);
    if (clamps) packed = hn::Min(hn::Max(packed, hn::Zero(D16())), hn::Set(D16(), 255));
    if constexpr (V == 1) return gather_pixels<2>(D16(), packed);
    return packed;
  };
  for (int m = 0; m < M; m += kGroup) {
    unroll<V == 4 ? 2 : 1>([&](auto pair) CAMCLASSIFY_ALWAYS_INLINE {
      const std::integral_constant<int, decltype(pair)::value * 2> v;
      hn::StoreU(pack(m, v), D16(), tile + (m * V + v) * kLanes);
    });
  }
  if (e.activation == Activation::kTable) {
    look_up_curve(e.table, tile, kCount);
  } else if (e.activation == Activation::kRelu) {
    for (int i = 0; i < M * V * kLanes; ++i) tile[i] = tile[i] < 0 ? std::int16_t{0} : tile[i];
  }
  if (!direct) copy_tile<M, V>(tile, target);
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
  with_activation(e.activation, true, [&](auto f) { transform(tile, M * V * kLanes, f); });
  copy_tile<M, V>(tile, target);
}

// `channel`: the first of the tile. `kResidual` false: there is none, whatever the epilogue says.
template <int M, int V, bool kResidual>
HWY_INLINE void store(const Epilogue& e, int channel, VI (&acc)[M][V], const Target& target) {
  const float* multiplier = e.multiplier + channel;
  switch (e.type) {
    case DataType::kU8:
      return store_u8<M, V, kResidual>(e, multiplier, acc, target);
    case DataType::kI16:
      return store_i16<M, V>(e, multiplier, acc, target);
    default:
      return store_f32<M, V>(e, multiplier, acc, target);
  }
}

// Of an fp32 op.
template <int M, int V, bool kResidual>
HWY_INLINE void store(const Epilogue& e, int, VF (&acc)[M][V], const Target& target) {
  const DF d;
  const bool before = kResidual && e.residual == Residual::kBeforeActivation;
  const bool after = kResidual && e.residual == Residual::kAfterActivation;
  with_activation(e.activation, false, [&](auto activate) CAMCLASSIFY_ALWAYS_INLINE {
    for (int m = 0; m < M; ++m) {
      float* dst = reinterpret_cast<float*>(target.dst + m * target.dst_stride);
      const auto* residual =
          reinterpret_cast<const float*>(target.residual + m * target.residual_stride);
      unroll<V>([&](auto v) CAMCLASSIFY_ALWAYS_INLINE {
        const int c = v * kLanes;
        const int rest = target.channels - c;
        if (rest <= 0) return;
        const std::size_t n = static_cast<std::size_t>(rest);
        const auto addend = [&]() CAMCLASSIFY_ALWAYS_INLINE {
          return rest >= kLanes ? hn::LoadU(d, residual + c) : hn::LoadN(d, residual + c, n);
        };
        VF x = acc[m][v];
        if (before) x = hn::Add(x, addend());
        x = activate(x);
        if (after) x = hn::Add(x, addend());
        rest >= kLanes ? hn::StoreU(x, d, dst + c) : hn::StoreN(x, d, dst + c, n);
      });
    }
  });
}

}  // namespace
}  // namespace camclassify
