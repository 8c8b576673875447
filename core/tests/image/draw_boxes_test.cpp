#include <doctest/doctest.h>

#include <array>

#include "camclassify/error.hpp"
#include "camclassify/image.hpp"
#include "pictures.hpp"

namespace camclassify {
namespace {

TEST_CASE("boxes are drawn where they are and nowhere else") {
  const auto grey = encode_jpeg(test::make_frame({320, 240},
                                                 [](int, int) {
                                                   return test::Rgb{128, 128, 128};
                                                 }),
                                95);
  const std::array boxes = {Box{0.25F, 0.25F, 0.75F, 0.75F}};
  const Frame drawn = decode(draw_boxes(grey, boxes), {});
  REQUIRE(drawn.size == Size{320, 240});
  const auto blue = [&](int x, int y) {
    return int{drawn.pixels[static_cast<std::size_t>(3 * (y * 320 + x) + 2)]};
  };
  CHECK(blue(81, 120) < 90);                   // left edge: the line has no blue
  CHECK(blue(160, 61) < 90);                   // top edge
  CHECK(std::abs(blue(160, 120) - 128) < 10);  // inside
  CHECK(std::abs(blue(20, 20) - 128) < 10);    // outside
}

TEST_CASE("boxes beyond the frame are cut") {
  const std::array boxes = {Box{-1, -1, 2, 2}, Box{0.5F, 0.5F, 0.5F, 0.5F}};
  CHECK(snapshot_size(draw_boxes(test::make_jpeg({40, 30}), boxes)) == Size{40, 30});
}

TEST_CASE("a damaged snapshot cannot be drawn on") {
  CHECK_THROWS_AS(draw_boxes({}, {}), SnapshotError);
}

}  // namespace
}  // namespace camclassify
