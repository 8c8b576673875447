#include "engine/taxonomy.hpp"

#include <doctest/doctest.h>

#include "camclassify/error.hpp"

namespace camclassify {
namespace {

Bundle make_bundle() {
  Bundle bundle;
  bundle.name = "test";
  bundle.classes = {{"person", {}, {}, true},
                    {"vehicle", {}, {}, true},
                    {"car", {"vehicle"}, {}, false},
                    {"truck", {"vehicle"}, {}, false},
                    {"taxi", {"car", "vehicle"}, {}, false},
                    {"bird", {}, {}, false},
                    {"squirrel", {}, {}, false}};
  ObjectNetwork object;
  object.specialists = {
      {"vehicle_kinds",
       "logits",
       {"car", "vehicle"},
       {{"truck", {0}}, {"taxi", {1}}, {"", {2}}},
       0.5F,
       0.2F},
      {"animal_kinds", "logits", {"bird"}, {{"bird", {0}}, {"squirrel", {1}}}, 0.5F, 0.2F}};
  bundle.objects = {object};
  return bundle;
}

const SceneHead kPeople = {"people", "people", {"person"}};
const SceneHead kVehicles = {"vehicles", "vehicles", {"car", "vehicle", ""}};
const SceneHead kAnimals = {"animals", "animals", {"bird"}};

struct Wanting {
  explicit Wanting(const std::vector<std::string>& classes) : taxonomy(bundle, classes) {}

  Bundle bundle = make_bundle();
  Taxonomy taxonomy;

  bool needs(const SceneHead& head) const { return taxonomy.needs(head, bundle); }
  bool needs_vehicle_kinds() const { return taxonomy.needs(bundle.objects[0].specialists[0]); }
  bool needs_animal_kinds() const { return taxonomy.needs(bundle.objects[0].specialists[1]); }
  std::string reported(std::string_view name) const {
    const ClassId id = taxonomy.reported(taxonomy.find(name));
    return id == kNoClass ? "" : bundle.classes[static_cast<std::size_t>(id)].name;
  }
};

TEST_CASE("wanting nothing in particular needs everything") {
  const Wanting all({});
  CHECK(all.needs(kPeople));
  CHECK(all.needs(kVehicles));
  CHECK(all.needs(kAnimals));
  CHECK(all.needs_vehicle_kinds());
  CHECK(all.needs_animal_kinds());
  CHECK(all.reported("taxi") == "taxi");
}

TEST_CASE("a head that serves nothing wanted is not needed") {
  const Wanting person({"person"});
  CHECK(person.needs(kPeople));
  CHECK_FALSE(person.needs(kVehicles));
  CHECK_FALSE(person.needs(kAnimals));
  CHECK_FALSE(person.needs_vehicle_kinds());
}

TEST_CASE("wanting the parent needs its heads, but no specialist, and reports children as it") {
  const Wanting vehicle({"vehicle"});
  CHECK(vehicle.needs(kVehicles));
  CHECK_FALSE(vehicle.needs_vehicle_kinds());
  CHECK(vehicle.reported("taxi") == "vehicle");
  CHECK(vehicle.reported("person").empty());
}

TEST_CASE("wanting a fine class needs the specialist and the head that finds its crops") {
  const Wanting truck({"truck"});
  CHECK(truck.needs(kVehicles));
  CHECK(truck.needs_vehicle_kinds());
  CHECK_FALSE(truck.needs(kPeople));
  CHECK(truck.reported("car").empty());
}

TEST_CASE("what waits for a head's findings needs that head") {
  SceneNetwork scene;
  scene.heads = {kPeople, kVehicles};
  scene.heads[0].when = {"vehicle"};
  Wanting person({"person"});
  person.bundle.scenes = {scene};
  CHECK(person.needs(kVehicles));
  CHECK_FALSE(person.needs(kAnimals));
  person.bundle.scenes[0].heads[0].when.clear();
  CHECK_FALSE(person.needs(kVehicles));
  person.bundle.scenes[0].when = {"car"};
  CHECK(person.needs(kVehicles));
}

TEST_CASE("the kinds of a class are itself and all whose parent it is") {
  const Wanting all({});
  const auto kinds = all.taxonomy.kinds_of({"car", "bird"});
  CHECK(kinds == std::vector<bool>{false, false, true, false, true, true, false});
}

TEST_CASE("a specialist that could take a wanted class away is needed") {
  const Wanting bird({"bird"});
  CHECK(bird.needs_animal_kinds());
  CHECK_FALSE(bird.needs_vehicle_kinds());
}

TEST_CASE("a class is reported as its nearest wanted parent") {
  const Wanting both({"car", "vehicle"});
  CHECK(both.reported("taxi") == "car");
  CHECK(both.reported("truck") == "vehicle");
}

TEST_CASE("readings of one thing share a root") {
  const Wanting all({});
  const auto root = [&](std::string_view name) {
    return all.taxonomy.root(all.taxonomy.find(name));
  };
  CHECK(root("taxi") == root("car"));
  CHECK(root("truck") == root("vehicle"));
  CHECK(root("person") != root("vehicle"));
}

TEST_CASE("wanting a class that does not exist is an error that names it") {
  CHECK_THROWS_WITH_AS(Wanting({"unicorn"}), doctest::Contains("'unicorn'"), Error);
}

}  // namespace
}  // namespace camclassify
