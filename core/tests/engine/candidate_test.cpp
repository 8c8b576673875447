#include "engine/candidate.hpp"

#include <doctest/doctest.h>

#include "engine/samples.hpp"

namespace camclassify {
namespace {

using test::kBus, test::kCar, test::kPerson, test::kVehicle;

const Taxonomy kTaxonomy(test::sample_bundle(), {});

TEST_CASE("a vehicle read as two classes stays one, with the better reading") {
  const auto kept = suppress(
      {{kCar, 0.64F, {0, 0, 0.5F, 0.5F}}, {kVehicle, 0.75F, {0, 0, 0.5F, 0.48F}}}, kTaxonomy);
  REQUIRE(kept.size() == 1);
  CHECK(kept[0].id == kVehicle);
}

TEST_CASE("a person in front of a car is two things") {
  const Box box = {0, 0, 0.5F, 0.5F};
  CHECK(suppress({{kCar, 0.6F, box}, {kPerson, 0.7F, box}}, kTaxonomy).size() == 2);
}

TEST_CASE("vehicles side by side stay, best first") {
  const auto kept =
      suppress({{kCar, 0.5F, {0, 0, 0.3F, 0.3F}}, {kBus, 0.9F, {0.25F, 0, 0.6F, 0.3F}}}, kTaxonomy);
  REQUIRE(kept.size() == 2);
  CHECK(kept[0].id == kBus);
}

TEST_CASE("a part seen in another region goes; within one region it stays") {
  const Candidate whole = {kCar, 0.9F, {0, 0, 0.8F, 0.8F}};
  Candidate part = {kCar, 0.6F, {0.1F, 0.1F, 0.3F, 0.3F}};
  CHECK(suppress({whole, part}, kTaxonomy).size() == 2);
  part.region = 1;
  CHECK(suppress({whole, part}, kTaxonomy).size() == 1);
}

}  // namespace
}  // namespace camclassify
