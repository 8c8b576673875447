#include "camclassify/appearance.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <vector>

namespace camclassify {
namespace {

constexpr Size kSize = {40, 30};

Plane plane_of(std::uint8_t level) { return {kSize, std::vector<std::uint8_t>(1200, level)}; }

// Different everywhere.
Plane scene() {
  Plane plane = plane_of(0);
  for (std::size_t i = 0; i < plane.pixels.size(); ++i)
    plane.pixels[i] = static_cast<std::uint8_t>(60 + i * 7 % 101);
  return plane;
}

TEST_CASE("a picture differs from the one before as far as its cells do") {
  const Plane before = scene();
  Plane now = before;
  CHECK(appearance_of(now, before).differing == 0);
  for (std::size_t i = 0; i < 12; ++i) ++now.pixels[i];
  CHECK(appearance_of(now, before).differing == doctest::Approx(0.01));
  CHECK(appearance_of(now, {}).differing == 1);
  CHECK(appearance_of(now, {{30, 40}, now.pixels}).differing == 1);
}

TEST_CASE("black is what is as dark as a covered lens, whatever the range") {
  CHECK(appearance_of(plane_of(0), {}).black == 1);
  CHECK(appearance_of(plane_of(16), {}).black == 1);
  CHECK(appearance_of(plane_of(40), {}).black == 0);
  CHECK(appearance_of(scene(), {}).black == 0);
  Plane with_clock = plane_of(2);
  std::fill_n(with_clock.pixels.begin(), 12, std::uint8_t{200});
  CHECK(appearance_of(with_clock, {}).black == doctest::Approx(0.99));
}

TEST_CASE("grey is what a decoder leaves at the bottom, not a wall nor a road") {
  const auto grey_from = [](std::size_t row, auto level) {
    Plane plane = scene();
    for (std::size_t i = row * 40; i < plane.pixels.size(); ++i)
      plane.pixels[i] = static_cast<std::uint8_t>(level(i));
    return appearance_of(plane, {}).grey;
  };
  CHECK(grey_from(15, [](std::size_t) { return 128; }) == doctest::Approx(0.5));
  CHECK(grey_from(15, [](std::size_t i) { return 130 + i % 2; }) == doctest::Approx(0.5));
  CHECK(grey_from(0, [](std::size_t) { return 128; }) == 1);
  CHECK(grey_from(15, [](std::size_t) { return 100; }) == 0);
  CHECK(grey_from(15, [](std::size_t i) { return 126 + i % 5; }) == 0);
  CHECK(grey_from(0, [](std::size_t i) { return 133 - i / 150; }) < 0.3F);
  CHECK(appearance_of(scene(), {}).grey == 0);
}

}  // namespace
}  // namespace camclassify
