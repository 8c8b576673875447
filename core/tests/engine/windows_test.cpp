#include "engine/windows.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <random>

#include "engine/box.hpp"
#include "engine/samples.hpp"

namespace camclassify {
namespace {

using test::kFrame, test::kSides;

Box pixels(float x0, float y0, float x1, float y1, Size frame = kFrame) {
  const auto w = static_cast<float>(frame.width), h = static_cast<float>(frame.height);
  return {x0 / w, y0 / h, x1 / w, y1 / h};
}

float cost(const std::vector<Window>& windows) {
  float sum = 0;
  for (const Window& window : windows)
    sum += static_cast<float>(window.input.width * window.input.height);
  return sum;
}

TEST_CASE("every place lies whole in a window that suits it, whatever the places") {
  std::mt19937 random(1);
  const auto draw = [&](float least, float most) {
    return std::uniform_real_distribution<float>(least, most)(random);
  };
  for (int round = 0; round < 300; ++round) {
    const Size frame{static_cast<int>(draw(64, 4000)), static_cast<int>(draw(64, 2200))};
    std::vector<Place> places;
    for (int i = 0; i < round % 12; ++i) {
      const float x = draw(0, 0.95F), y = draw(0, 0.95F);
      places.push_back(
          {{x, y, std::min(1.0F, x + draw(0.001F, 0.4F)), std::min(1.0F, y + draw(0.001F, 0.4F))},
           draw(0, 1) < 0.5F ? draw(10, 400) : 0});
    }
    const auto windows = windows_around(places, frame, kSides);
    CHECK(windows.size() <= places.size());
    for (const Window& window : windows) {
      CHECK(window.input.width % kSides.step == 0);
      CHECK(window.input.height % kSides.step == 0);
      CHECK(std::min(window.input.width, window.input.height) >= kSides.least);
      CHECK(std::max(window.input.width, window.input.height) <= kSides.most);
      CHECK(window.region.x0 >= 0);
      CHECK(window.region.y0 >= 0);
      CHECK(window.region.x1 <= 1);
      CHECK(window.region.y1 <= 1);
    }
    for (const Place& place : places)
      CHECK(std::ranges::any_of(windows, [&](const Window& window) {
        return area(intersection(window.region, place.box)) >= 0.999F * area(place.box) &&
               longer_side(place.box, frame) * scale_of(window, frame) < 640;
      }));
  }
}

TEST_CASE("small changes are looked at as the picture has them or enlarged, large ones coarsely") {
  const auto scale_at = [](float side, float seen = 0) {
    const Place place{pixels(500, 400, 500 + side / 2, 400 + side), seen};
    return scale_of(windows_around(std::span(&place, 1), kFrame, kSides).front(), kFrame);
  };
  CHECK(scale_at(27) == doctest::Approx(2).epsilon(0.05));
  CHECK(scale_at(150) == doctest::Approx(1).epsilon(0.05));
  CHECK(600 * scale_at(600) == doctest::Approx(kLargestObject).epsilon(0.05));
  CHECK(600 * scale_at(600, 100) == doctest::Approx(100).epsilon(0.05));
}

TEST_CASE("changes close to one another share a window, others do not") {
  const std::vector<Place> close = {{pixels(500, 400, 540, 480)}, {pixels(560, 410, 600, 490)}};
  CHECK(windows_around(close, kFrame, kSides).size() == 1);
  const std::vector<Place> apart = {{pixels(100, 100, 140, 180)}, {pixels(1700, 900, 1740, 980)}};
  CHECK(windows_around(apart, kFrame, kSides).size() == 2);
  const std::vector<Place> near_a_large_one = {{pixels(100, 100, 900, 900)},
                                               {pixels(910, 300, 922, 327)}};
  CHECK(std::ranges::any_of(windows_around(near_a_large_one, kFrame, kSides), [&](const Window& w) {
    return shows(w, near_a_large_one[1].box, kFrame);
  }));
}

TEST_CASE("windows never cost more than each change alone") {
  std::mt19937 random(2);
  std::uniform_real_distribution<float> at(0, 0.9F);
  std::vector<Place> places;
  float alone = 0;
  for (int i = 0; i < 20; ++i) {
    const float x = at(random), y = at(random);
    places.push_back({{x, y, x + 0.03F, y + 0.08F}});
    alone += cost(windows_around(std::span(&places.back(), 1), kFrame, kSides));
  }
  CHECK(cost(windows_around(places, kFrame, kSides)) <= alone);
}

TEST_CASE("a search leaves nothing out that is small enough") {
  for (const Size frame : {Size{1920, 1080}, Size{3840, 2160}, Size{704, 576}, Size{1080, 1920}}) {
    CAPTURE(frame.width);
    const auto windows = windows_over({}, frame, kSides, kSmallestObject, 12);
    CHECK(windows.size() <= 12);
    const float side = 100 / scale_of(windows.front(), frame);  // of things in the picture
    const auto w = static_cast<float>(frame.width), h = static_cast<float>(frame.height);
    const float step = side / 3;
    for (int row = 0; static_cast<float>(row) * step + side <= h; ++row)
      for (int column = 0; static_cast<float>(column) * step + side <= w; ++column) {
        const float x = static_cast<float>(column) * step, y = static_cast<float>(row) * step;
        CHECK(std::ranges::any_of(windows, [&](const Window& window) {
          return shows(window, pixels(x, y, x + side, y + side, frame), frame);
        }));
      }
  }
}

TEST_CASE("a wide picture is looked at without the grey half of a square") {
  const Window window = whole_frame(kFrame, test::sample_input(), kSides);
  CHECK(window.region == Box{});
  CHECK(window.input == Size{544, 320});
  InputInfo fixed = test::sample_input();
  fixed.sides.reset();
  CHECK(whole_frame(kFrame, fixed, {416, 416, 32}).input == Size{416, 416});
}

TEST_CASE("a second look is at about twice or half of the scale of the first") {
  const Box box = pixels(800, 400, 850, 500);
  for (const float first : {60.0F, 100.0F, 110.0F}) {
    const auto again = [&](bool is_finer) {
      const Window window =
          window_for_second_look(box, first, is_finer, kFrame, test::sample_input(), kSides);
      CHECK(holds(window.region, box));
      return longer_side(box, kFrame) * scale_of(window, kFrame);
    };
    CHECK(again(true) == doctest::Approx(2.2F * first).epsilon(0.1));
    CHECK(again(false) == doctest::Approx(first / 2.2F).epsilon(0.1));
  }
}

TEST_CASE("a network of one size is given that, around every place") {
  const InputSides fixed{416, 416, 32};
  const std::vector<Place> places = {{pixels(500, 400, 540, 480)}, {pixels(0, 0, 1920, 1080)}};
  for (const Window& window : windows_around(places, kFrame, fixed))
    CHECK(window.input == Size{416, 416});
}

}  // namespace
}  // namespace camclassify
