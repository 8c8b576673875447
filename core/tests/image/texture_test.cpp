#include "image/texture.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <random>

#include "image/changed.hpp"

namespace camclassify {
namespace {

using test::changed;

constexpr Size kGround = {120, 68};

std::uint8_t to_level(double level) {
  return static_cast<std::uint8_t>(std::clamp(std::lround(level), 0L, 255L));
}

// Ground with a pattern, smoothed a little as any lens does; seen a shift farther left and up.
Plane make_ground(unsigned seed, int dx = 0, int dy = 0) {
  std::mt19937 random(seed);
  constexpr int kWide = 160, kHigh = 100;
  std::vector<double> levels(std::size_t{kWide} * kHigh);
  for (double& level : levels) level = 90 + static_cast<double>(random() % 60);
  Plane plane{kGround, {}};
  for (int y = 0; y < kGround.height; ++y)
    for (int x = 0; x < kGround.width; ++x) {
      const auto i = static_cast<std::size_t>((y + 10 + dy) * kWide + x + 10 + dx);
      plane.pixels.push_back(to_level((levels[i] * 2 + levels[i + 1] + levels[i + kWide]) / 4));
    }
  return plane;
}

constexpr Box kPart = {0.2F, 0.2F, 0.5F, 0.6F};

float likeness_of(const Plane& before, const Plane& now) {
  return likeness(texture_of(before), texture_of(now), kPart).value_or(-2);
}

TEST_CASE("light, shadow and noise leave the pattern as it is") {
  const Plane ground = make_ground(1);
  CHECK(likeness_of(ground, ground) == doctest::Approx(1));
  CHECK(likeness_of(ground, changed(ground, [](int, int, double level) { return level * 0.55; })) >
        0.95F);
  CHECK(likeness_of(ground, changed(ground, [](int x, int, double level) {
                      return level * (0.5 + 0.005 * x);
                    })) > 0.9F);
}

TEST_CASE("a thing that comes between does not") {
  CHECK(likeness_of(make_ground(1), make_ground(2)) < 0.3F);
}

TEST_CASE("where hardly anything shows there is nothing to compare") {
  const Plane smooth = changed(make_ground(1), [](int, int, double) { return 100; });
  CHECK_FALSE(likeness(texture_of(smooth), texture_of(make_ground(1)), kPart));
  CHECK_FALSE(likeness(texture_of(make_ground(1)), texture_of(smooth), kPart));
}

TEST_CASE("a swing of the camera is told from what moves in its picture") {
  const Texture before = texture_of(make_ground(1));
  CHECK(is_shifted(before, texture_of(make_ground(1, 2, 1))));
  CHECK(is_shifted(before, texture_of(make_ground(1, -3, 3))));
  CHECK_FALSE(is_shifted(before, before));
  const Plane still = make_ground(1), swung = make_ground(1, 2, 1);
  const Plane moved = changed(still, [&](int x, int y, double level) {
    const bool inside = x > 10 && x < 60 && y > 10 && y < 40;
    return inside ? swung.pixels[static_cast<std::size_t>(y * kGround.width + x)] : level;
  });
  CHECK_FALSE(is_shifted(before, texture_of(moved)));
  CHECK_FALSE(is_shifted(before, texture_of(make_ground(2))));
}

TEST_CASE("planes of a cell, and parts at the border, are no trouble") {
  const Plane cell{{1, 1}, {7}};
  CHECK(texture_of(cell).contrasts == std::vector<std::int8_t>{0});
  CHECK_FALSE(is_shifted(texture_of(cell), texture_of(cell)));
  const Texture ground = texture_of(make_ground(1));
  CHECK(likeness(ground, ground, {0.95F, 0.95F, 1, 1}).value_or(0) == doctest::Approx(1));
}

}  // namespace
}  // namespace camclassify
