#pragma once

// Activations of quantised rows, read from tables.

#include "kernels/simd/vector.hpp"

namespace camclassify {
namespace {

// table[x] for each byte, of a table of 256 that stays in registers; where the instruction set has
// no such thing, `kInRegisters` is false and look_up() goes through memory.
class Table {
 public:
#if HWY_ARCH_X86 && HWY_TARGET <= HWY_AVX3_DL
  static constexpr bool kInRegisters = true;

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
  static constexpr bool kInRegisters = true;

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
  static constexpr bool kInRegisters = false;

  explicit Table(const std::uint8_t*) {}
  HWY_INLINE V8 operator()(V8 x) const { return x; }
#endif
};

// values[i] = table[values[i]].
HWY_INLINE void look_up(const std::uint8_t* HWY_RESTRICT table, std::uint8_t* values, int count) {
  for (int i = 0; i < count; ++i) values[i] = table[values[i]];
}

// The piecewise linear even remainder of docs/ops.md.
class Curve {
 public:
  explicit Curve(const std::int16_t* table)
      : base_(table),
        slope_(table + 64),
        limit_(table[128]),
        shift_(table[129]),
        factor_(table[130]) {}

  HWY_INLINE std::int16_t operator()(std::int16_t t) const {
    const int magnitude = t < 0 ? (t == -32768 ? 32767 : -t) : t;
    const int a = (magnitude < limit_ ? magnitude : limit_) << shift_;
    const int u = (a * factor_ + 0x4000) >> 15;
    const int i = u >> 9;
    const int f = (u & 511) << 6;
    const int y = (t > 0 ? t : 0) + base_[i] + ((slope_[i] * f + 0x4000) >> 15);
    return static_cast<std::int16_t>(y < -32768 ? -32768 : y > 32767 ? 32767 : y);
  }

 private:
  const std::int16_t* base_;
  const std::int16_t* slope_;
  int limit_, shift_, factor_;
};

// In place, whole vectors like look_up().
HWY_INLINE void look_up_curve(const std::int16_t* HWY_RESTRICT table, std::int16_t* values,
                              int count) {
#if HWY_TARGET <= HWY_AVX3 && HWY_ARCH_X86
  const __m512i b0 = _mm512_loadu_si512(table), b1 = _mm512_loadu_si512(table + 32);
  const __m512i s0 = _mm512_loadu_si512(table + 64), s1 = _mm512_loadu_si512(table + 96);
  const __m512i limit = _mm512_set1_epi16(table[128]), factor = _mm512_set1_epi16(table[130]);
  const __m128i shift = _mm_cvtsi32_si128(table[129]);
  const __m512i zero = _mm512_setzero_si512(), low9 = _mm512_set1_epi16(511);
  for (int i = 0; i < count; i += 32) {
    const __m512i t = _mm512_loadu_si512(values + i);
    // The magnitude of -32768 wraps to itself: as an unsigned number it is beyond any limit.
    const __m512i a = _mm512_sll_epi16(_mm512_min_epu16(_mm512_abs_epi16(t), limit), shift);
    const __m512i u = _mm512_mulhrs_epi16(a, factor);
    const __m512i segment = _mm512_srli_epi16(u, 9);
    const __m512i f = _mm512_slli_epi16(_mm512_and_si512(u, low9), 6);
    const __m512i base = _mm512_permutex2var_epi16(b0, segment, b1);
    const __m512i slope = _mm512_permutex2var_epi16(s0, segment, s1);
    const __m512i g = _mm512_add_epi16(base, _mm512_mulhrs_epi16(slope, f));
    _mm512_storeu_si512(values + i, _mm512_adds_epi16(_mm512_max_epi16(t, zero), g));
  }
#else
  const Curve curve(table);
  for (int i = 0; i < count; ++i) values[i] = curve(values[i]);
#endif
}

}  // namespace
}  // namespace camclassify
