#include "image/blobs.hpp"

#include <doctest/doctest.h>

namespace camclassify {
namespace {

TEST_CASE("cells that touch, also by a corner, are one patch") {
  std::vector<std::uint8_t> cells = {1, 0, 0, 0, 9,  //
                                     0, 2, 0, 0, 0,  //
                                     0, 0, 3, 0, 0};
  const auto blobs = find_blobs(cells, {5, 3});
  REQUIRE(blobs.size() == 2);
  CHECK(blobs[0].weight == 6);
  CHECK(blobs[0].x1 == 3);
  CHECK(blobs[0].y1 == 3);
  CHECK(blobs[1].weight == 9);
  CHECK(blobs[1].x0 == 4);
}

TEST_CASE("nothing is found where nothing is") {
  std::vector<std::uint8_t> cells(12, 0);
  CHECK(find_blobs(cells, {4, 3}).empty());
  CHECK(find_blobs({}, {0, 0}).empty());
}

}  // namespace
}  // namespace camclassify
