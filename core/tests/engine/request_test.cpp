#include <doctest/doctest.h>

#include <array>
#include <limits>
#include <utility>
#include <vector>

#include "camclassify/engine.hpp"
#include "camclassify/error.hpp"

namespace camclassify {
namespace {

constexpr float kNan = std::numeric_limits<float>::quiet_NaN();
constexpr float kEndless = std::numeric_limits<float>::infinity();
constexpr std::array<float, 6> kNoFractions = {kNan, kEndless, -kEndless, 1e30F, -0.001F, 1.001F};

template <class Change>
void check_refused(Change change) {
  Request request;
  change(request);
  CHECK_THROWS_AS(check(request), Error);
}

TEST_CASE("a request within the ranges is taken, up to their ends") {
  Request request;
  CHECK_NOTHROW(check(request));
  request.sun_elevation = -90.F;
  request.min_score = 1.F;
  request.regions.assign(64, {0, 0, 1, 1});
  request.masks.assign(256, Polygon(64, {1.F, 0.F}));
  request.masks.front() = {};
  request.views.resize(16);
  CHECK_NOTHROW(check(request));
  request.views.back() = {{}, std::move(request.regions), std::move(request.masks)};
  request.regions.clear();
  request.masks.clear();
  CHECK_NOTHROW(check(request));
}

TEST_CASE("a number that is not finite or out of range is refused, wherever it is") {
  for (const float bad : kNoFractions) {
    CAPTURE(bad);
    check_refused([&](Request& request) { request.min_score = bad; });
    check_refused([&](Request& request) { request.effort = bad; });
    check_refused([&](Request& request) { request.masks = {{{0, 0}, {1, 0}, {bad, 1}}}; });
    check_refused([&](Request& request) { request.masks = {{}, {{0.5F, bad}}}; });
    check_refused([&](Request& request) { request.views = {{}, {{}, {}, {{{0.5F, bad}}}}}; });
    for (float Box::*const side : {&Box::x0, &Box::y0, &Box::x1, &Box::y1}) {
      Box box;
      box.*side = bad;
      CHECK_THROWS_AS(check(box), Error);
      check_refused([&](Request& request) { request.regions = {{}, box}; });
      check_refused([&](Request& request) { request.views = {{}, {{}, {box}, {}}}; });
    }
  }
  for (const float bad : {kNan, kEndless, -90.1F, 90.1F})
    check_refused([&](Request& request) { request.sun_elevation = bad; });
}

TEST_CASE("a box that has no inside is refused") {
  CHECK_NOTHROW(check(Box{0.2F, 0.2F, 0.3F, 0.3F}));
  for (const Box& box : {Box{0.3F, 0.2F, 0.2F, 0.3F}, Box{0.2F, 0.3F, 0.3F, 0.2F},
                         Box{0.2F, 0.2F, 0.2F, 0.3F}, Box{0, 0, 0, 0}})
    CHECK_THROWS_WITH_AS(check(box), doctest::Contains("not a part of the frame"), Error);
}

TEST_CASE("more regions, masks or views than a home has are refused") {
  check_refused([](Request& request) { request.views.resize(17); });
  check_refused([](Request& request) { request.regions.assign(65, {}); });
  check_refused([](Request& request) { request.masks.assign(257, {}); });
  check_refused([](Request& request) { request.masks = {Polygon(16'385, {0.5F, 0.5F})}; });
}

TEST_CASE("what holds in single views counts together with the rest") {
  const Polygon large(8193, {0.5F, 0.5F});
  check_refused([](Request& request) {
    request.regions.assign(33, {});
    request.views = {{{}, std::vector<Box>(32), {}}};
  });
  check_refused([](Request& request) {
    request.views = {{{}, {}, std::vector<Polygon>(128)}, {{}, {}, std::vector<Polygon>(129)}};
  });
  check_refused([&](Request& request) {
    request.masks = {large};
    request.views = {{{}, {}, {large}}};
  });
}

}  // namespace
}  // namespace camclassify
