#pragma once

// Vectors of the one instruction set that this translation unit is compiled for: Highway's, and
// what Highway 1.2 lacks. Everything that includes this has internal linkage.

#include <utility>

#include "hwy/highway.h"

namespace camclassify {
namespace {

namespace hn = hwy::HWY_NAMESPACE;

using DF = hn::ScalableTag<float>;
using DI = hn::ScalableTag<std::int32_t>;
using D16 = hn::ScalableTag<std::int16_t>;
using D8 = hn::ScalableTag<std::uint8_t>;
using VF = hn::Vec<DF>;
using VI = hn::Vec<DI>;
using V16 = hn::Vec<D16>;
using V8 = hn::Vec<D8>;

constexpr int kLanes = static_cast<int>(hn::MaxLanes(DF()));
constexpr bool kManyRegisters = HWY_TARGET <= HWY_AVX3 || HWY_ARCH_ARM_A64;  // 32 instead of 16
constexpr int kMaxVectors = kManyRegisters ? 4 : 2;

#if HWY_ARCH_X86 && HWY_TARGET <= HWY_AVX3_DL
#define CAMCLASSIFY_VNNI 1
#define CAMCLASSIFY_VEX ""
#elif defined(__AVXVNNI__)
#define CAMCLASSIFY_VNNI 1
#define CAMCLASSIFY_VEX "%{vex%} "
#else
#define CAMCLASSIFY_VNNI 0
#endif

#if defined(__ARM_FEATURE_DOTPROD)
#define CAMCLASSIFY_NEON_DOT 1
#else
#define CAMCLASSIFY_NEON_DOT 0
#endif

#define CAMCLASSIFY_ALWAYS_INLINE __attribute__((always_inline))

// f(0) .. f(N - 1) with constants as arguments. Arrays of vectors whose every index is a constant
// stay in registers; gcc 12 keeps them in memory if a loop indexes them, even one that it unrolls.
template <int N, class Function>
HWY_INLINE void unroll(const Function& f) {
  [&]<int... i>(std::integer_sequence<int, i...>) CAMCLASSIFY_ALWAYS_INLINE {
    (f(std::integral_constant<int, i>()), ...);
  }
  (std::make_integer_sequence<int, N>());
}

// Nothing is loaded or stored earlier than it is written. gcc's scheduler would load more ahead
// than there are registers for, and spill sums.
HWY_INLINE void keep_order() { asm volatile("" ::: "memory"); }
#if HWY_ARCH_X86
// Nor is what is loaded later used earlier than this vector is known.
template <class Vector>
HWY_INLINE void keep_order(Vector& v) {
  asm volatile("" : "+x"(v.raw));
}
#endif

constexpr bool kNativeQuads = CAMCLASSIFY_VNNI || CAMCLASSIFY_NEON_DOT;

// acc[i] += a[2i] * b[2i] + a[2i+1] * b[2i+1], of i16. The instruction is written out where there
// is one, because gcc 12 spills the accumulators around the intrinsic.
HWY_INLINE void dot_pairs(VI& acc, V16 a, V16 b) {
#if CAMCLASSIFY_VNNI
  asm(CAMCLASSIFY_VEX "vpdpwssd %2, %1, %0" : "+v"(acc.raw) : "v"(a.raw), "v"(b.raw));
#else
  acc = hn::Add(acc, hn::WidenMulPairwiseAdd(DI(), a, b));
#endif
}

#if HWY_ARCH_ARM_A64
// The vector, which is computed before anything is loaded that is written later.
template <class Vector>
HWY_INLINE Vector ready(Vector v) {
  asm volatile("" : "+w"(v)::"memory");
  return v;
}

// NEON has no product u8 x s8 before ARMv8.6: pixels are made signed by x ^ 0x80, which is x - 128,
// and packing adds 128 times the sum of the weights to the bias.
HWY_INLINE int8x16_t make_signed(uint8x16_t pixels) {
  return vreinterpretq_s8_u8(veorq_u8(pixels, vdupq_n_u8(0x80)));
}
#endif

// Whether a depthwise convolution adds i16 products in pairs, else each to a sum of its own.
constexpr bool kPairsTaps = !HWY_ARCH_ARM_A64;

#if HWY_ARCH_ARM_A64
// low[i] += a[i] * b[i], high[i] += a[4 + i] * b[4 + i].
HWY_INLINE void multiply_add(VI& low, VI& high, V16 a, V16 b) {
  low.raw = vmlal_s16(low.raw, vget_low_s16(a.raw), vget_low_s16(b.raw));
  high.raw = vmlal_high_s16(high.raw, a.raw, b.raw);
}
#endif

#if CAMCLASSIFY_VNNI
using QuadWeights = VI;
using Quads = VI;

HWY_INLINE QuadWeights load_quad_weights(const std::byte* p) {
  return hn::Load(DI(), reinterpret_cast<const std::int32_t*>(p));
}
HWY_INLINE Quads broadcast_quads(std::int32_t quad) { return hn::Set(DI(), quad); }

// acc[i] += sum of four products u8 * s8.
HWY_INLINE void dot_quads(VI& acc, Quads a, QuadWeights b) {
  asm(CAMCLASSIFY_VEX "vpdpbusd %2, %1, %0" : "+v"(acc.raw) : "v"(a.raw), "v"(b.raw));
}

// Bytes of pixels as a depthwise convolution makes them, interleaved.
HWY_INLINE V8 for_quads(V8 pixels) { return pixels; }
HWY_INLINE Quads as_quads(V16 pixels) { return hn::BitCast(DI(), pixels); }

#elif CAMCLASSIFY_NEON_DOT
using QuadWeights = int8x16_t;
using Quads = int8x16_t;

HWY_INLINE QuadWeights load_quad_weights(const std::byte* p) {
  return vld1q_s8(reinterpret_cast<const std::int8_t*>(p));
}
HWY_INLINE Quads broadcast_quads(std::int32_t quad) {
  return make_signed(vreinterpretq_u8_s32(vdupq_n_s32(quad)));
}
HWY_INLINE void dot_quads(VI& acc, Quads a, QuadWeights b) { acc.raw = vdotq_s32(acc.raw, a, b); }

HWY_INLINE V8 for_quads(V8 pixels) { return hn::Xor(pixels, hn::Set(D8(), 0x80)); }
HWY_INLINE Quads as_quads(V16 pixels) { return vreinterpretq_s8_s16(pixels.raw); }

#else
// Elements 0 and 2, and 1 and 3, of each quad, as i16.
struct QuadWeights {
  V16 even, odd;
};
using Quads = QuadWeights;

HWY_INLINE QuadWeights load_quad_weights(const std::byte* p) {
  const auto* q = reinterpret_cast<const std::int16_t*>(p);
  return {hn::Load(D16(), q), hn::Load(D16(), q + 2 * kLanes)};
}
HWY_INLINE Quads broadcast_quads(std::int32_t quad) {
  const VI all = hn::Set(DI(), quad);
  return {hn::BitCast(D16(), hn::And(all, hn::Set(DI(), 0x00FF00FF))),
          hn::BitCast(D16(), hn::And(hn::ShiftRight<8>(all), hn::Set(DI(), 0x00FF00FF)))};
}
HWY_INLINE void dot_quads(VI& acc, Quads a, const QuadWeights& b) {
  dot_pairs(acc, a.even, b.even);
  dot_pairs(acc, a.odd, b.odd);
}
#endif

// Whether two u8 x s8 products can be added in i16, in one instruction or two.
constexpr bool kMultipliesPairs = !kNativeQuads;

#if HWY_ARCH_X86
using LimitedQuads = V8;

HWY_INLINE LimitedQuads broadcast_limited_quads(std::int32_t quad) {
  return hn::BitCast(D8(), hn::Set(DI(), quad));
}
// acc[i] += sum of four products u8 * s8, of which no pair may leave i16.
HWY_INLINE void dot_limited_quads(VI& acc, V8 a, hn::Vec<hn::RebindToSigned<D8>> b) {
  dot_pairs(acc, hn::SatWidenMulPairwiseAdd(D16(), a, b), hn::Set(D16(), 1));
}
// Of twice four products, whose pairs do not leave i16 either when they are added to each other.
HWY_INLINE void dot_limited_quads(VI& acc, V8 a, hn::Vec<hn::RebindToSigned<D8>> b, V8 c,
                                  hn::Vec<hn::RebindToSigned<D8>> d) {
  const D16 d16;
  const V16 pairs =
      hn::Add(hn::SatWidenMulPairwiseAdd(d16, a, b), hn::SatWidenMulPairwiseAdd(d16, c, d));
  dot_pairs(acc, pairs, hn::Set(d16, 1));
}
#else
// Signed pixels for the lower and for the upper half of a vector of weights. In either half, every
// lane has two weights of its channel, and meets the two pixels that these belong to.
struct LimitedQuads {
  int8x16_t lower, upper;
};

// A quad in each lane, and the same with its pairs swapped.
HWY_INLINE LimitedQuads broadcast_limited_quads(std::int32_t quad) {
  const int8x16_t quads = make_signed(vreinterpretq_u8_s32(vdupq_n_s32(quad)));
  return {quads, vreinterpretq_s8_s16(vrev32q_s16(vreinterpretq_s16_s8(quads)))};
}
// acc[i] += sum of four products s8 * s8, of which two are added in i16: no weight may be -128.
// Written out, because gcc 12 copies registers around the intrinsics.
HWY_INLINE void dot_limited_quads(VI& acc, const LimitedQuads& a,
                                  hn::Vec<hn::RebindToSigned<D8>> b) {
  int16x8_t pairs;
  asm("smull %0.8h, %1.8b, %3.8b\n\tsmlal2 %0.8h, %2.16b, %3.16b"
      : "=&w"(pairs)
      : "w"(a.lower), "w"(a.upper), "w"(b.raw));
  acc.raw = vpadalq_s16(acc.raw, pairs);
}
#endif

constexpr int kQuadWeightBytes = kNativeQuads ? kLanes * 4 : kLanes * 8;

// To the nearest integer, ties to even; |v| < 2^31. Highway's own also mends values beyond that.
HWY_INLINE VI round_to_int(VF v) {
#if HWY_ARCH_X86 && HWY_MAX_BYTES == 64
  return VI{_mm512_cvtps_epi32(v.raw)};
#elif HWY_ARCH_X86 && HWY_MAX_BYTES == 32
  return VI{_mm256_cvtps_epi32(v.raw)};
#elif HWY_ARCH_X86
  return VI{_mm_cvtps_epi32(v.raw)};
#else
  return hn::NearestInt(v);
#endif
}

// round(a * b / 2^15), of i16.
HWY_INLINE V16 mulhrs(V16 a, V16 b) { return hn::MulFixedPoint15(a, b); }

}  // namespace
}  // namespace camclassify
