#include "camclassify/planar_frame.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdlib>

#include "camclassify/error.hpp"
#include "image/encoders.hpp"
#include "planar.hpp"

namespace camclassify {
namespace {

// Every value of each sample somewhere, none like its neighbours.
void fill_with_noise(test::Planar& planar) {
  for (const std::size_t plane : {0, 1, 2})
    planar.fill(plane, [&](int x, int y) {
      return (x * 37 + y * 101 + x * y * 7 + static_cast<int>(plane) * 59) % 256;
    });
}

struct Weights {
  int luma, cr_in_red, cb_in_green, cr_in_green, cb_in_blue;
};

std::array<std::uint8_t, 3> expected_pixel(test::Planar& planar, int x, int y,
                                           const Weights& weights) {
  const PlanarFrame& frame = planar.frame();
  const int row = frame.halved_rows ? y / 2 : y;
  const int luma = (planar.sample(0, x, y) - (frame.full_range ? 0 : 16)) * weights.luma;
  const int cb = planar.sample(1, x / 2, row) - 128, cr = planar.sample(2, x / 2, row) - 128;
  const auto level = [](int sum) {
    return static_cast<std::uint8_t>(std::clamp((sum + 4096) >> 13, 0, 255));
  };
  return {level(luma + cr * weights.cr_in_red),
          level(luma + cb * weights.cb_in_green + cr * weights.cr_in_green),
          level(luma + cb * weights.cb_in_blue)};
}

TEST_CASE("a frame in planes becomes RGB by the integers that are documented") {
  struct Kind {
    bool full_range;
    Matrix matrix;
    Weights weights;
  };
  constexpr std::array kKinds = {
      Kind{true, Matrix::kBt601, {8192, 11485, -2819, -5850, 14516}},
      Kind{false, Matrix::kBt601, {9539, 13075, -3209, -6660, 16525}},
      Kind{true, Matrix::kBt709, {8192, 12901, -1535, -3835, 15201}},
      Kind{false, Matrix::kBt709, {9539, 14686, -1747, -4366, 17305}},
  };
  for (const Kind& kind : kKinds) {
    for (const Size size : {Size{64, 6}, Size{33, 17}, Size{1, 1}, Size{2, 3}, Size{15, 2}}) {
      for (const bool halved_rows : {true, false}) {
        CAPTURE(size.width);
        test::Planar planar(size, halved_rows);
        fill_with_noise(planar);
        planar.frame().full_range = kind.full_range;
        planar.frame().matrix = kind.matrix;
        const Frame rgb = to_rgb(planar.frame());
        REQUIRE(rgb.size == size);
        REQUIRE(rgb.original_size == size);
        bool is_exact = true;
        for (int y = 0; y < size.height; ++y)
          for (int x = 0; x < size.width; ++x) {
            const auto* pixel = &rgb.pixels[static_cast<std::size_t>(y * size.width + x) * 3];
            const auto expected = expected_pixel(planar, x, y, kind.weights);
            is_exact = is_exact && std::equal(expected.begin(), expected.end(), pixel);
          }
        CHECK(is_exact);
      }
    }
  }
}

TEST_CASE("the luma plane of a frame in planes is that of its colours, but for rounding") {
  for (const bool full_range : {true, false}) {
    test::Planar planar({45, 37});
    planar.frame().full_range = full_range;
    planar.frame().matrix = Matrix::kBt601;
    planar.fill(0, [](int x, int y) { return 20 + x * 4 + y; });
    planar.fill(1, [](int x, int) { return 120 + x / 2; });
    planar.fill(2, [](int, int y) { return 118 + y; });
    const Plane exact = luma(planar.frame());
    const Plane of_colours = luma(to_rgb(planar.frame()));
    REQUIRE(exact.size == Size{6, 5});
    REQUIRE(exact.size == of_colours.size);
    for (std::size_t i = 0; i < exact.pixels.size(); ++i)
      CHECK(std::abs(exact.pixels[i] - of_colours.pixels[i]) <= 1);
  }
}

TEST_CASE("a frame whose planes are too short, or that is too large, is refused") {
  const auto refused = [](auto change, const char* why) {
    test::Planar planar({64, 48});
    CHECK_NOTHROW(check(planar.frame()));
    change(planar.frame());
    CHECK_THROWS_WITH_AS(check(planar.frame()), doctest::Contains(why), SnapshotError);
  };
  for (const std::size_t plane : {0, 1, 2}) {
    const auto shorten = [plane](PlanarFrame& frame) {
      Samples& samples = frame.planes.at(plane);
      samples.bytes = samples.bytes.first(samples.bytes.size() - 1);
    };
    refused(shorten, "too few");
    const auto widen = [plane](PlanarFrame& frame) { ++frame.planes.at(plane).stride; };
    refused(widen, "too few");
    refused([plane](PlanarFrame& frame) { frame.planes.at(plane).stride = 3; }, "too few");
    refused([plane](PlanarFrame& frame) { frame.planes.at(plane).stride = SIZE_MAX; }, "too few");
    refused([plane](PlanarFrame& frame) { frame.planes.at(plane) = {}; }, "too few");
  }
  refused([](PlanarFrame& frame) { frame.halved_rows = false; }, "too few");
  refused([](PlanarFrame& frame) { frame.size.width = 0; }, "empty");
  refused([](PlanarFrame& frame) { frame.size.height = -1; }, "empty");
  refused([](PlanarFrame& frame) { frame.size = {2147483647, 2147483647}; }, "lower resolution");
}

TEST_CASE("a frame in planes becomes a JPEG that shows the same") {
  test::Planar planar({64, 48});
  planar.fill(0, [](int x, int y) { return 60 + x + y; });
  planar.fill(1, [](int x, int) { return 110 + x; });
  planar.fill(2, [](int, int y) { return 110 + y; });
  const Frame before = to_rgb(planar.frame());
  const Frame after = decode(encode_jpeg(planar.frame(), 95), {});
  REQUIRE(after.size == before.size);
  int largest = 0;
  for (std::size_t i = 0; i < before.pixels.size(); ++i)
    largest = std::max(largest, std::abs(before.pixels[i] - after.pixels[i]));
  CHECK(largest < 12);
}

}  // namespace
}  // namespace camclassify
