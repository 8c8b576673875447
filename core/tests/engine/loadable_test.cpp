#include "engine/loadable.hpp"

#include <doctest/doctest.h>

#include <atomic>
#include <chrono>
#include <stdexcept>
#include <thread>
#include <vector>

namespace camclassify {
namespace {

TEST_CASE("it is loaded once, however many ask, and all get the same") {
  std::atomic<int> loads = 0;
  Loadable<int> number([&] {
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
    return std::make_shared<int>(++loads);
  });
  CHECK(number.get_if_loaded() == nullptr);
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < 4; ++i) threads.emplace_back([&] { CHECK(*number.get() == 1); });
    threads.emplace_back([&] { number.is_ready(); });
  }
  CHECK(number.is_ready());
  CHECK(*number.get_if_loaded() == 1);
}

TEST_CASE("it is loaded in the background while nobody waits") {
  std::atomic<bool> may_load = false;
  Loadable<int> number([&] {
    may_load.wait(false);
    return std::make_shared<int>(1);
  });
  CHECK_FALSE(number.is_ready());
  CHECK_FALSE(number.is_ready());
  may_load = true;
  may_load.notify_all();
  CHECK(*number.get() == 1);
  CHECK(number.is_ready());
}

TEST_CASE("what is dropped stays with those who have it, and is loaded again for others") {
  int loads = 0;
  Loadable<int> number([&] { return std::make_shared<int>(++loads); });
  const auto first = number.get();
  number.drop();
  CHECK(number.get_if_loaded() == nullptr);
  CHECK(*first == 1);
  CHECK(*number.get() == 2);
}

TEST_CASE("a failure is told, and the next one who asks tries again") {
  int loads = 0;
  Loadable<int> number([&] {
    if (++loads == 1) throw std::runtime_error("not yet");
    return std::make_shared<int>(loads);
  });
  CHECK_THROWS_AS(number.get(), std::runtime_error);
  CHECK(*number.get() == 2);
}

}  // namespace
}  // namespace camclassify
