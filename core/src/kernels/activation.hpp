#pragma once

// Activations of f32 rows.

#include "kernels/kernel_set.hpp"
#include "kernels/silu_remainder.hpp"
#include "kernels/vector.hpp"

namespace camclassify {
namespace {

// e^x to about 1e-7, relative; x is clamped to -87 .. 87. Cephes' reduction and polynomial, every
// operation rounded by itself, as docs/ops.md fixes them for int8 ops.
HWY_INLINE VF exponential_exact(VF x) {
  const DF d;
  x = hn::Min(hn::Max(x, hn::Set(d, -87.0F)), hn::Set(d, 87.0F));
  const VI exponent = round_to_int(hn::Mul(x, hn::Set(d, 1.44269504F)));
  const VF n = hn::ConvertTo(d, exponent);
  VF r = hn::Sub(x, hn::Mul(n, hn::Set(d, 0.693359375F)));
  r = hn::Sub(r, hn::Mul(n, hn::Set(d, -2.12194440e-4F)));
  VF p = hn::Set(d, 1.9875691500e-4F);
  for (const float c :
       {1.3981999507e-3F, 8.3334519073e-3F, 4.1665795894e-2F, 1.6666665459e-1F, 5.0000001201e-1F}) {
    p = hn::Add(hn::Mul(p, r), hn::Set(d, c));
  }
  p = hn::Add(hn::Add(hn::Mul(p, hn::Mul(r, r)), r), hn::Set(d, 1.0F));
  const VI scale = hn::ShiftLeft<23>(hn::Add(exponent, hn::Set(DI(), 127)));
  return hn::Mul(p, hn::BitCast(d, scale));
}

// 1 / x to about 1e-7, relative.
HWY_INLINE VF reciprocal(VF x) {
  const VF guess = hn::ApproximateReciprocal(x);
  return hn::Mul(guess, hn::NegMulAdd(guess, x, hn::Set(DF(), 2.0F)));
}

// 2^f to about 4e-6, relative; f is within -0.5 .. 0.5.
HWY_INLINE VF two_to_fraction(VF f) {
  const DF d;
  VF p = hn::Set(d, 9.58283639e-03F);
  for (const float c : {5.59064134e-02F, 2.40240988e-01F, 6.93124195e-01F, 1.0F}) {
    p = hn::MulAdd(p, f, hn::Set(d, c));
  }
  return p;
}

// e^-x to about 4e-6, relative.
HWY_INLINE VF exponential_of_negative(VF x) {
#if HWY_TARGET <= HWY_AVX3 && HWY_ARCH_X86
  // 2^t = 2^n * 2^f: the instruction set splits off the integer and scales by it. Neither 2^t nor
  // its reciprocal may be subnormal: that would cost hundreds of cycles.
  const DF d;
  const VF exact = hn::Mul(x, hn::Set(d, -1.44269504F));
  constexpr int kSmallerMagnitude = 2;  // with the sign of the first
  const VF t{_mm512_range_ps(exact.raw, hn::Set(d, 125.0F).raw, kSmallerMagnitude)};
  const VF n{_mm512_roundscale_ps(t.raw, _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC)};
  return VF{_mm512_scalef_ps(two_to_fraction(hn::Sub(t, n)).raw, n.raw)};
#else
  // The same, where adding 1.5 * 2^23 leaves the integer in the lowest bits.
  const DF d;
  const VF magic = hn::Set(d, 12582912.0F);
  VF t = hn::Mul(x, hn::Set(d, -1.44269504F));
  t = hn::Min(hn::Max(t, hn::Set(d, -125.0F)), hn::Set(d, 125.0F));
  const VF shifted = hn::Add(t, magic);
  const VF power = two_to_fraction(hn::Sub(t, hn::Sub(shifted, magic)));
  const VI exponent = hn::ShiftLeft<23>(hn::BitCast(DI(), shifted));
  return hn::BitCast(d, hn::Add(hn::BitCast(DI(), power), exponent));
#endif
}

HWY_INLINE VF sigmoid_fast(VF x) {
  return reciprocal(hn::Add(hn::Set(DF(), 1.0F), exponential_of_negative(x)));
}

#if HWY_TARGET <= HWY_AVX3 && HWY_ARCH_X86

// SiLU to about 5e-6, absolute: what lies above zero and an even remainder, in pieces. Takes three
// quarters of the time of an exponential function and a reciprocal.
class Silu {
 public:
  static constexpr bool kShort = true;  // enough to stay in registers beside a tile's sums

  Silu() {
    for (int i = 0; i < 4; ++i) {
      low_[i] = _mm512_loadu_ps(kSiluRemainder.coefficient[i]);
      high_[i] = _mm512_loadu_ps(kSiluRemainder.coefficient[i] + 16);
    }
  }

  HWY_INLINE VF operator()(VF x) const {
    constexpr int kSmallerMagnitude = 2, kPositive = 8;
    const __m512 largest = _mm512_set1_ps(14.999F);
    const __m512 s = _mm512_add_ps(_mm512_range_ps(x.raw, largest, kSmallerMagnitude | kPositive),
                                   _mm512_set1_ps(1.0F));
    const __m512i bits = _mm512_castps_si512(s);
    const __m512i piece = _mm512_srli_epi32(bits, 20);  // the shuffles look at five bits only
    const __m512i start = _mm512_and_si512(bits, _mm512_set1_epi32(-1 << 20));
    const __m512 f = _mm512_sub_ps(s, _mm512_castsi512_ps(start));
    __m512 p = _mm512_permutex2var_ps(low_[3], piece, high_[3]);
    unroll<3>([&](auto i) CAMCLASSIFY_ALWAYS_INLINE {
      p = _mm512_fmadd_ps(p, f, _mm512_permutex2var_ps(low_[2 - i], piece, high_[2 - i]));
    });
    return VF{_mm512_add_ps(_mm512_max_ps(x.raw, _mm512_setzero_ps()), p)};
  }

 private:
  __m512 low_[4], high_[4];
};

#else

struct Silu {
  static constexpr bool kShort = false;
  HWY_INLINE VF operator()(VF x) const { return hn::Mul(x, sigmoid_fast(x)); }
};

#endif

HWY_INLINE VF sigmoid_exact(VF x) {
  const VF one = hn::Set(DF(), 1.0F);
  return hn::Div(one, hn::Add(one, exponential_exact(hn::Neg(x))));
}

// Calls use(f) with the activation as a function of a vector. `exact`: the arithmetic that int8
// networks need.
template <class Use>
HWY_INLINE void with_activation(Activation activation, bool exact, const Use& use) {
  const DF d;
  switch (activation) {
    case Activation::kRelu:
      return use([d](VF x) { return hn::Max(x, hn::Zero(d)); });
    case Activation::kRelu6:
      return use([d](VF x) { return hn::Min(hn::Max(x, hn::Zero(d)), hn::Set(d, 6.0F)); });
    case Activation::kSilu:
      return use(Silu());
    case Activation::kHardSwish:
      return use([d](VF x) {
        const VF gate = hn::Max(hn::Add(x, hn::Set(d, 3.0F)), hn::Zero(d));
        return hn::Mul(x, hn::Mul(hn::Min(gate, hn::Set(d, 6.0F)), hn::Set(d, 1.0F / 6.0F)));
      });
    case Activation::kSigmoid:
      if (exact) return use([](VF x) { return sigmoid_exact(x); });
      return use([](VF x) { return sigmoid_fast(x); });
    default:
      return use([](VF x) { return x; });
  }
}

template <class Function>
HWY_INLINE void transform(float* values, std::size_t count, const Function& function) {
  const DF d;
  std::size_t i = 0;
  for (; i + kLanes <= count; i += kLanes) {
    hn::StoreU(function(hn::LoadU(d, values + i)), d, values + i);
  }
  if (i < count)
    hn::StoreN(function(hn::LoadN(d, values + i, count - i)), d, values + i, count - i);
}

void sigmoid(float* values, std::size_t count, bool exact) {
  with_activation(Activation::kSigmoid, exact, [&](auto f) { transform(values, count, f); });
}

}  // namespace
}  // namespace camclassify
