#include "engine/camera.hpp"

#include <doctest/doctest.h>

#include <initializer_list>

namespace camclassify {
namespace {

constexpr ClassId kPerson = 0, kDog = 1;

SecondLooks looks_with(std::initializer_list<float> scores) {
  SecondLooks looks;
  for (const float score : scores) looks.add({.first_score = 0.4F, .id = kPerson, .score = score});
  return looks;
}

TEST_CASE("one look that misses a thing does not outvote those that saw it") {
  CHECK(looks_with({0.6F, 0.2F}).verdict().score == 0.6F);
  CHECK(looks_with({0.6F, 0.2F, 0.5F}).verdict().score == 0.5F);
  CHECK(looks_with({0.2F, 0.6F, 0.2F, 0.2F, 0.6F}).verdict().score == 0.2F);
}

TEST_CASE("the latest looks count") {
  CHECK(looks_with({0.2F, 0.2F, 0.2F, 0.6F, 0.6F, 0.6F}).verdict().score == 0.6F);
}

TEST_CASE("the class is that of the look whose score counts") {
  SecondLooks looks;
  looks.add({.first_score = 0.4F, .id = kDog, .score = 0.5F});
  looks.add({.first_score = 0.4F, .id = kPerson, .score = 0.3F});
  CHECK(looks.verdict().id == kDog);
}

TEST_CASE("a few looks are enough for a while, then one more is due") {
  SecondLooks looks;
  int needed = 0;
  for (; !looks.are_enough(); ++needed) looks.add({.first_score = 0.4F, .id = kPerson});
  CHECK(needed > 2);
  CHECK(needed < 10);
  int served = 0;
  for (; looks.are_enough(); ++served) looks.use();
  CHECK(served > 10);
  looks.add({.first_score = 0.4F, .id = kPerson});
  CHECK(looks.are_enough());
}

TEST_CASE("a refined class is the one with most votes, the latest among equals") {
  CHECK(ObjectLook{{kPerson, kDog, kPerson}, {}}.id() == kPerson);
  CHECK(ObjectLook{{kPerson, kDog}, {}}.id() == kDog);
}

}  // namespace
}  // namespace camclassify
