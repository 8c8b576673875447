#include "engine/regime.hpp"

#include <doctest/doctest.h>

#include "pictures.hpp"

namespace camclassify {
namespace {

constexpr Light kBright = {120, 30}, kInfraRed = {120, 1}, kDusky = {52, 20}, kBlack = {15, 10};

TEST_CASE("light is measured in brightness and colour") {
  const auto measure = [](test::Rgb colour) {
    return measure_light(test::make_frame({16, 16}, [&](int, int) { return colour; }));
  };
  CHECK(measure({100, 100, 100}).brightness == doctest::Approx(100));
  CHECK(measure({100, 100, 100}).colour == 0);
  CHECK(measure({200, 100, 50}).colour == doctest::Approx(150));
}

TEST_CASE("without the sun the picture decides") {
  CHECK(choose_regime(kBright, {}, {}) == Regime::kDay);
  CHECK(choose_regime(kDusky, {}, {}) == Regime::kDusk);
  CHECK(choose_regime(kBlack, {}, {}) == Regime::kNight);
}

TEST_CASE("the sun decides, but infra-red is always night") {
  CHECK(choose_regime(kBlack, 30.0F, {}) == Regime::kDay);
  CHECK(choose_regime(kBright, 0.0F, {}) == Regime::kDusk);
  CHECK(choose_regime(kBright, -20.0F, {}) == Regime::kNight);
  CHECK(choose_regime(kInfraRed, 30.0F, {}) == Regime::kNight);
}

TEST_CASE("light that wavers around a limit does not flip the regime") {
  for (const float limit : {-6.0F, 6.0F}) {
    for (const Regime before : {Regime::kDay, Regime::kDusk, Regime::kNight}) {
      const Regime first = choose_regime(kBright, limit, before);
      CHECK(choose_regime(kBright, limit + 0.3F, first) == first);
      CHECK(choose_regime(kBright, limit - 0.3F, first) == first);
    }
  }
  CHECK(choose_regime({120, 4.5F}, {}, Regime::kNight) == Regime::kNight);
  CHECK(choose_regime({120, 3.5F}, {}, Regime::kDay) == Regime::kDay);
}

}  // namespace
}  // namespace camclassify
