#include "image/exposure.hpp"

#include <algorithm>
#include <cmath>
#include <vector>

namespace camclassify {
namespace {

constexpr std::size_t kBands = 16, kBandLevels = 256 / kBands;
constexpr std::size_t kDifferences = 511;  // -255 .. 255
constexpr int kZero = 255;

using Histogram = std::array<std::uint32_t, kDifferences>;

struct Band {
  double change = 0;  // median
  double cells = 0;
};

Band summarise(const Histogram& histogram) {
  std::uint32_t cells = 0;
  for (const std::uint32_t count : histogram) cells += count;
  std::uint32_t below = 0;
  std::size_t i = 0;
  while (i + 1 < kDifferences && 2 * (below + histogram[i]) < cells) below += histogram[i++];
  return {static_cast<double>(static_cast<int>(i) - kZero), static_cast<double>(cells)};
}

// Each band leans on its neighbours, the more the fewer cells it has: an object must not pass for
// the tone curve because nothing else has its brightness.
std::array<double, kBands> smooth(const std::array<Band, kBands>& bands) {
  constexpr double kFalloff = 0.2;  // from one band to the next
  std::array<double, kBands> changes{};
  for (std::size_t i = 0; i < kBands; ++i) {
    double sum = 0, weights = 0;
    for (std::size_t k = 0; k < kBands; ++k) {
      const auto distance = static_cast<double>(i > k ? i - k : k - i);
      const double weight = bands[k].cells * std::pow(kFalloff, distance);
      sum += weight * bands[k].change;
      weights += weight;
    }
    changes[i] = sum / weights;
  }
  return changes;
}

// Between the bands' centres, linearly.
std::array<std::uint8_t, 256> interpolate(const std::array<double, kBands>& changes) {
  std::array<std::uint8_t, 256> expected;
  for (std::size_t level = 0; level < expected.size(); ++level) {
    const double position =
        std::clamp((static_cast<double>(level) + 0.5) / kBandLevels - 0.5, 0.0, kBands - 1.0);
    const auto band = std::min(static_cast<std::size_t>(position), kBands - 2);
    const double share = position - static_cast<double>(band);
    const double change = (1 - share) * changes[band] + share * changes[band + 1];
    expected[level] = static_cast<std::uint8_t>(
        std::clamp(std::lround(static_cast<double>(level) + change), 0L, 255L));
  }
  return expected;
}

// Mean deviation from the curve, without the fifth that deviates most: objects, not noise.
float measure_noise(std::span<const std::uint8_t> reference, std::span<const std::uint8_t> luma,
                    const std::array<std::uint8_t, 256>& expected) {
  constexpr double kKept = 0.8;
  std::array<std::uint32_t, 256> histogram{};
  for (std::size_t i = 0; i < luma.size(); ++i) {
    const int deviation = luma[i] - expected[reference[i]];
    ++histogram[static_cast<std::size_t>(deviation < 0 ? -deviation : deviation)];
  }
  double left = kKept * static_cast<double>(luma.size()), sum = 0;
  for (std::size_t deviation = 0; deviation < histogram.size() && left > 0; ++deviation) {
    const double taken = std::min<double>(histogram[deviation], left);
    sum += taken * static_cast<double>(deviation);
    left -= taken;
  }
  return static_cast<float>(sum / (kKept * static_cast<double>(luma.size())));
}

}  // namespace

Exposure fit_exposure(std::span<const std::uint8_t> reference, std::span<const std::uint8_t> luma) {
  std::vector<Histogram> histograms(kBands);
  for (std::size_t i = 0; i < luma.size(); ++i)
    ++histograms[reference[i] / kBandLevels]
                [static_cast<std::size_t>(luma[i] - reference[i] + kZero)];
  std::array<Band, kBands> bands;
  std::ranges::transform(histograms, bands.begin(), summarise);
  Exposure exposure;
  exposure.expected = interpolate(smooth(bands));
  exposure.noise = measure_noise(reference, luma, exposure.expected);
  return exposure;
}

}  // namespace camclassify
