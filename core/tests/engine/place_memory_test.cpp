#include "engine/place_memory.hpp"

#include <doctest/doctest.h>

#include <array>

namespace camclassify {
namespace {

constexpr Box kHere = {0.1F, 0.1F, 0.3F, 0.3F}, kAlmostHere = {0.105F, 0.1F, 0.3F, 0.3F},
              kThere = {0.6F, 0.6F, 0.8F, 0.8F};

TEST_CASE("a place is recalled by its key and about its box") {
  PlaceMemory<int> memory;
  memory.store(1, kHere, 42);
  REQUIRE(memory.recall(1, kAlmostHere));
  CHECK(*memory.recall(1, kAlmostHere) == 42);
  CHECK_FALSE(memory.recall(2, kHere));
  CHECK_FALSE(memory.recall(1, kThere));
}

TEST_CASE("what is stored at a known place replaces what was there") {
  PlaceMemory<int> memory;
  memory.store(1, kHere, 42);
  memory.store(1, kAlmostHere, 43);
  REQUIRE(memory.recall(1, kHere));
  CHECK(*memory.recall(1, kHere) == 43);
}

TEST_CASE("what is recalled is found out anew in time, counted from when it was stored") {
  PlaceMemory<int> memory;
  memory.store(1, kHere, 1);
  const auto frames_until_forgotten = [&] {
    int frames = 0;
    while (memory.recall(1, kHere)) {
      memory.start_frame({});
      ++frames;
    }
    return frames;
  };
  for (int frame = 0; frame < 200; ++frame) {
    memory.start_frame({});
    memory.recall(1, kHere);
  }
  memory.store(1, kHere, 2);
  CHECK(frames_until_forgotten() > 200);
}

TEST_CASE("a change forgets what it covers, but not what it merely touches") {
  PlaceMemory<int> memory;
  memory.store(1, kHere, 1);
  memory.store(1, kThere, 2);
  memory.start_frame(std::array{Box{0, 0, 0.2F, 0.2F}});
  CHECK(memory.recall(1, kHere));
  memory.start_frame(std::array{Box{0, 0, 0.2F, 0.3F}});
  CHECK_FALSE(memory.recall(1, kHere));
  CHECK(memory.recall(1, kThere));
}

TEST_CASE("what nobody asks for is forgotten in time, what is recalled stays") {
  PlaceMemory<int> memory;
  memory.store(1, kHere, 1);
  memory.store(1, kThere, 2);
  for (int frame = 0; frame < 25; ++frame) {
    memory.start_frame({});
    CHECK(memory.recall(1, kHere));
  }
  CHECK_FALSE(memory.recall(1, kThere));
}

}  // namespace
}  // namespace camclassify
