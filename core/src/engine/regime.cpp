#include "engine/regime.hpp"

#include <algorithm>

namespace camclassify {
namespace {

constexpr std::size_t kSampled = 4;  // every fourth pixel is enough

struct Limit {
  float value, margin;

  // Whether `x` lies above; the side where it was before is left only by the margin.
  bool exceeded(float x, std::optional<bool> was_above) const {
    if (!was_above) return x > value;
    return x > value + (*was_above ? -margin : margin);
  }
};

constexpr Limit kColourful = {4, 1};
constexpr Limit kNightEnds = {-6, 0.5F}, kDayBegins = {6, 0.5F};  // degrees above the horizon
constexpr Limit kDark = {40, 5}, kDim = {65, 5};                  // grey levels

}  // namespace

Light measure_light(const Frame& frame) {
  std::uint64_t luma = 0, colour = 0, count = 0;
  for (std::size_t i = 0; i + 2 < frame.pixels.size(); i += 3 * kSampled, ++count) {
    const unsigned r = frame.pixels[i], g = frame.pixels[i + 1], b = frame.pixels[i + 2];
    luma += 77 * r + 150 * g + 29 * b;
    colour += std::max({r, g, b}) - std::min({r, g, b});
  }
  const auto n = static_cast<float>(std::max<std::uint64_t>(count, 1));
  return {static_cast<float>(luma) / 256 / n, static_cast<float>(colour) / n};
}

Regime choose_regime(const Light& light, std::optional<float> sun_elevation,
                     std::optional<Regime> before) {
  const auto was = [&](bool above) { return before ? std::optional(above) : std::nullopt; };
  const bool was_night = before == Regime::kNight, was_day = before == Regime::kDay;
  if (!kColourful.exceeded(light.colour, was(!was_night))) return Regime::kNight;
  const float x = sun_elevation.value_or(light.brightness);
  const Limit& night_ends = sun_elevation ? kNightEnds : kDark;
  const Limit& day_begins = sun_elevation ? kDayBegins : kDim;
  if (!night_ends.exceeded(x, was(!was_night))) return Regime::kNight;
  return day_begins.exceeded(x, was(was_day)) ? Regime::kDay : Regime::kDusk;
}

}  // namespace camclassify
