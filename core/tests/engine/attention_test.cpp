#include "engine/attention.hpp"

#include <doctest/doctest.h>

#include <algorithm>

#include "engine/box.hpp"
#include "engine/samples.hpp"

namespace camclassify {
namespace {

using test::kCar, test::kFrame, test::kPerson, test::kSides;

constexpr Box kPlace = {0.3F, 0.4F, 0.33F, 0.48F}, kElsewhere = {0.7F, 0.7F, 0.73F, 0.78F};

// A camera whose scene is known: what its windows show is found.
class Camera {
 public:
  std::vector<Candidate> there;  // what a good network finds, wherever it looks
  std::vector<Window> windows;   // of the last frame
  float effort = 1;
  bool is_new = true;       // what changes shows something new, not the same in another light
  float blurred_below = 0;  // pixels of the network: then a thing is seen, but with 0.5 only

  // Finds what windows show of what is there.
  std::vector<Candidate> look(std::vector<Box> changed, std::vector<Box> zones = {}) {
    windows = attention.choose(changed, zones, kFrame, test::sample_input(), kSides, effort);
    std::vector<Candidate> found;
    for (std::size_t i = 0; i < windows.size(); ++i) {
      for (Candidate candidate : there) {
        if (!shows(windows[i], candidate.box, kFrame)) continue;
        candidate.region = static_cast<int>(i);
        candidate.pixels = longer_side(candidate.box, kFrame) * scale_of(windows[i], kFrame);
        if (candidate.pixels < blurred_below) candidate.score = 0.5F;
        found.push_back(candidate);
      }
    }
    return attention.complete(
        suppress(std::move(found), taxonomy_), windows, changed, [&](const Box&) { return is_new; },
        kFrame, taxonomy_);
  }

  void search() {
    for (int looks = 0; looks < 20; ++looks) look({});
  }

  bool looked_at(const Box& box) const {
    return std::ranges::any_of(windows, [&](const Window& w) { return shows(w, box, kFrame); });
  }

  Attention attention;

 private:
  Taxonomy taxonomy_{test::sample_bundle(), {}};
};

TEST_CASE("small things that never move are found by the search of the start") {
  Camera camera;
  camera.there = {{kPerson, 0.9F, {0.3F, 0.4F, 0.31F, 0.44F}},
                  {kPerson, 0.9F, {0.9F, 0.9F, 0.92F, 0.97F}}};
  CHECK(camera.look({}).empty());
  camera.search();
  CHECK(camera.look({}).size() == 2);
}

TEST_CASE("the first look is at the whole frame and at every zone") {
  Camera camera;
  camera.look({}, {kPlace});
  CHECK(std::ranges::count(camera.windows, Box{}, &Window::region) == 2);
  CHECK(std::ranges::any_of(camera.windows, [](const Window& window) {
    return window.region != Box{} && holds(window.region, kPlace);
  }));
}

TEST_CASE("a still scene costs next to nothing, and is looked at again in turns") {
  Camera camera;
  camera.there = {{kCar, 0.9F, kPlace}};
  camera.search();
  int windows = 0;
  bool again = false;
  for (int frame = 0; frame < 100; ++frame) {
    CHECK(camera.look({}).size() == 1);
    windows += static_cast<int>(camera.windows.size());
    again = again || camera.looked_at(kPlace);
  }
  CHECK(windows < 30);
  CHECK(again);
}

TEST_CASE("where something changed is looked at, and nowhere else") {
  Camera camera;
  camera.search();
  camera.there = {{kPerson, 0.9F, kPlace}};
  CHECK(camera.look({kPlace}).size() == 1);
  CHECK(camera.looked_at(kPlace));
  CHECK_FALSE(camera.looked_at(kElsewhere));
}

TEST_CASE("what rests stays known while others move") {
  Camera camera;
  camera.there = {{kCar, 0.9F, kPlace}};
  camera.search();
  camera.there = {};  // as if every further look at it failed: none may be taken
  const auto all = camera.look({kElsewhere});
  REQUIRE(all.size() == 1);
  CHECK(all[0].id == kCar);
}

TEST_CASE("who left is gone at once, also if hardly anything changed there") {
  Camera camera;
  camera.search();
  camera.there = {{kPerson, 0.9F, kPlace}};
  camera.look({kPlace});
  SUBCASE("the change is seen") {
    camera.there = {};
    CHECK(camera.look({kPlace}).empty());
  }
  SUBCASE("the change is not seen") {
    camera.there = {{kPerson, 0.9F, kElsewhere}};
    const auto all = camera.look({kElsewhere});
    REQUIRE(all.size() == 1);
    CHECK(all[0].box == kElsewhere);
  }
}

TEST_CASE("one look that misses a thing at rest does not make it go, several do") {
  Camera camera;
  camera.there = {{kCar, 0.9F, kPlace}};
  camera.search();
  for (int frame = 0; frame < 10; ++frame) camera.look({});
  camera.there = {};
  int frames = 0;
  while (frames < 200 && !camera.look({}).empty()) ++frames;
  CHECK(frames > 12);
  CHECK(frames < 60);
}

TEST_CASE("a coarser and less sure look does not blur what was seen well") {
  Camera camera;
  camera.there = {{kCar, 0.9F, {0.3F, 0.4F, 0.37F, 0.5F}}};
  camera.blurred_below = 60;
  camera.search();
  bool saw_whole = false;
  for (int frame = 0; frame < 150; ++frame) {
    const auto all = camera.look({});
    saw_whole = saw_whole || std::ranges::count(camera.windows, Box{}, &Window::region) > 0;
    REQUIRE(all.size() == 1);
    CHECK(all[0].score == 0.9F);
  }
  CHECK(saw_whole);
}

TEST_CASE("a frame in which too much moves is finished in the next ones") {
  Camera camera;
  camera.search();
  std::vector<Box> changed;
  for (int row = 0; row < 4; ++row)
    for (int column = 0; column < 8; ++column) {
      const float x = 0.02F + 0.12F * static_cast<float>(column);
      const float y = 0.02F + 0.24F * static_cast<float>(row);
      changed.push_back({x, y, x + 0.02F, y + 0.06F});
      camera.there.push_back({kPerson, 0.9F, changed.back()});
    }
  const auto cost = [&] {
    int sum = 0;
    for (const Window& window : camera.windows) sum += window.input.width * window.input.height;
    return sum;
  };
  camera.look(changed);
  CHECK(cost() < 5 * 416 * 416);
  std::vector<Candidate> all;
  for (int frame = 0; frame < 8; ++frame) {
    all = camera.look({});
    CHECK(cost() < 5 * 416 * 416);
  }
  CHECK(all.size() == changed.size());
}

TEST_CASE("what comes is trusted; what was there from the first is not until somebody says so") {
  Camera camera;
  camera.there = {{kCar, 0.9F, kPlace}};
  auto all = camera.look({Box{}});
  for (int looks = 0; looks < 20; ++looks) all = camera.look({});
  REQUIRE(all.size() == 1);
  CHECK_FALSE(all[0].is_trusted);
  CHECK(camera.attention.is_searching());
  camera.there.push_back({kPerson, 0.9F, kElsewhere});
  all = camera.look({kElsewhere});
  REQUIRE(all.size() == 2);
  for (const Candidate& candidate : all) CHECK(candidate.is_trusted == (candidate.id == kPerson));
  SUBCASE("that it is to be trusted") {
    camera.attention.trust(camera.there[0], true);
    for (const Candidate& candidate : camera.look({kPlace})) CHECK(candidate.is_trusted);
    CHECK_FALSE(camera.attention.is_searching());
  }
  SUBCASE("that it is not: also when something passes") {
    camera.attention.trust(camera.there[0], false);
    CHECK_FALSE(camera.attention.is_searching());
    for (const Candidate& candidate : camera.look({kPlace}))
      CHECK(candidate.is_trusted == (candidate.id == kPerson));
  }
}

TEST_CASE("a change of nearly everything is looked at as a whole, coarsely too") {
  Camera camera;
  camera.search();
  camera.look({Box{}});
  CHECK(std::ranges::count(camera.windows, Box{}, &Window::region) == 2);
}

TEST_CASE("what comes is trusted, what only gets another light is not") {
  for (const bool is_new : {true, false}) {
    CAPTURE(is_new);
    Camera camera;
    camera.search();
    camera.is_new = is_new;
    camera.there = {{kPerson, 0.9F, kPlace}};
    const auto all = camera.look({kPlace});
    REQUIRE(all.size() == 1);
    CHECK(all[0].is_trusted == is_new);
  }
}

TEST_CASE("who was there from the first and walks on is trusted, what is passed by is not") {
  Camera camera;
  camera.there = {{kPerson, 0.9F, kPlace}, {kCar, 0.9F, kElsewhere}};
  camera.search();
  for (int step = 1; step <= 8; ++step) {
    const float x = 0.004F * static_cast<float>(step);
    const Box now = {kPlace.x0 + x, kPlace.y0, kPlace.x1 + x, kPlace.y1};
    camera.there[0].box = now;
    for (const Candidate& candidate : camera.look({now, kElsewhere})) {
      CAPTURE(step);
      const bool walked_on = candidate.id == kPerson && iou(kPlace, now) < 0.3F;
      CHECK(candidate.is_trusted == walked_on);
    }
  }
  CHECK(iou(kPlace, camera.there[0].box) < 0.3F);
}

TEST_CASE("who seems to walk while the camera swings is not trusted") {
  Camera camera;
  camera.is_new = false;
  camera.there = {{kPerson, 0.9F, kPlace}};
  camera.search();
  for (int step = 1; step <= 8; ++step) {
    const float x = 0.004F * static_cast<float>(step);
    camera.there[0].box = {kPlace.x0 + x, kPlace.y0, kPlace.x1 + x, kPlace.y1};
    for (const Candidate& candidate : camera.look({camera.there[0].box}))
      CHECK_FALSE(candidate.is_trusted);
  }
}

TEST_CASE("one lucky look at what rests counts as little as the others") {
  Camera camera;
  camera.search();
  for (const float score : {0.4F, 0.4F, 0.4F, 0.9F}) {
    camera.there = {{kPerson, score, kPlace}};
    camera.look({kPlace});
  }
  CHECK(camera.look({}).at(0).score == doctest::Approx(0.4F));
}

TEST_CASE("with less effort turns come rarer first, then windows are fewer") {
  const auto cost_of = [](float effort, bool is_busy) {
    Camera camera;
    camera.effort = effort;
    camera.there = {{kCar, 0.9F, kPlace}};
    camera.search();
    for (int frame = 0; frame < 40; ++frame) camera.look({});
    float spent = 0;
    for (int frame = 0; frame < 240; ++frame) {
      std::vector<Box> changed;
      for (int i = 0; is_busy && i < 8; ++i) {
        const float x = static_cast<float>((frame * 3 + i * 29) % 80) / 100;
        changed.push_back(
            {x, 0.11F * static_cast<float>(i), x + 0.1F, 0.11F * static_cast<float>(i) + 0.1F});
      }
      camera.look(changed);
      for (const Window& window : camera.windows) spent += cost(window.input);
    }
    return spent;
  };
  CHECK(cost_of(0.5F, false) < 0.7F * cost_of(1, false));
  CHECK(cost_of(0.5F, true) > 0.85F * cost_of(1, true));
  CHECK(cost_of(0.25F, true) < 0.65F * cost_of(1, true));
}

TEST_CASE("what is known stays known with the least effort") {
  Camera camera;
  camera.effort = 0.01F;
  camera.there = {{kCar, 0.9F, kPlace}};
  for (int frame = 0; frame < 200; ++frame) camera.look({});
  CHECK(camera.look({}).size() == 1);
}

TEST_CASE("one box that is off does not make a resting thing forgotten at the next miss") {
  Camera camera;
  camera.search();
  camera.there = {{kCar, 0.9F, kPlace}};
  for (int frame = 0; frame < 8; ++frame) camera.look({kPlace});
  camera.there = {{kCar, 0.9F, {kPlace.x0, kPlace.y0, kPlace.x1, kPlace.y1 - 0.035F}}};
  camera.look({kPlace});
  camera.there = {};
  CHECK(camera.look({kElsewhere}).size() == 1);
  const Box beside = {kPlace.x0 - 0.2F, kPlace.y0, kPlace.x0 - 0.01F, kPlace.y1};
  CHECK(camera.look({beside}).size() == 1);
}

}  // namespace
}  // namespace camclassify
