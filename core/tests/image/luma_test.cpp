#include <doctest/doctest.h>

#include <cstdlib>

#include "camclassify/image.hpp"
#include "pictures.hpp"

namespace camclassify {
namespace {

TEST_CASE("the luma plane has one value per 8x8 pixels, rounded up") {
  CHECK(luma(test::make_gradient({64, 48})).size == Size{8, 6});
  CHECK(luma(test::make_gradient({65, 49})).size == Size{9, 7});
  CHECK(luma(test::make_gradient({5, 3})).size == Size{1, 1});
}

TEST_CASE("luma weighs the colours as BT.601 does") {
  const auto level = [](test::Rgb colour) {
    return luma(test::make_frame({8, 8}, [&](int, int) { return colour; })).pixels.at(0);
  };
  CHECK(level({0, 0, 0}) == 0);
  CHECK(level({255, 255, 255}) == 255);
  CHECK(level({255, 0, 0}) == 77);
  CHECK(level({0, 255, 0}) == 149);
  CHECK(level({0, 0, 255}) == 29);
}

TEST_CASE("a snapshot's luma is its frame's luma") {
  for (const Size size : {Size{320, 240}, Size{333, 251}, Size{8, 8}, Size{1, 1}}) {
    const auto jpeg = test::make_jpeg(size);
    const Plane direct = decode_luma(jpeg), from_frame = luma(decode(jpeg, {}));
    REQUIRE(direct.size == from_frame.size);
    for (std::size_t i = 0; i < direct.pixels.size(); ++i)
      CHECK(std::abs(direct.pixels[i] - from_frame.pixels[i]) <= 3);
  }
}

TEST_CASE("the luma plane of a frame decoded at a reduced scale fits that of the whole") {
  const auto jpeg = test::make_jpeg({640, 360});
  const Plane whole = luma(decode(jpeg, {})), reduced = luma(decode(jpeg, {160, 90}));
  REQUIRE(whole.size == reduced.size);
  for (std::size_t i = 0; i < whole.pixels.size(); ++i)
    CHECK(std::abs(whole.pixels[i] - reduced.pixels[i]) <= 3);
}

}  // namespace
}  // namespace camclassify
