#pragma once

// Activations read from tables, and the residual behind them, of a run of values in memory.

#include <cstring>

#include "kernels/activation_table.hpp"
#include "kernels/kernel_set.hpp"
#include "kernels/vector.hpp"

namespace camclassify {
namespace {

// Whether tiles leave the activation to activate_run().
HWY_INLINE bool activates_runs(const Epilogue& e) {
  if (e.activation != Activation::kTable) return false;
  return e.type == DataType::kU8 ? kTablesInRuns : kCurvesInRuns;
}

// That of the tiles before.
HWY_INLINE Epilogue without_activation(Epilogue e) {
  e.activation = Activation::kNone;
  if (e.residual == Residual::kAfterActivation) e.residual = Residual::kNone;
  return e;
}

// How long a run should be to stay in the first-level cache.
constexpr std::ptrdiff_t kRunBytes = 16 * 1024;

// Calls change(x, i) for every N vectors x, which begin at value i, and writes what it leaves in
// them. The last are filled up with zeros.
template <int N, class D, class T, class Change>
HWY_INLINE void change_vectors(D d, T* values, std::size_t count, const Change& change) {
  constexpr std::size_t kVector = hn::MaxLanes(D()), kAtOnce = N * kVector;
  const auto change_at = [&](T* at, std::size_t i) CAMCLASSIFY_ALWAYS_INLINE {
    hn::Vec<D> x[N];
    unroll<N>([&](auto n) CAMCLASSIFY_ALWAYS_INLINE { x[n] = hn::LoadU(d, at + n * kVector); });
    change(x, i);
    unroll<N>([&](auto n) CAMCLASSIFY_ALWAYS_INLINE { hn::StoreU(x[n], d, at + n * kVector); });
  };
  std::size_t i = 0;
  for (; i + kAtOnce <= count; i += kAtOnce) change_at(values + i, i);
  if (i == count) return;
  alignas(64) T rest[kAtOnce] = {};
  std::memcpy(rest, values + i, (count - i) * sizeof(T));
  change_at(rest, i);
  std::memcpy(values + i, rest, (count - i) * sizeof(T));
}

// Bytes as four vectors of f32, in the order in which pack_bytes() takes them.
HWY_INLINE void unpack_bytes(V8 bytes, VF (&out)[4]) {
  const auto widen = [](V8 v, VF& lower, VF& upper) CAMCLASSIFY_ALWAYS_INLINE {
    const V16 words = hn::BitCast(D16(), v), zero = hn::Zero(D16());
    lower = hn::ConvertTo(DF(), hn::BitCast(DI(), hn::InterleaveLower(D16(), words, zero)));
    upper = hn::ConvertTo(DF(), hn::BitCast(DI(), hn::InterleaveUpper(D16(), words, zero)));
  };
  widen(hn::InterleaveLower(D8(), bytes, hn::Zero(D8())), out[0], out[1]);
  widen(hn::InterleaveUpper(D8(), bytes, hn::Zero(D8())), out[2], out[3]);
}

HWY_INLINE V8 pack_bytes(const VF (&values)[4]) {
  const V16 low = hn::ReorderDemote2To(D16(), round_to_int(values[0]), round_to_int(values[1]));
  const V16 high = hn::ReorderDemote2To(D16(), round_to_int(values[2]), round_to_int(values[3]));
  return hn::ReorderDemote2To(D8(), low, high);
}

// a * activation_multiplier + r * residual_multiplier + residual_offset.
HWY_INLINE V8 add_residual(const Epilogue& e, V8 a, V8 r) {
  const VF activation_factor = hn::Set(DF(), e.activation_multiplier);
  const VF residual_factor = hn::Set(DF(), e.residual_multiplier);
  const VF offset = hn::Set(DF(), e.residual_offset);
  VF x[4], y[4];
  unpack_bytes(a, x);
  unpack_bytes(r, y);
  unroll<4>([&](auto i) CAMCLASSIFY_ALWAYS_INLINE {
    x[i] =
        hn::Add(hn::Add(hn::Mul(x[i], activation_factor), hn::Mul(y[i], residual_factor)), offset);
  });
  return pack_bytes(x);
}

// In place. `residual`: null, or as many bytes as u8 values.
HWY_NOINLINE void activate_run(const Epilogue& e, std::byte* values, const std::byte* residual,
                               std::size_t count) {
  if constexpr (kCurvesInRuns) {
    if (e.type == DataType::kI16) {
      const Curve curve(e.table);
      change_vectors<4>(D16(), reinterpret_cast<std::int16_t*>(values), count,
                        [&](auto& x, std::size_t) CAMCLASSIFY_ALWAYS_INLINE { curve(x); });
      return;
    }
  }
  if constexpr (kTablesInRuns) {
    const auto* table = reinterpret_cast<const std::uint8_t*>(e.table);
    auto* bytes = reinterpret_cast<std::uint8_t*>(values);
    change_vectors<2>(D8(), bytes, count, [&](auto& x, std::size_t) CAMCLASSIFY_ALWAYS_INLINE {
      Table::look_up(table, x);
    });
    if (!residual) return;
    change_vectors<1>(D8(), bytes, count, [&](auto& x, std::size_t i) CAMCLASSIFY_ALWAYS_INLINE {
      const auto* r = reinterpret_cast<const std::uint8_t*>(residual) + i;
      const V8 addend =
          i + kLanes * 4 <= count ? hn::LoadU(D8(), r) : hn::LoadN(D8(), r, count - i);
      x[0] = add_residual(e, x[0], addend);
    });
  }
}

// One row, activated when it is whole where activations come in runs.
template <class Row>
HWY_INLINE void activate_late(const DepthwiseRow& r, const Row& run) {
  if (!activates_runs(r.epilogue)) return run(r);
  DepthwiseRow sums = r;
  sums.epilogue = without_activation(r.epilogue);
  run(sums);
  activate_run(r.epilogue, r.dst, nullptr,
               static_cast<std::size_t>(r.width) * static_cast<std::size_t>(r.channels));
}

}  // namespace
}  // namespace camclassify
