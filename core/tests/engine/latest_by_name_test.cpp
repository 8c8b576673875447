#include "engine/latest_by_name.hpp"

#include <doctest/doctest.h>

#include <stdexcept>

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

}  // namespace
}  // namespace camclassify
