#include "memory/checked.hpp"

#include <doctest/doctest.h>

#include <array>
#include <limits>

namespace camclassify::testing {
namespace {

constexpr std::size_t kLargest = std::numeric_limits<std::size_t>::max();

TEST_CASE("A size is what the formula says while it fits") {
  CHECK((Checked(3) * 7 + 2).value() == 23);
  CHECK((Checked(0) * kLargest).value() == kLargest);
  CHECK((Checked(1) * (kLargest - 1)).value() == kLargest - 1);
}

TEST_CASE("A size that does not fit is the largest and stays so") {
  const Checked big = std::size_t{1} << 40;
  for (const Checked size : {big * big, Checked(kLargest - 1) + 2, Checked(-1), Checked(-1) * 0}) {
    CHECK(size.value() == kLargest);
    CHECK((size * 0).value() == kLargest);
    CHECK((size + 1).value() == kLargest);
  }
}

TEST_CASE("A tensor is sound if it has an element and not too many") {
  using Shape = std::array<std::int64_t, 3>;
  CHECK(is_sound(Shape{1, 1, 1}));
  CHECK(is_sound(Shape{1 << 10, 1 << 10, 1 << 8}));
  CHECK_FALSE(is_sound(Shape{1 << 10, 1 << 10, (1 << 8) + 1}));
  CHECK_FALSE(is_sound(Shape{1 << 30, 1 << 30, 16}));
  CHECK_FALSE(is_sound(Shape{-1, -1, 1}));
  CHECK_FALSE(is_sound(Shape{4, 0, 4}));
}

}  // namespace
}  // namespace camclassify::testing
