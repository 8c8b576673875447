#pragma once

#include "camclassify/bundle.hpp"
#include "engine/taxonomy.hpp"
#include "engine/windows.hpp"

// What tests of the engine's parts have in place of a bundle's networks.
namespace camclassify::test {

constexpr ClassId kPerson = 0, kVehicle = 1, kAnimal = 2, kCar = 3, kBus = 4, kDog = 5;

inline Bundle sample_bundle() {
  Bundle bundle;
  bundle.name = "test";
  bundle.classes = {{"person", {}, {}, true},        {"vehicle", {}, {}, true},
                    {"animal", {}, {}, true},        {"car", {"vehicle"}, {}, false},
                    {"bus", {"vehicle"}, {}, false}, {"dog", {"animal"}, {}, false}};
  return bundle;
}

constexpr Size kFrame{1920, 1080};
constexpr InputSides kSides{128, 736, 32};

inline InputInfo sample_input() {
  InputInfo input;
  input.size = {416, 416};
  input.sides = {128, 736};
  return input;
}

}  // namespace camclassify::test
