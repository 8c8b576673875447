#pragma once

// From accumulators to memory: multiplier, residual, rounding, packing, activation. A kernel keeps
// M pixels x V vectors of output channels in registers. They become a tile, dense and in the
// channels' order, on the stack, where activations and residuals are simple loops, and go to dst
// from there. Where looking up an activation takes long, it is not done here: activate_run.hpp.
//
// Packing two vectors interleaves their 128-bit lanes. Nothing reorders them afterwards: weights
// are packed such that the channels come out in order (channel_in_block() in packing.hpp).

#include <cstring>
#include <limits>

#include "kernels/activation.hpp"
#include "kernels/activation_table.hpp"
#include "kernels/kernel_set.hpp"
#include "kernels/vector.hpp"

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
  int channels;                               // valid ones in the tile's rows
  std::ptrdiff_t vector_stride = kLanes * 4;  // bytes from vector to vector of a pixel, f32 only
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

// After the activation, in place in rows that lie `stride` bytes apart.
template <int M, int V>
HWY_INLINE void add_residual(const Epilogue& e, const Target& target, std::uint8_t* rows,
                             std::ptrdiff_t stride) {
  const hn::Rebind<std::uint8_t, DI> quarter;
  const VF activation_factor = hn::Set(DF(), e.activation_multiplier);
  const VF residual_factor = hn::Set(DF(), e.residual_multiplier);
  const VF offset = hn::Set(DF(), e.residual_offset);
  const auto to_float = [](auto bytes) { return hn::ConvertTo(DF(), hn::PromoteTo(DI(), bytes)); };
  for (int m = 0; m < M; ++m) {
    const auto* r =
        reinterpret_cast<const std::uint8_t*>(target.residual) + m * target.residual_stride;
    std::uint8_t* row = rows + m * stride;
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

// Where packed vectors are written: straight to dst if each, or either half of it, is a run of
// bytes there, else to a tile. A vector holds kGroup pixels' channels, or is one of several of a
// pixel.
template <class T, int M, int V>
struct PackedRows {
  static constexpr int kGroup = static_cast<int>(sizeof(VI) / sizeof(T)) / (V * kLanes) > 0
                                    ? static_cast<int>(sizeof(VI) / sizeof(T)) / (V * kLanes)
                                    : 1;
  static constexpr bool kSplits = HWY_ARCH_X86 && kGroup == 2;
  alignas(64) T buffer[round_up(M, kGroup) * V * kLanes];
  T* rows = buffer;
  std::ptrdiff_t stride = V * kLanes;  // elements from pixel to pixel
  bool in_halves = false;

  explicit HWY_INLINE PackedRows(const Target& target) {
    const auto pixel = target.dst_stride / static_cast<std::ptrdiff_t>(sizeof(T));
    const bool dense = pixel == V * kLanes && M % kGroup == 0;
    if (target.channels == V * kLanes && (dense || kGroup == 1 || kSplits)) {
      rows = reinterpret_cast<T*>(target.dst);
      stride = pixel;
      in_halves = !dense;
    }
  }
  // Of pixel m and those behind it, `offset` elements behind the first.
  template <class Pixel, class D, class Vector>
  HWY_INLINE void write(Pixel m, int offset, D d, Vector packed) {
    if constexpr (kSplits) {
      if (in_halves) {
        const hn::Half<D> half;
        hn::StoreU(hn::LowerHalf(half, packed), half, rows + m * stride);
        if (m + 1 < M) hn::StoreU(hn::UpperHalf(half, packed), half, rows + (m + 1) * stride);
        return;
      }
    }
    hn::StoreU(packed, d, rows + m * stride + offset);
  }
  HWY_INLINE void finish(const Target& target) {
    if (rows == buffer) copy_tile<M, V>(buffer, target);
  }
};

template <int V>
HWY_INLINE void load_scale(const float* multiplier, VF (&scale)[V]) {
  unroll<V>([&](auto v)
                CAMCLASSIFY_ALWAYS_INLINE { scale[v] = hn::Load(DF(), multiplier + v * kLanes); });
}

// `residual`: none is looked for if it is kNone; if it is kBeforeActivation the sums are in memory.
template <Residual kResidual, int M, int V>
HWY_INLINE void store_u8(const Epilogue& e, const float* multiplier, const VI (&acc)[M][V],
                         const Target& target) {
  constexpr bool kBefore = kResidual == Residual::kBeforeActivation;
  PackedRows<std::uint8_t, M, V> out(target);
  constexpr int kGroup = decltype(out)::kGroup;
  VF scale[V];
  load_scale<V>(multiplier, scale);
  const auto pack = [&](auto m) CAMCLASSIFY_ALWAYS_INLINE {
    VI rounded[4];
    unroll<kGroup>([&](auto j) CAMCLASSIFY_ALWAYS_INLINE {
      const auto pixel = m + j < M ? m + j : M - 1;
      VF t[V];
      unroll<V>([&](auto v) CAMCLASSIFY_ALWAYS_INLINE {
        t[v] = hn::Mul(hn::ConvertTo(DF(), acc[pixel][v]), scale[v]);
      });
      if constexpr (kBefore) {
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
  const auto each_group = [&](const auto& write) CAMCLASSIFY_ALWAYS_INLINE {
    if constexpr (kBefore) {
      for (int m = 0; m < M; m += kGroup) write(m);
    } else {
      unroll<(M + kGroup - 1) / kGroup>([&](auto g) CAMCLASSIFY_ALWAYS_INLINE {
        write(std::integral_constant<int, g * kGroup>());
      });
    }
  };
  if (!kTablesInRuns && e.activation == Activation::kTable) {
    const auto* entries = reinterpret_cast<const std::uint8_t*>(e.table);
#if HWY_ARCH_ARM_A64
    if constexpr (!kBefore) {
      // The table would fill half of the registers: first the sums leave them.
      constexpr int kVectors = (M + kGroup - 1) / kGroup;
      V8 packed[kVectors];
      unroll<kVectors>([&](auto g) CAMCLASSIFY_ALWAYS_INLINE {
        packed[g] = pack(std::integral_constant<int, g * kGroup>());
      });
      keep_order();
      Table::look_up(entries, packed);
      std::uint8_t* const rows = out.rows;  // not read again after each store of bytes
      const std::ptrdiff_t stride = out.stride;
      unroll<kVectors>([&](auto g) CAMCLASSIFY_ALWAYS_INLINE {
        hn::StoreU(packed[g], D8(), rows + g * kGroup * stride);
      });
    } else
#endif
    {
      const Table table(entries);
      each_group([&](auto m) CAMCLASSIFY_ALWAYS_INLINE { out.write(m, 0, D8(), table(pack(m))); });
    }
  } else {
    each_group([&](auto m) CAMCLASSIFY_ALWAYS_INLINE { out.write(m, 0, D8(), pack(m)); });
  }
  if (kResidual != Residual::kNone && e.residual == Residual::kAfterActivation) {
    add_residual<M, V>(e, target, out.rows, out.stride);
  }
  out.finish(target);
}

template <int M, int V>
HWY_INLINE void store_i16(const Epilogue& e, const float* multiplier, const VI (&acc)[M][V],
                          const Target& target) {
  PackedRows<std::int16_t, M, V> out(target);
  constexpr int kGroup = decltype(out)::kGroup;
  VF scale[V];
  load_scale<V>(multiplier, scale);
  constexpr int kHalves = V == 4 ? 2 : 1;  // vectors of a pixel
  constexpr int kVectors = (M + kGroup - 1) / kGroup * kHalves;
  // Two vectors of sums: of one pixel, or the only one of two pixels.
  const auto pack = [&](auto i) CAMCLASSIFY_ALWAYS_INLINE {
    constexpr int m = decltype(i)::value / kHalves * kGroup, v = decltype(i)::value % kHalves * 2;
    constexpr int other = V == 1 && m + 1 < M ? m + 1 : m, w = V == 1 ? 0 : v + 1;
    const VI a = round_to_int(hn::Mul(hn::ConvertTo(DF(), acc[m][v]), scale[v]));
    const VI b = round_to_int(hn::Mul(hn::ConvertTo(DF(), acc[other][w]), scale[w]));
    const V16 packed = hn::ReorderDemote2To(D16(), a, b);
    if constexpr (V == 1) return gather_pixels<2>(D16(), packed);
    return packed;
  };
  const auto write = [&](auto i, V16 x) CAMCLASSIFY_ALWAYS_INLINE {
    out.write(i / kHalves * kGroup, i % kHalves * 2 * kLanes, D16(), x);
  };
  const auto each = [&](const auto& activate) CAMCLASSIFY_ALWAYS_INLINE {
    unroll<kVectors>([&](auto i) CAMCLASSIFY_ALWAYS_INLINE { write(i, activate(pack(i))); });
  };
  const V16 zero = hn::Zero(D16()), most = hn::Set(D16(), 255);
  switch (e.activation) {
    case Activation::kTable:
      if constexpr (!kCurvesInRuns) {
        const Curve curve(e.table);
        unroll<(kVectors + 1) / 2>([&](auto i) CAMCLASSIFY_ALWAYS_INLINE {
          const std::integral_constant<int, 2 * i> first;
          const std::integral_constant<int, 2 * i + 1 < kVectors ? 2 * i + 1 : 2 * i> second;
          V16 x[2] = {pack(first), pack(second)};
          curve(x);
          write(first, x[0]);
          write(second, x[1]);
        });
      }
      break;
    case Activation::kClampToU8:
      each([&](V16 x) CAMCLASSIFY_ALWAYS_INLINE { return hn::Min(hn::Max(x, zero), most); });
      break;
    case Activation::kRelu:
      each([&](V16 x) CAMCLASSIFY_ALWAYS_INLINE { return hn::Max(x, zero); });
      break;
    default:
      each([](V16 x) CAMCLASSIFY_ALWAYS_INLINE { return x; });
  }
  out.finish(target);
}

// Of an int8 op.
template <int M, int V>
HWY_INLINE void store_f32(const Epilogue& e, const float* multiplier, const VI (&acc)[M][V],
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

// Whether sums stay in registers on their way through the epilogue. Else they are better in memory,
// where the epilogue can loop over them.
HWY_INLINE bool is_short(const Epilogue& e) {
  if (e.type == DataType::kF32) {
    return e.residual == Residual::kNone && e.multiplier == nullptr &&
           (e.activation == Activation::kNone || e.activation == Activation::kRelu ||
            e.activation == Activation::kRelu6 ||
            (Silu::kShort && e.activation == Activation::kSilu));
  }
  return e.residual != Residual::kBeforeActivation;
}

template <Residual kResidual, int M, int V>
HWY_INLINE void store_short(const Epilogue& e, int channel, const VI (&acc)[M][V],
                            const Target& target) {
  if (e.type == DataType::kU8) {
    store_u8<kResidual>(e, e.multiplier + channel, acc, target);
  } else {
    store_i16(e, e.multiplier + channel, acc, target);
  }
}

template <Residual, int M, int V>
HWY_INLINE void store_short(const Epilogue& e, int, const VF (&acc)[M][V], const Target& target) {
  const DF d;
  const auto write = [&](const auto& activate) CAMCLASSIFY_ALWAYS_INLINE {
    unroll<M>([&](auto m) CAMCLASSIFY_ALWAYS_INLINE {
      std::byte* pixel = target.dst + m * target.dst_stride;
      unroll<V>([&](auto v) CAMCLASSIFY_ALWAYS_INLINE {
        float* dst = reinterpret_cast<float*>(pixel + v * target.vector_stride);
        const int rest = target.channels - v * kLanes;
        const VF x = activate(acc[m][v]);
        if (rest >= kLanes) return hn::StoreU(x, d, dst);
        if (rest > 0) hn::StoreN(x, d, dst, static_cast<std::size_t>(rest));
      });
    });
  };
  if (Silu::kShort && e.activation == Activation::kSilu) return write(Silu());
  constexpr float kEndless = std::numeric_limits<float>::infinity();
  const VF least = hn::Set(d, e.activation == Activation::kNone ? -kEndless : 0.0F);
  const VF most = hn::Set(d, e.activation == Activation::kRelu6 ? 6.0F : kEndless);
  write([&](VF x) CAMCLASSIFY_ALWAYS_INLINE { return hn::Min(hn::Max(x, least), most); });
}

template <int M, int V>
HWY_INLINE void store_long(const Epilogue& e, int channel, const VI (&acc)[M][V],
                           const Target& target) {
  if (e.type == DataType::kU8) {
    store_u8<Residual::kBeforeActivation>(e, e.multiplier + channel, acc, target);
  } else {
    store_f32(e, e.multiplier + channel, acc, target);
  }
}

template <int M, int V>
HWY_INLINE void store_long(const Epilogue& e, int, const VF (&acc)[M][V], const Target& target) {
  const DF d;
  const bool before = e.residual == Residual::kBeforeActivation;
  const bool after = e.residual == Residual::kAfterActivation;
  with_activation(e.activation, false, [&](auto activate) CAMCLASSIFY_ALWAYS_INLINE {
    for (int m = 0; m < M; ++m) {
      std::byte* pixel = target.dst + m * target.dst_stride;
      const auto* residual =
          reinterpret_cast<const float*>(target.residual + m * target.residual_stride);
      unroll<V>([&](auto v) CAMCLASSIFY_ALWAYS_INLINE {
        float* dst = reinterpret_cast<float*>(pixel + v * target.vector_stride);
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
        rest >= kLanes ? hn::StoreU(x, d, dst) : hn::StoreN(x, d, dst, n);
      });
    }
  });
}

// `channel`: the first of the tile.
template <int M, int V, class Accumulator>
HWY_INLINE void store(const Epilogue& e, int channel, const Accumulator (&acc)[M][V],
                      const Target& target) {
  if (is_short(e)) {
    return store_short<Residual::kAfterActivation>(e, channel, acc, target);
  }
  Accumulator sums[M][V];
  unroll<M>([&](auto m) CAMCLASSIFY_ALWAYS_INLINE {
    unroll<V>([&](auto v) CAMCLASSIFY_ALWAYS_INLINE { sums[m][v] = acc[m][v]; });
  });
  store_long(e, channel, sums, target);
}

}  // namespace
}  // namespace camclassify
