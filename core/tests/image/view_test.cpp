#include "camclassify/view.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <random>
#include <vector>

#include "image/changed.hpp"

namespace camclassify {
namespace {

using test::changed;

constexpr Size kView = {96, 54};

// A place of overlapping rectangles, of which a camera sees a part.
class Place {
 public:
  explicit Place(unsigned seed) {
    std::minstd_rand random(seed);
    const auto below = [&](int most) { return static_cast<int>((random() >> 8) % most); };
    constexpr int kRectangles = 400, kWorld = 240;
    for (int i = 0; i < kRectangles; ++i)
      rectangles_.push_back({below(kWorld) - 40, below(kWorld) - 40, 4 + below(36), 4 + below(24),
                             static_cast<std::uint8_t>(30 + below(196))});
  }

  // Looked at so far right and down, in values of the plane.
  Plane seen_from(int right, int down) const {
    const auto [width, height] = kView;
    Plane plane{kView, std::vector<std::uint8_t>(static_cast<std::size_t>(width * height), 128)};
    for (const Rectangle& each : rectangles_)
      for (int y = std::max(each.y - down, 0); y < std::min(each.y + each.height - down, height);
           ++y)
        for (int x = std::max(each.x - right, 0); x < std::min(each.x + each.width - right, width);
             ++x)
          plane.pixels[static_cast<std::size_t>(y * width + x)] = each.level;
    return plane;
  }

 private:
  struct Rectangle {
    int x, y, width, height;
    std::uint8_t level;
  };

  std::vector<Rectangle> rectangles_;
};

bool same(const Plane& known, const Plane& now) {
  return is_same_view(likeness_of(known).value(), likeness_of(now).value());
}

TEST_CASE("what a camera shows is the same view in another light and behind what passes") {
  const Plane day = Place(1).seen_from(0, 0);
  std::minstd_rand random(2);
  CHECK(same(day, day));
  CHECK(same(day, changed(day, [](int, int, double level) { return level * 0.4F; })));
  CHECK(same(day, changed(day, [](int, int, double level) { return 60 + level * 1.2F; })));
  CHECK(same(day, changed(day, [&](int, int, double level) {
               return level * 0.5F + static_cast<float>(random() % 30);
             })));
  const Plane with_lorry = changed(day, [](int x, int y, double level) {
    return x < 48 ? static_cast<float>(40 + (x / 5 + y / 3) % 7 * 25) : level;
  });
  CHECK(same(day, with_lorry));
}

TEST_CASE("a camera that was bumped shows the same view, one that turned away another") {
  const Place place(1);
  const Plane before = place.seen_from(0, 0);
  CHECK(same(before, place.seen_from(6, 0)));
  CHECK(same(before, place.seen_from(-3, 3)));
  CHECK_FALSE(same(before, place.seen_from(40, 0)));
  CHECK_FALSE(same(before, place.seen_from(0, 30)));
  for (unsigned seed = 10; seed < 60; ++seed)
    CHECK_FALSE(same(before, Place(seed).seen_from(0, 0)));
}

TEST_CASE("a picture in which nothing shows may be of any view") {
  const Plane day = Place(1).seen_from(0, 0);
  const auto before = likeness_of(day);
  const auto dark =
      likeness_of(changed(day, [](int, int, double level) { return level * 0.005F; }));
  CHECK_FALSE(dark);
  // Only what is nearly black shows at all.
  CHECK_FALSE(likeness_of(changed(day, [](int, int, double level) { return level + 215; })));
  const std::vector known = {likeness_of(Place(2).seen_from(0, 0)).value(), before.value()};
  const View view = recognise(dark, before, known);
  CHECK(view.known == 0);
  CHECK_FALSE(view.moved);
  CHECK_FALSE(view.likeness);
}

TEST_CASE("a plane of any size has a likeness or none") {
  for (const Size size : {Size{1, 1}, Size{5, 400}, Size{500, 3}}) {
    Plane plane{size,
                std::vector<std::uint8_t>(static_cast<std::size_t>(size.width * size.height), 90)};
    CHECK_FALSE(likeness_of(plane));
    std::minstd_rand random(1);
    for (std::uint8_t& level : plane.pixels) level = static_cast<std::uint8_t>(random() >> 8);
    CHECK(likeness_of(plane).has_value() == (size.width > 1));
  }
}

TEST_CASE("a known view is recognised") {
  const Place place(1);
  const auto street = likeness_of(place.seen_from(0, 0));
  const auto lawn = likeness_of(place.seen_from(60, 0));
  const Plane dim =
      changed(place.seen_from(60, 0), [](int, int, double level) { return level / 2; });
  const std::vector known = {street.value(), lawn.value()};

  const View first = recognise(street, std::nullopt, {});
  CHECK_FALSE(first.known);
  CHECK_FALSE(first.moved);
  CHECK(first.likeness == street);

  const View turned = recognise(likeness_of(dim), street, known);
  CHECK(turned.known == 1);
  CHECK(turned.moved);

  const View elsewhere = recognise(likeness_of(place.seen_from(0, 60)), lawn, known);
  CHECK_FALSE(elsewhere.known);
  CHECK(elsewhere.moved);
}

TEST_CASE("a camera that turns slowly leaves its view in the end") {
  const Place place(1);
  std::optional<Likeness> before = likeness_of(place.seen_from(0, 0));
  const std::vector known = {before.value()};
  bool ever_moved = false;
  int left_at = 0;
  for (int right = 1; right < 60; ++right) {
    const auto now = likeness_of(place.seen_from(right, 0));
    const View view = recognise(now, before, known);
    ever_moved |= view.moved;
    before = now;
    if (!view.known) {
      left_at = right;
      break;
    }
  }
  CHECK_FALSE(ever_moved);
  CHECK(left_at > 0);
  CHECK(left_at < 24);
}

}  // namespace
}  // namespace camclassify
