#pragma once

// SiLU is max(x, 0) + g(|x|) with g(a) = -a / (1 + e^a), here in cubic pieces. Each octave of a + 1
// has eight, so that the number of a's piece stands in the upper bits of a + 1. Behind a = 15,
// where g is -5e-6, it is taken as constant.

namespace camclassify {
namespace {

// [power][piece]; a piece is a polynomial of what a + 1 exceeds the piece's start by.
struct SiluRemainder {
  alignas(64) float coefficient[4][32];
};

// e^-a, 0 <= a <= 15.
constexpr double exponential(double a) {
  double sum = 1, term = 1;
  for (int n = 1; n < 30; ++n) sum += term *= -a / 16 / n;
  for (int n = 0; n < 4; ++n) sum *= sum;
  return sum;
}

// Interpolates the remainder at the zeros of the fourth Chebyshev polynomial, piece by piece.
constexpr SiluRemainder interpolate_silu_remainder() {
  SiluRemainder result{};
  constexpr double kNodes[] = {-0.92387953251128674, -0.38268343236508977, 0.38268343236508977,
                               0.92387953251128674};
  for (int octave = 0; octave < 4; ++octave) {
    for (int part = 0; part < 8; ++part) {
      const double width = (1 << octave) / 8.0, start = (1 << octave) - 1 + part * width;
      double x[4]{}, difference[4]{}, power[4]{};
      for (int i = 0; i < 4; ++i) {
        x[i] = width / 2 * (1 + kNodes[i]);
        const double e = exponential(start + x[i]);
        difference[i] = -(start + x[i]) * e / (1 + e);
      }
      for (int order = 1; order < 4; ++order) {
        for (int i = 3; i >= order; --i) {
          difference[i] = (difference[i] - difference[i - 1]) / (x[i] - x[i - order]);
        }
      }
      for (int i = 3; i >= 0; --i) {  // Horner's scheme of Newton's form
        for (int k = 3; k > 0; --k) power[k] = power[k - 1] - x[i] * power[k];
        power[0] = difference[i] - x[i] * power[0];
      }
      // Exponents 127 .. 130, of which the two lowest bits are looked at.
      const int piece = (octave + 3) % 4 * 8 + part;
      for (int i = 0; i < 4; ++i) result.coefficient[i][piece] = static_cast<float>(power[i]);
    }
  }
  return result;
}

constexpr SiluRemainder kSiluRemainder = interpolate_silu_remainder();

}  // namespace
}  // namespace camclassify
