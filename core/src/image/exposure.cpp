#include "image/exposure.hpp"

#include <algorithm>
#include <cmath>
#include <cstdlib>

namespace camclassify {
namespace {

constexpr int kScale = 256;  // fixed point of gain and offset below

// Fits over cells that deviate from `before` by at most `limit`.
Exposure fit(std::span<const std::uint8_t> reference, std::span<const std::uint8_t> luma,
             const Exposure& before, float limit) {
  const int gain = static_cast<int>(std::lround(before.gain * kScale));
  const int offset = static_cast<int>(std::lround(before.offset * kScale));
  const int most = static_cast<int>(std::min(limit, 255.0F) * kScale);
  std::int64_t n = 0, x = 0, y = 0, xx = 0, xy = 0, deviation = 0;
  constexpr std::size_t kBlock = 4096;  // so that 32 bits hold the sums
  for (std::size_t begin = 0; begin < reference.size(); begin += kBlock) {
    const std::size_t end = std::min(begin + kBlock, reference.size());
    std::uint32_t bn = 0, bx = 0, by = 0, bxx = 0, bxy = 0, bd = 0;
    for (std::size_t i = begin; i < end; ++i) {
      const int r = reference[i], l = luma[i];
      const int off = std::abs(l * kScale - gain * r - offset);
      const std::uint32_t in = off <= most ? ~0U : 0U;
      bn += in & 1U;
      bx += in & static_cast<std::uint32_t>(r);
      by += in & static_cast<std::uint32_t>(l);
      bxx += in & static_cast<std::uint32_t>(r * r);
      bxy += in & static_cast<std::uint32_t>(r * l);
      bd += in & static_cast<std::uint32_t>(off);
    }
    n += bn, x += bx, y += by, xx += bxx, xy += bxy, deviation += bd;
  }
  if (n == 0) return before;
  const double count = static_cast<double>(n);
  const double variance =
      static_cast<double>(xx) - static_cast<double>(x) * static_cast<double>(x) / count;
  const double covariance =
      static_cast<double>(xy) - static_cast<double>(x) * static_cast<double>(y) / count;
  Exposure exposure;
  // A picture without contrast says nothing about the gain.
  constexpr double kLeastVariance = 16;
  if (variance > kLeastVariance * count)
    exposure.gain = std::clamp(static_cast<float>(covariance / variance), 0.25F, 4.0F);
  exposure.offset =
      static_cast<float>((static_cast<double>(y) - exposure.gain * static_cast<double>(x)) / count);
  exposure.noise = static_cast<float>(static_cast<double>(deviation) / count / kScale);
  return exposure;
}

}  // namespace

Exposure fit_exposure(std::span<const std::uint8_t> reference, std::span<const std::uint8_t> luma) {
  constexpr int kRounds = 4;
  constexpr float kEverything = 255, kInlier = 2.0F, kLeast = 2;
  Exposure exposure = fit(reference, luma, {}, kEverything);
  for (int i = 0; i < kRounds; ++i)
    exposure = fit(reference, luma, exposure, std::max(kLeast, kInlier * exposure.noise));
  return exposure;
}

}  // namespace camclassify
