#pragma once

// Activations of quantised rows, read from tables.

#include "kernels/vector.hpp"

namespace camclassify {
namespace {

// table[x] for each byte, of a table of 256. `kDifferences`: the table is laid out as
// PackedLayout::table_differences says.
class Table {
 public:
#if HWY_ARCH_X86 && HWY_TARGET <= HWY_AVX3_DL
  static constexpr bool kDifferences = false;

  explicit Table(const std::uint8_t* table) {
    for (int i = 0; i < 4; ++i) part_[i] = _mm512_loadu_si512(table + 64 * i);
  }
  HWY_INLINE V8 operator()(V8 x) const {
    const __m512i low = _mm512_permutex2var_epi8(part_[0], x.raw, part_[1]);
    const __m512i high = _mm512_permutex2var_epi8(part_[2], x.raw, part_[3]);
    return V8{_mm512_mask_mov_epi8(low, _mm512_movepi8_mask(x.raw), high)};
  }

 private:
  __m512i part_[4];
#elif HWY_ARCH_ARM_A64
  static constexpr bool kDifferences = false;

  // Of N vectors, in place: each part of the table is loaded once for all of them.
  template <int N>
  static HWY_INLINE void look_up(const std::uint8_t* table, V8 (&x)[N]) {
    uint8x16_t y[N];
    unroll<4>([&](auto i) CAMCLASSIFY_ALWAYS_INLINE {
      const uint8x16x4_t part = vld1q_u8_x4(table + 64 * i);
      unroll<N>([&](auto n) CAMCLASSIFY_ALWAYS_INLINE {
        const uint8x16_t index = vsubq_u8(x[n].raw, vdupq_n_u8(64 * i));
        y[n] = i == 0 ? vqtbl4q_u8(part, index) : vqtbx4q_u8(y[n], part, index);
      });
    });
    unroll<N>([&](auto n) CAMCLASSIFY_ALWAYS_INLINE { x[n].raw = y[n]; });
  }

  explicit Table(const std::uint8_t* table) {
    for (int i = 0; i < 4; ++i) part_[i] = vld1q_u8_x4(table + 64 * i);
  }
  HWY_INLINE V8 operator()(V8 x) const {
    uint8x16_t y = vqtbl4q_u8(part_[0], x.raw);
    for (int i = 1; i < 4; ++i) {
      y = vqtbx4q_u8(y, part_[i], vsubq_u8(x.raw, vdupq_n_u8(static_cast<std::uint8_t>(64 * i))));
    }
    return V8{y};
  }

 private:
  uint8x16x4_t part_[4];
#else
  static constexpr bool kDifferences = true;

  explicit Table(const std::uint8_t* table) : table_(table) {}

  // A shuffle answers for 16 entries, by an index's lowest bits, and with 0 where the index is
  // negative. So the table is walked upwards, 16 entries a step: each step turns the answer of the
  // one before into its own by exclusive or, for all x that are not below it.
  HWY_INLINE V8 operator()(V8 x) const {
    const hn::RebindToSigned<D8> ds;
    V8 y = hn::Zero(D8());
    unroll<2>([&](auto half) CAMCLASSIFY_ALWAYS_INLINE {
      const V8 start = half == 0 ? x : hn::Xor(x, hn::Set(D8(), 0x80));
      auto index = hn::BitCast(ds, start);
      unroll<8>([&](auto i) CAMCLASSIFY_ALWAYS_INLINE {
        const V8 part = hn::LoadDup128(D8(), table_ + 128 * half + 16 * i);
        y = hn::Xor(y, hn::TableLookupBytesOr0(part, hn::BitCast(D8(), index)));
        index = hn::SaturatedSub(index, hn::Set(ds, 16));
      });
    });
    return y;
  }

 private:
  const std::uint8_t* table_;
#endif
};

#if HWY_TARGET <= HWY_AVX3 && HWY_ARCH_X86

constexpr bool kCurvePlanes = false;

// The piecewise linear even remainder of docs/ops.md.
class Curve {
 public:
  explicit Curve(const std::byte* entries) {
    const auto* table = reinterpret_cast<const std::int16_t*>(entries);
    for (int i = 0; i < 2; ++i) {
      base_[i] = _mm512_loadu_si512(table + 32 * i);
      slope_[i] = _mm512_loadu_si512(table + 64 + 32 * i);
    }
    limit_ = _mm512_set1_epi16(table[128]);
    shift_ = _mm_cvtsi32_si128(table[129]);
    factor_ = _mm512_set1_epi16(table[130]);
  }

  // Of two vectors, in place.
  HWY_INLINE void operator()(V16& t, V16& v) const {
    t = value(t);
    v = value(v);
  }

 private:
  HWY_INLINE V16 value(V16 x) const {
    const __m512i t = x.raw;
    // The magnitude of -32768 wraps to itself: as an unsigned number it is beyond any limit.
    const __m512i a = _mm512_sll_epi16(_mm512_min_epu16(_mm512_abs_epi16(t), limit_), shift_);
    const __m512i u = _mm512_mulhrs_epi16(a, factor_);
    const __m512i segment = _mm512_srli_epi16(u, 9);
    const __m512i f = _mm512_slli_epi16(_mm512_and_si512(u, _mm512_set1_epi16(511)), 6);
    const __m512i base = _mm512_permutex2var_epi16(base_[0], segment, base_[1]);
    const __m512i slope = _mm512_permutex2var_epi16(slope_[0], segment, slope_[1]);
    const __m512i g = _mm512_add_epi16(base, _mm512_mulhrs_epi16(slope, f));
    return V16{_mm512_adds_epi16(_mm512_max_epi16(t, _mm512_setzero_si512()), g)};
  }

  __m512i base_[2], slope_[2];
  __m512i limit_, factor_;
  __m128i shift_;
};

#else

constexpr bool kCurvePlanes = true;

// table[x] for each byte, of a table of 64; x is below 64. Where Table::kDifferences, so are these.
HWY_INLINE V8 look_up_64(const std::byte* table, V8 x) {
  const auto* bytes = reinterpret_cast<const std::uint8_t*>(table);
#if HWY_ARCH_ARM_A64
  return V8{vqtbl4q_u8(vld1q_u8_x4(bytes), x.raw)};
#else
  V8 y = hn::Zero(D8());
  unroll<4>([&](auto i) CAMCLASSIFY_ALWAYS_INLINE {
    // Negative, for which a shuffle gives 0, if x is below these 16.
    const V8 index = hn::Sub(x, hn::Set(D8(), 16 * i));
    y = hn::Xor(y, hn::TableLookupBytesOr0(hn::LoadDup128(D8(), bytes + 16 * i), index));
  });
  return y;
#endif
}

// The piecewise linear even remainder of docs/ops.md.
class Curve {
 public:
  // `table`: as PackedLayout::curve_planes says.
  explicit Curve(const std::byte* table) : planes_(table) {
    const auto* numbers = reinterpret_cast<const std::int16_t*>(table + 256);
    limit_ = hn::Set(DU16(), static_cast<std::uint16_t>(numbers[0]));
    shift_ = numbers[1];
    factor_ = hn::Set(D16(), numbers[2]);
  }

  // Of two vectors, in place.
  HWY_INLINE void operator()(V16& t, V16& v) const {
    const V16 t_at = position(t), v_at = position(v);
    const V8 segment = hn::ReorderDemote2To(D8(), hn::ShiftRight<9>(t_at), hn::ShiftRight<9>(v_at));
    V8 plane[4];
    unroll<4>([&](auto i)
                  CAMCLASSIFY_ALWAYS_INLINE { plane[i] = look_up_64(planes_ + 64 * i, segment); });
    const V8 base_low = hn::InterleaveLower(D8(), plane[0], plane[1]);
    const V8 base_high = hn::InterleaveUpper(D8(), plane[0], plane[1]);
    const V8 slope_low = hn::InterleaveLower(D8(), plane[2], plane[3]);
    const V8 slope_high = hn::InterleaveUpper(D8(), plane[2], plane[3]);
    t = add_remainder(t, t_at, base_low, slope_low);
    v = add_remainder(v, v_at, base_high, slope_high);
  }

 private:
  using DU16 = hn::RebindToUnsigned<D16>;

  // In 64ths of the curve's range, with nine bits behind the point.
  HWY_INLINE V16 position(V16 t) const {
    // The magnitude of -32768 wraps to itself: as an unsigned number it is beyond any limit.
    const auto magnitude = hn::Min(hn::BitCast(DU16(), hn::Abs(t)), limit_);
    return mulhrs(hn::BitCast(D16(), hn::ShiftLeftSame(magnitude, shift_)), factor_);
  }

  static HWY_INLINE V16 add_remainder(V16 t, V16 at, V8 base, V8 slope) {
    const V16 f = hn::ShiftLeft<6>(hn::And(at, hn::Set(D16(), 511)));
    const V16 g = hn::Add(hn::BitCast(D16(), base), mulhrs(hn::BitCast(D16(), slope), f));
    return hn::SaturatedAdd(hn::Max(t, hn::Zero(D16())), g);
  }

  const std::byte* planes_;
  hn::Vec<DU16> limit_;
  int shift_;
  V16 factor_;
};

#endif

}  // namespace
}  // namespace camclassify
