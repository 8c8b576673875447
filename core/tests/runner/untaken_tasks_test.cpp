#include "runner/untaken_tasks.hpp"

#include <doctest/doctest.h>

#include <vector>

namespace camclassify {
namespace {

std::vector<int> take(UntakenTasks& tasks, int thread, int count) {
  std::vector<int> taken;
  for (int i = 0; i < count; ++i) taken.push_back(tasks.take(thread).value_or(-1));
  return taken;
}

TEST_CASE("A thread takes its own share from the first on, then the last of the others'") {
  UntakenTasks tasks(2);
  tasks.fill(8);
  CHECK(take(tasks, 1, 1) == std::vector{4});
  CHECK(take(tasks, 0, 6) == std::vector{0, 1, 2, 3, 7, 6});
  CHECK(take(tasks, 1, 2) == std::vector{5, -1});
  CHECK(take(tasks, 0, 1) == std::vector{-1});
}

TEST_CASE("One thread takes all, also where there are fewer tasks than threads") {
  for (const int threads : {1, 2, 3, 64}) {
    for (const int count : {0, 1, 2, 5}) {
      CAPTURE(threads);
      CAPTURE(count);
      UntakenTasks tasks(threads);
      for (int round = 0; round < 2; ++round) {
        tasks.fill(count);
        std::vector<bool> taken(static_cast<std::size_t>(count));
        while (const auto index = tasks.take(threads - 1)) {
          REQUIRE(!taken.at(static_cast<std::size_t>(*index)));
          taken[static_cast<std::size_t>(*index)] = true;
        }
        CHECK(taken == std::vector<bool>(static_cast<std::size_t>(count), true));
      }
    }
  }
}

}  // namespace
}  // namespace camclassify
