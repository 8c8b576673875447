#include "camclassify/change_gate.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <random>

#include "image/changed.hpp"

namespace camclassify {
namespace {

using test::changed;

constexpr Size kScene = {160, 90};

// A scene with flat parts, edges and texture.
Plane make_scene() {
  Plane plane{kScene, {}};
  std::mt19937 random(7);
  for (int y = 0; y < kScene.height; ++y)
    for (int x = 0; x < kScene.width; ++x) {
      int level = 60 + x / 2 + (y > 60 ? 40 : 0);
      if (x > 100 && y > 20 && y < 50) level = 180;
      if (x < 40) level += static_cast<int>(random() % 30);
      plane.pixels.push_back(static_cast<std::uint8_t>(std::min(level, 255)));
    }
  return plane;
}

Plane with_noise(const Plane& plane, double sigma, unsigned seed) {
  std::mt19937 random(seed);
  std::normal_distribution<> noise(0, sigma);
  return changed(plane, [&](int, int, double level) { return level + noise(random); });
}

Plane with_block(const Plane& plane, int x0, int y0, int width, int height, double difference) {
  return changed(plane, [&](int x, int y, double level) {
    const bool inside = x >= x0 && x < x0 + width && y >= y0 && y < y0 + height;
    return inside ? level + difference : level;
  });
}

TEST_CASE("without a reference the gate is open for the whole frame") {
  const ChangeGate gate;
  const auto verdict = gate.test(make_scene());
  CHECK(verdict.open);
  CHECK(verdict.changed == std::vector<Box>{Box{}});
}

TEST_CASE("a picture of another size opens it") {
  ChangeGate gate;
  gate.accept(make_scene());
  CHECK(gate.test(Plane{{8, 8}, std::vector<std::uint8_t>(64)}).open);
}

TEST_CASE("the same picture keeps it closed; after a reset it is open") {
  ChangeGate gate;
  gate.accept(make_scene());
  CHECK_FALSE(gate.test(make_scene()).open);
  gate.reset();
  CHECK(gate.test(make_scene()).open);
}

TEST_CASE("noise keeps it closed, whatever its strength") {
  for (const double sigma : {0.5, 1.0, 2.0, 4.0}) {
    for (unsigned seed = 0; seed < 20; ++seed) {
      ChangeGate gate;
      gate.accept(with_noise(make_scene(), sigma, 2 * seed));
      CHECK_FALSE(gate.test(with_noise(make_scene(), sigma, 2 * seed + 1)).open);
    }
  }
}

TEST_CASE("a step of the exposure keeps it closed") {
  ChangeGate gate;
  gate.accept(with_noise(make_scene(), 0.7, 1));
  for (const auto& exposure :
       {std::pair{1.0, 20.0}, {1.0, -30.0}, {1.25, 0.0}, {0.7, 0.0}, {0.8, 25.0}}) {
    const Plane plane = changed(make_scene(), [&](int, int, double level) {
      return exposure.first * level + exposure.second;
    });
    CHECK_FALSE(gate.test(with_noise(plane, 0.7, 2)).open);
  }
}

TEST_CASE("a shake by a part of a cell keeps it closed") {
  ChangeGate gate;
  const Plane scene = make_scene();
  gate.accept(scene);
  for (const double shift : {0.1, 0.25, 0.4}) {
    const Plane shaken = changed(scene, [&](int x, int y, double level) {
      const int next = std::min(x + 1, kScene.width - 1);
      return level +
             shift * (scene.pixels[static_cast<std::size_t>(y * kScene.width + next)] - level);
    });
    CHECK_FALSE(gate.test(shaken).open);
  }
}

TEST_CASE("single cells that flicker, as in rain, keep it closed") {
  ChangeGate gate;
  gate.accept(with_noise(make_scene(), 0.7, 1));
  for (unsigned seed = 0; seed < 20; ++seed) {
    std::mt19937 random(seed);
    const Plane rain = changed(with_noise(make_scene(), 0.7, seed), [&](int, int, double level) {
      return random() % 40 == 0 ? level + 12 : level;
    });
    CHECK_FALSE(gate.test(rain).open);
  }
}

TEST_CASE("a small person opens it wherever he stands, and the box says where") {
  const Plane scene = make_scene();
  ChangeGate gate;
  gate.accept(with_noise(scene, 0.7, 1));
  std::mt19937 random(3);
  for (int round = 0; round < 100; ++round) {
    const int x = static_cast<int>(random() % 156), y = static_cast<int>(random() % 84);
    const double difference = round % 2 != 0 ? 35 : -35;
    const auto verdict = gate.test(with_noise(with_block(scene, x, y, 2, 5, difference), 0.7, 2));
    REQUIRE(verdict.open);
    const bool found = std::ranges::any_of(verdict.changed, [&](const Box& box) {
      return box.x0 * 160 <= static_cast<float>(x) + 1 &&
             box.x1 * 160 >= static_cast<float>(x) + 1 &&
             box.y0 * 90 <= static_cast<float>(y) + 3 && box.y1 * 90 >= static_cast<float>(y) + 2;
    });
    CHECK(found);
  }
}

TEST_CASE("a person opens it although the exposure jumps at the same time") {
  const Plane scene = make_scene();
  ChangeGate gate;
  gate.accept(with_noise(scene, 0.7, 1));
  const Plane person = with_block(scene, 60, 50, 5, 12, -50);
  const Plane darker = changed(person, [](int, int, double level) { return 0.8 * level + 10; });
  CHECK(gate.test(with_noise(darker, 0.7, 2)).open);
}

TEST_CASE("light that changes slowly does not open it for ever") {
  ChangeGate gate;
  int opened = 0;
  for (int step = 0; step < 100; ++step) {
    const Plane plane = with_noise(
        changed(make_scene(), [&](int x, int, double level) { return level + 0.004 * step * x; }),
        0.5, static_cast<unsigned>(step));
    if (!gate.test(plane).open) continue;
    ++opened;
    gate.accept(plane);
  }
  CHECK(opened < 15);
}

TEST_CASE("a clock in the picture opens it only the first few times") {
  ChangeGate gate;
  int opened = 0;
  for (int second = 0; second < 60; ++second) {
    const Plane plane = with_block(make_scene(), 4, 80, 6, 5, second % 2 != 0 ? 80 : 0);
    if (!gate.test(plane).open) continue;
    ++opened;
    gate.accept(plane);
  }
  CHECK(opened >= 1);
  CHECK(opened < 12);
  CHECK(gate.test(with_block(make_scene(), 80, 60, 4, 8, 60)).open);  // the rest stays watched
}

TEST_CASE("what moves where an object was found never becomes habit") {
  ChangeGate gate;
  const std::vector<Box> occupied = {Box{0, 0.8F, 0.2F, 1}};
  for (int second = 0; second < 60; ++second) {
    const Plane plane = with_block(make_scene(), 4, 80, 6, 5, second % 2 != 0 ? 80 : 0);
    CHECK(gate.test(plane).open);
    gate.accept(plane, occupied);
  }
}

TEST_CASE("what is new is told from the same in another light") {
  ChangeGate gate;
  const Plane scene = make_scene();
  for (int i = 0; i < 3; ++i) gate.accept(scene);
  const Box left = {0.05F, 0.2F, 0.2F, 0.6F};
  const auto part = [](int x, int y) { return x >= 6 && x < 34 && y >= 16 && y < 56; };
  const auto shaded = gate.test(
      changed(scene, [&](int x, int y, double level) { return part(x, y) ? level * 0.6 : level; }));
  CHECK(shaded.open);
  CHECK_FALSE(shaded.is_new(left));
  const auto covered = gate.test(changed(scene, [&](int x, int y, double level) {
    return part(x, y) ? ((x / 3 + y / 2) % 3) * 70 : level;
  }));
  CHECK(covered.open);
  CHECK(covered.is_new(left));
}

TEST_CASE("a first frame shows nothing new") {
  CHECK_FALSE(ChangeGate().test(make_scene()).is_new(Box{}));
}

}  // namespace
}  // namespace camclassify
