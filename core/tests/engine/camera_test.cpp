#include "engine/camera.hpp"

#include <doctest/doctest.h>

#include <initializer_list>

#include "engine/samples.hpp"

namespace camclassify {
namespace {

using test::kDog, test::kPerson;

SecondLooks looks_with(std::initializer_list<float> scores, bool is_finer = true) {
  SecondLooks looks;
  for (const float score : scores) looks.add({0.4F, kPerson, score, is_finer});
  return looks;
}

TEST_CASE("a verdict is the mean of the first look and of the better of the other scales") {
  CHECK(looks_with({0.6F}).verdict().score == doctest::Approx(0.5F));
  SecondLooks looks = looks_with({0.6F});
  looks.add({0.4F, kPerson, 0.2F, false});
  CHECK(looks.verdict().score == doctest::Approx(0.5F));
  looks.add({0.4F, kPerson, 0.8F, false});
  CHECK(looks.verdict().score == doctest::Approx(0.6F));
}

TEST_CASE("looks agree where the thing is as clear at another scale, more than once") {
  CHECK_FALSE(looks_with({0.6F}).agree(0.4F));
  CHECK(looks_with({0.6F, 0.6F}).agree(0.4F));
  CHECK_FALSE(looks_with({0.6F, 0.6F}).agree(0.45F));  // the first had 0.4
  CHECK_FALSE(looks_with({0.6F, 0.2F}).agree(0.4F));
  SecondLooks looks = looks_with({0.2F, 0.2F});
  looks.add({0.4F, kPerson, 0.7F, false});
  CHECK_FALSE(looks.agree(0.4F));
  looks.add({0.4F, kPerson, 0.7F, false});
  CHECK(looks.agree(0.4F));
}

TEST_CASE("one look that misses a thing does not outvote those that saw it") {
  CHECK(looks_with({0.6F, 0.2F, 0.6F}).verdict().score == doctest::Approx(0.5F));
  CHECK(looks_with({0.2F, 0.6F, 0.2F, 0.2F, 0.6F}).verdict().score == doctest::Approx(0.3F));
}

TEST_CASE("the latest looks count") {
  CHECK(looks_with({0.2F, 0.2F, 0.2F, 0.6F, 0.6F, 0.6F}).verdict().score == doctest::Approx(0.5F));
}

TEST_CASE("looks turn to the other side until there are of both") {
  SecondLooks looks;
  CHECK(looks.is_finer_next());
  looks.add({0.4F, kPerson, 0.6F, true});
  CHECK_FALSE(looks.is_finer_next());
  looks.add({0.4F, kPerson, 0.6F, false});
  CHECK(looks.is_finer_next());
}

TEST_CASE("the class is that of the surest look") {
  SecondLooks looks;
  looks.add({0.4F, kDog, 0.5F, true});
  looks.add({0.4F, kPerson, 0.3F, true});
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
