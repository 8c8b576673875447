#include <doctest/doctest.h>

#include "camclassify/error.hpp"
#include "camclassify/image.hpp"
#include "pictures.hpp"

namespace camclassify {
namespace {

TEST_CASE("what is cut out is what was in the box, no larger than asked for") {
  const auto halves =
      encode_jpeg(test::make_frame({400, 200},
                                   [](int x, int) {
                                     return x < 200 ? test::Rgb{250, 0, 0} : test::Rgb{0, 0, 250};
                                   }),
                  95);
  const Frame right = decode(cut_out(halves, {0.6F, 0.1F, 0.9F, 0.9F}, 80), {});
  CHECK(right.size == Size{60, 80});
  CHECK(right.pixels.front() < 20);
  CHECK(right.pixels[2] > 220);
}

TEST_CASE("a small object is not enlarged, and a box beyond the frame or without area is borne") {
  const auto gradient = test::make_jpeg({40, 30});
  CHECK(snapshot_size(cut_out(gradient, {-1, -1, 2, 2}, 96)) == Size{40, 30});
  CHECK(snapshot_size(cut_out(gradient, {0.5F, 0.5F, 0.5F, 0.5F}, 96)) == Size{1, 1});
}

TEST_CASE("nothing is cut out of a damaged snapshot") {
  CHECK_THROWS_AS(cut_out({}, {}, 96), SnapshotError);
}

}  // namespace
}  // namespace camclassify
