#include "engine/lanes.hpp"

#include <doctest/doctest.h>

#include <array>
#include <atomic>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <latch>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "camclassify/engine.hpp"
#include "camclassify/error.hpp"

namespace camclassify {
namespace {

constexpr int kCameras = 4, kFrames = 2;
constexpr std::chrono::milliseconds kMoment(1);

EngineOptions options_of(int lanes) {
  EngineOptions options;
  options.bundle = CAMCLASSIFY_REPOSITORY "/bindings/camclassify_core/default_bundle";
  options.lanes = lanes;
  return options;
}

// Small, so that the thread sanitizer has little to do.
std::vector<std::byte> small_photograph(const std::string& name) {
  std::ifstream stream(CAMCLASSIFY_REPOSITORY "/tests/photographs/" + name, std::ios::binary);
  const std::string bytes((std::istreambuf_iterator<char>(stream)), {});
  return cut_out(std::as_bytes(std::span(bytes)), {0, 0, 1, 1}, 240);
}

// What a camera shows in its frames: each begins elsewhere in the same pictures.
const std::vector<std::byte>& snapshot(int camera, int frame) {
  static const std::array photographs = {
      small_photograph("dog.jpg"), small_photograph("person.jpg"), small_photograph("eagle.jpg")};
  return photographs[static_cast<std::size_t>(camera + frame) % photographs.size()];
}

Request request_of(int camera) {
  Request request;
  request.camera = "camera " + std::to_string(camera);
  request.features = camera % 2 == 0;
  return request;
}

// Everything about a result but the time that it took.
bool is_same(const Result& a, const Result& b) {
  const auto same = [](const Detection& x, const Detection& y) {
    return x.name == y.name && x.score == y.score && x.box == y.box && x.features == y.features;
  };
  return a.size == b.size && a.regime == b.regime && a.changed == b.changed &&
         a.windows == b.windows && a.proposals == b.proposals &&
         std::ranges::equal(a.detections, b.detections, same);
}

std::vector<std::vector<Result>> one_after_the_other() {
  Engine engine(options_of(1));
  std::vector<std::vector<Result>> results(kCameras);
  for (int frame = 0; frame < kFrames; ++frame)
    for (int camera = 0; camera < kCameras; ++camera)
      results[static_cast<std::size_t>(camera)].push_back(
          engine.classify(snapshot(camera, frame), request_of(camera)));
  return results;
}

TEST_CASE("cameras that are answered side by side get what each gets alone") {
  const auto expected = one_after_the_other();
  for (const int lanes : {2, 4}) {
    CAPTURE(lanes);
    Engine engine(options_of(lanes));
    std::vector<std::vector<Result>> results(kCameras);
    {
      std::vector<std::jthread> cameras;
      for (int camera = 0; camera < kCameras; ++camera)
        cameras.emplace_back([&, camera] {
          for (int frame = 0; frame < kFrames; ++frame)
            results[static_cast<std::size_t>(camera)].push_back(
                engine.classify(snapshot(camera, frame), request_of(camera)));
        });
    }
    for (std::size_t camera = 0; camera < kCameras; ++camera)
      for (std::size_t frame = 0; frame < kFrames; ++frame)
        CHECK(is_same(results[camera][frame], expected[camera][frame]));
  }
}

TEST_CASE("an engine is asked, told to forget and described while its lanes are at work") {
  Engine engine(options_of(2));
  std::atomic<bool> is_done = false;
  std::vector<std::jthread> threads;
  threads.emplace_back([&] {
    while (!is_done) {
      engine.forget("camera 0");
      CHECK(engine.networks().size() >= 1);
      CHECK(engine.feature_length() == 1280);
      CHECK(engine.head_runs().size() == engine.active_heads().size());
      std::this_thread::sleep_for(kMoment);
    }
  });
  threads.emplace_back([&] {
    while (!is_done) {
      CHECK_THROWS_AS(engine.classify(std::span<const std::byte>{}, request_of(2)), SnapshotError);
      std::this_thread::sleep_for(kMoment);
    }
  });
  {
    std::vector<std::jthread> cameras;
    for (int camera = 0; camera < 2; ++camera)
      cameras.emplace_back([&, camera] {
        for (int frame = 0; frame < kFrames; ++frame) {
          Request request = request_of(camera);
          request.sun_elevation = frame % 2 == 0 ? -50.F : 50.F;  // other regimes, other networks
          CHECK(engine.classify(snapshot(camera, frame), request).size.width > 0);
        }
      });
  }
  is_done = true;
}

TEST_CASE("a lane is lent to one at a time, the one that was given back last first") {
  Lanes lanes(2);
  {
    const Lanes::Loan first = lanes.take();
    const Lanes::Loan second = lanes.take();
    CHECK(first.number() != second.number());
  }
  const int number = lanes.take().number();
  CHECK(lanes.take().number() == number);
}

TEST_CASE("who finds no free lane waits for one") {
  Lanes lanes(1);
  std::atomic<bool> is_taken = false;
  std::jthread waiting;
  {
    const Lanes::Loan loan = lanes.take();
    waiting = std::jthread([&] {
      const Lanes::Loan next = lanes.take();
      is_taken = true;
    });
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
    CHECK_FALSE(is_taken);
  }
  waiting.join();
  CHECK(is_taken);
}

TEST_CASE("who has just had a lane waits for those who asked before") {
  constexpr int kCameras = 3;
  Lanes lanes(1);
  std::latch ready(kCameras);  // one that starts late would leave the lane to the others
  std::vector<int> order;
  {
    std::vector<std::jthread> cameras;
    for (int camera = 0; camera < kCameras; ++camera) {
      cameras.emplace_back([&, camera] {
        ready.arrive_and_wait();
        for (int frame = 0; frame < 20; ++frame) {
          const Lanes::Loan loan = lanes.take();
          order.push_back(camera);
          std::this_thread::sleep_for(kMoment);
        }
      });
    }
  }
  int again = 0;  // a few where two are late to ask; a third or more where nobody waits for others
  for (std::size_t turn = 1; turn < order.size(); ++turn)
    again += static_cast<int>(order[turn] == order[turn - 1]);
  CHECK(again < 10);
}

TEST_CASE("a number of lanes that nobody has is refused") {
  for (const int lanes : {-1, 0, kMostThreads + 1})
    CHECK_THROWS_WITH_AS(Engine(options_of(lanes)), doctest::Contains("between 1 and 64"), Error);
}

}  // namespace
}  // namespace camclassify
