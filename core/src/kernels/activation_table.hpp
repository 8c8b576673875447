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

  // Of N vectors, in place.
  template <int N>
  static HWY_INLINE void look_up(const std::uint8_t* table, V8 (&x)[N]) {
    const Table entries(table);
    unroll<N>([&](auto n) CAMCLASSIFY_ALWAYS_INLINE { x[n] = entries(x[n]); });
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

  // Of N vectors, in place. A shuffle answers for 16 entries, by an index's lowest bits, and with 0
  // where the index is negative. So the table is walked upwards, 16 entries a step: each step turns
  // the answer of the one before into its own by exclusive or, for all x that are not below it.
  template <int N>
  static HWY_INLINE void look_up(const std::uint8_t* table, V8 (&x)[N]) {
    const hn::RebindToSigned<D8> ds;
    V8 y[2][N];
    hn::Vec<decltype(ds)> index[2][N];
    unroll<N>([&](auto n) CAMCLASSIFY_ALWAYS_INLINE {
      index[0][n] = hn::BitCast(ds, x[n]);
      index[1][n] = hn::BitCast(ds, hn::Xor(x[n], hn::Set(D8(), 0x80)));
    });
    unroll<8>([&](auto i) CAMCLASSIFY_ALWAYS_INLINE {
      unroll<2>([&](auto half) CAMCLASSIFY_ALWAYS_INLINE {
        const V8 part = hn::LoadDup128(D8(), table + 128 * half + 16 * i);
        unroll<N>([&](auto n) CAMCLASSIFY_ALWAYS_INLINE {
          const V8 found = hn::TableLookupBytesOr0(part, hn::BitCast(D8(), index[half][n]));
          y[half][n] = i == 0 ? found : hn::Xor(y[half][n], found);
          index[half][n] = hn::SaturatedSub(index[half][n], hn::Set(ds, 16));
          keep_order(y[half][n]);
        });
      });
    });
    unroll<N>([&](auto n) CAMCLASSIFY_ALWAYS_INLINE { x[n] = hn::Xor(y[0][n], y[1][n]); });
  }

  explicit Table(const std::uint8_t* table) : table_(table) {}
  HWY_INLINE V8 operator()(V8 x) const {
    V8 one[] = {x};
    look_up(table_, one);
    return one[0];
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

  // In place.
  template <int N>
  HWY_INLINE void operator()(V16 (&x)[N]) const {
    unroll<N>([&](auto n) CAMCLASSIFY_ALWAYS_INLINE { x[n] = value(x[n]); });
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

// Where among 64 entries each byte of N vectors looks.
template <int N>
class Segments {
 public:
  HWY_INLINE void set(int n, V8 segment) {
    // Negative, for which a shuffle gives 0, if the segment is below these 16.
    unroll<kParts>([&](auto i) CAMCLASSIFY_ALWAYS_INLINE {
      index_[n][i] = i == 0 ? segment : hn::Sub(segment, hn::Set(D8(), 16 * i));
    });
  }

  // y[n] = table[segment n]. Where Table::kDifferences, the table is one of those.
  HWY_INLINE void look_up(const std::byte* table, V8 (&y)[N]) const {
    const auto* bytes = reinterpret_cast<const std::uint8_t*>(table);
#if HWY_ARCH_ARM_A64
    const uint8x16x4_t part = vld1q_u8_x4(bytes);
    unroll<N>([&](auto n)
                  CAMCLASSIFY_ALWAYS_INLINE { y[n] = V8{vqtbl4q_u8(part, index_[n][0].raw)}; });
#else
    unroll<kParts>([&](auto i) CAMCLASSIFY_ALWAYS_INLINE {
      const V8 part = hn::LoadDup128(D8(), bytes + 16 * i);
      unroll<N>([&](auto n) CAMCLASSIFY_ALWAYS_INLINE {
        const V8 found = hn::TableLookupBytesOr0(part, index_[n][i]);
        y[n] = i == 0 ? found : hn::Xor(y[n], found);
        keep_order(y[n]);
      });
    });
#endif
  }

 private:
  static constexpr int kParts = HWY_ARCH_ARM_A64 ? 1 : 4;
  V8 index_[N][kParts];
};

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

  // In place; of an even number of vectors.
  template <int N>
  HWY_INLINE void operator()(V16 (&x)[N]) const {
    constexpr int P = N / 2;
    V16 at[N];
    unroll<N>([&](auto n) CAMCLASSIFY_ALWAYS_INLINE { at[n] = position(x[n]); });
    Segments<P> segments;
    unroll<P>([&](auto p) CAMCLASSIFY_ALWAYS_INLINE {
      segments.set(p, hn::ReorderDemote2To(D8(), hn::ShiftRight<9>(at[2 * p]),
                                           hn::ShiftRight<9>(at[2 * p + 1])));
    });
    // Of lower and upper bytes.
    const auto look_up = [&](int plane, V16(&y)[N]) CAMCLASSIFY_ALWAYS_INLINE {
      V8 low[P], high[P];
      segments.look_up(planes_ + 64 * plane, low);
      segments.look_up(planes_ + 64 * (plane + 1), high);
      unroll<P>([&](auto p) CAMCLASSIFY_ALWAYS_INLINE {
        y[2 * p] = hn::BitCast(D16(), hn::InterleaveLower(D8(), low[p], high[p]));
        y[2 * p + 1] = hn::BitCast(D16(), hn::InterleaveUpper(D8(), low[p], high[p]));
      });
    };
    V16 slope[N], base[N];
    look_up(2, slope);
    unroll<N>([&](auto n) CAMCLASSIFY_ALWAYS_INLINE {
      const V16 f = hn::ShiftLeft<6>(hn::And(at[n], hn::Set(D16(), 511)));
      slope[n] = mulhrs(slope[n], f);
    });
    look_up(0, base);
    unroll<N>([&](auto n) CAMCLASSIFY_ALWAYS_INLINE {
      const V16 g = hn::Add(base[n], slope[n]);
      x[n] = hn::SaturatedAdd(hn::Max(x[n], hn::Zero(D16())), g);
    });
  }

 private:
  using DU16 = hn::RebindToUnsigned<D16>;

  // In 64ths of the curve's range, with nine bits behind the point.
  HWY_INLINE V16 position(V16 t) const {
    // The magnitude of -32768 wraps to itself: as an unsigned number it is beyond any limit.
    const auto magnitude = hn::Min(hn::BitCast(DU16(), hn::Abs(t)), limit_);
    return mulhrs(hn::BitCast(D16(), hn::ShiftLeftSame(magnitude, shift_)), factor_);
  }

  const std::byte* planes_;
  hn::Vec<DU16> limit_;
  int shift_;
  V16 factor_;
};

#endif

// Where a look-up takes dozens of instructions that wait for each other, those of a tile would also
// wait for its sums, and the next tile for them: activate_run() does it for many tiles.
constexpr bool kTablesInRuns = Table::kDifferences;
constexpr bool kCurvesInRuns = kCurvePlanes && HWY_ARCH_X86;

}  // namespace
}  // namespace camclassify
