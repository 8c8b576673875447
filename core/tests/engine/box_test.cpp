#include "engine/box.hpp"

#include <doctest/doctest.h>

#include <limits>
#include <random>

namespace camclassify {
namespace {

TEST_CASE("overlap is measured against the union and against the smaller box") {
  const Box left = {0, 0, 0.5F, 1}, middle = {0.25F, 0, 0.75F, 1}, inner = {0.1F, 0.1F, 0.2F, 0.2F};
  CHECK(iou(left, left) == doctest::Approx(1));
  CHECK(iou(left, middle) == doctest::Approx(1.0 / 3));
  CHECK(containment(left, inner) == doctest::Approx(1));
  CHECK(iou(left, inner) == doctest::Approx(0.02));
  CHECK(iou(inner, {0.8F, 0.8F, 0.9F, 0.9F}) == 0);
  CHECK_FALSE(intersects(left, {0.5F, 0, 1, 1}));
}

TEST_CASE("a sliver of a box at the edge of a picture holds no pixel of it") {
  constexpr Size kPicture = {640, 480};
  CHECK(holds_a_pixel({0.5F, 0.5F, 0.51F, 0.51F}, kPicture));
  CHECK_FALSE(holds_a_pixel(clipped({0.99999F, 0.2F, 1.4F, 0.6F}), kPicture));
  CHECK_FALSE(holds_a_pixel(clipped({1.1F, 0.2F, 1.4F, 0.6F}), kPicture));
  CHECK_FALSE(holds_a_pixel({0.5F, 0.4F, std::numeric_limits<float>::quiet_NaN(), 0.6F}, kPicture));
}

TEST_CASE("a box brought to an aspect keeps it, stays inside the frame and holds the box") {
  std::mt19937 random(1);
  std::uniform_real_distribution<float> fraction(0, 1);
  for (int round = 0; round < 500; ++round) {
    const float x = fraction(random), y = fraction(random);
    const Box box = {x, y, x + (1 - x) * fraction(random) * 0.3F,
                     y + (1 - y) * fraction(random) * 0.3F};
    const Size frame = {1920, 1080}, shape = {416, 256};
    const Box wide = with_aspect(box, shape, frame);
    CHECK(wide.x0 >= 0);
    CHECK(wide.y0 >= 0);
    CHECK(wide.x1 <= 1.0001F);
    CHECK(wide.y1 <= 1.0001F);
    CHECK(wide.x0 <= box.x0 + 1e-5F);
    CHECK(wide.y0 <= box.y0 + 1e-5F);
    CHECK(wide.x1 >= box.x1 - 1e-5F);
    CHECK(wide.y1 >= box.y1 - 1e-5F);
    CHECK(width(wide) * 1920 / (height(wide) * 1080) == doctest::Approx(416.0 / 256).epsilon(0.01));
  }
}

}  // namespace
}  // namespace camclassify
