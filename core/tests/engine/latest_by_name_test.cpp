#include "engine/latest_by_name.hpp"

#include <doctest/doctest.h>

#include <chrono>
#include <stdexcept>
#include <thread>
#include <vector>

namespace camclassify {
namespace {

// Visits a value and returns how often it had been visited before.
int visit(LatestByName<int>& values, const std::string& name) {
  int before = 0;
  values.visit(name, [&](int& value) { before = value++; });
  return before;
}

TEST_CASE("a value is the one that its name had before, until it is forgotten") {
  LatestByName<int> values(3);
  CHECK(visit(values, "drive") == 0);
  CHECK(visit(values, "garden") == 0);
  CHECK(visit(values, "drive") == 1);
  values.forget("drive");
  values.forget("nowhere");
  CHECK(visit(values, "drive") == 0);
  CHECK(visit(values, "garden") == 1);
}

TEST_CASE("one too many takes the place of the one that was not visited for longest") {
  LatestByName<int> values(3);
  for (const char* name : {"a", "b", "c", "a", "d"}) visit(values, name);
  CHECK(visit(values, "a") == 2);
  CHECK(visit(values, "c") == 1);
  CHECK(visit(values, "d") == 1);
  CHECK(visit(values, "b") == 0);
}

TEST_CASE("a name whose first visit fails is not kept, one that is known stays") {
  LatestByName<int> values(1);
  const auto fail = [](int& value) {
    ++value;
    throw std::runtime_error("damaged");
  };
  visit(values, "drive");
  CHECK_THROWS(values.visit("ghost", fail));
  CHECK(visit(values, "drive") == 1);
  CHECK_THROWS(values.visit("drive", fail));
  CHECK(visit(values, "drive") == 3);
}

TEST_CASE("one value is visited by one at a time, others meanwhile") {
  LatestByName<int> values(8);
  {
    std::vector<std::jthread> threads;
    for (const char* name : {"drive", "drive", "garden", "garden"})
      threads.emplace_back([&, name] {
        for (int i = 0; i < 200; ++i)
          values.visit(name, [&](int& value) {
            const int before = value;
            std::this_thread::yield();
            value = before + 1;
          });
      });
    threads.emplace_back([&] {
      for (int i = 0; i < 200; ++i) values.forget("porch");
    });
  }
  CHECK(visit(values, "drive") == 400);
  CHECK(visit(values, "garden") == 400);
}

TEST_CASE("a name is visited while another one's visit goes on") {
  LatestByName<int> values(2);
  values.visit("drive",
               [&](int&) { std::jthread([&] { CHECK(visit(values, "garden") == 0); }).join(); });
}

TEST_CASE("what is forgotten during a visit is not kept") {
  LatestByName<int> values(2);
  visit(values, "drive");
  values.visit("drive", [&](int& value) {
    values.forget("drive");
    ++value;
  });
  CHECK(visit(values, "drive") == 0);
}

TEST_CASE("who waits for a first visit that fails begins anew") {
  LatestByName<int> values(2);
  std::jthread waiting;
  const auto fail = [&](int& value) {
    value = 7;
    waiting = std::jthread([&] { CHECK(visit(values, "drive") == 0); });
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
    throw std::runtime_error("damaged");
  };
  CHECK_THROWS(values.visit("drive", fail));
  waiting.join();
  CHECK(visit(values, "drive") == 1);
}

}  // namespace
}  // namespace camclassify
