#include <doctest/doctest.h>

#include <cmath>
#include <random>

#include "camclassify/error.hpp"
#include "camclassify/image.hpp"
#include "pictures.hpp"

namespace camclassify {
namespace {

using Pixels = std::vector<std::uint8_t>;

Pixels buffer(Size size) {
  return Pixels(std::size_t{3} * static_cast<std::size_t>(size.width) *
                static_cast<std::size_t>(size.height));
}

// Area averaging and bilinear interpolation by definition, in floating point.
double expected(const Frame& frame, const Box& region, Size dst, int x, int y, int channel) {
  const auto weights = [](int src, double begin, double end, int count, int i) {
    const double step = (end - begin) / count, reach = std::max(1.0, step);
    const double centre = begin + (i + 0.5) * step;
    std::vector<double> weights(static_cast<std::size_t>(src));
    double sum = 0;
    for (int k = 0; k < src; ++k) {
      const double overlap =
          std::min(centre + reach / 2, k + 1.0) - std::max<double>(centre - reach / 2, k);
      sum += weights[static_cast<std::size_t>(k)] = std::max(0.0, overlap);
    }
    for (double& weight : weights) weight /= sum;
    return weights;
  };
  const auto [width, height] = frame.size;
  const auto wx =
      weights(width, double{region.x0} * width, double{region.x1} * width, dst.width, x);
  const auto wy =
      weights(height, double{region.y0} * height, double{region.y1} * height, dst.height, y);
  double value = 0;
  for (int j = 0; j < height; ++j)
    for (int i = 0; i < width; ++i)
      value += wx[static_cast<std::size_t>(i)] * wy[static_cast<std::size_t>(j)] *
               frame.pixels[static_cast<std::size_t>(3 * (j * width + i) + channel)];
  return value;
}

TEST_CASE("a frame that already fits is copied") {
  const Frame frame = test::make_gradient({40, 30});
  Pixels dst = buffer(frame.size);
  preprocess(frame, {}, frame.size, Fit::kStretch, ChannelOrder::kRgb, 0, dst);
  CHECK(dst == frame.pixels);
}

TEST_CASE("shrinking averages, enlarging interpolates, whatever the sizes and the region") {
  std::mt19937 random(1);
  const auto between = [&](int least, int most) {
    return std::uniform_int_distribution(least, most)(random);
  };
  for (int round = 0; round < 60; ++round) {
    const Size src = {between(1, 40), between(1, 40)}, size = {between(1, 50), between(1, 50)};
    const Frame frame = test::make_frame(src, [&](int, int) {
      return test::Rgb{between(0, 255), between(0, 255), between(0, 255)};
    });
    const float x0 = static_cast<float>(between(0, 8)) / 16,
                y0 = static_cast<float>(between(0, 8)) / 16;
    const Box region = {x0, y0, x0 + 0.5F, y0 + 0.4F};
    Pixels dst = buffer(size);
    preprocess(frame, region, size, Fit::kStretch, ChannelOrder::kRgb, 0, dst);
    for (int i = 0; i < 20; ++i) {
      const int x = between(0, size.width - 1), y = between(0, size.height - 1), c = between(0, 2);
      const double got = dst[static_cast<std::size_t>(3 * (y * size.width + x) + c)];
      CHECK(std::abs(got - expected(frame, region, size, x, y, c)) <= 2.5);
    }
  }
}

TEST_CASE("letterboxing keeps the aspect, top left, and pads the rest") {
  const Frame white = test::make_frame({64, 32}, [](int, int) { return test::Rgb{255, 255, 255}; });
  Pixels dst = buffer({32, 32});
  const Placement placement =
      preprocess(white, {}, {32, 32}, Fit::kLetterbox, ChannelOrder::kRgb, 114, dst);
  CHECK(placement.scale_x == doctest::Approx(0.5));
  CHECK(placement.scale_y == doctest::Approx(0.5));
  CHECK(dst[std::size_t{3} * (15 * 32 + 31)] == 255);
  CHECK(dst[std::size_t{3} * (16 * 32)] == 114);
}

TEST_CASE("BGR swaps red and blue") {
  const Frame red = test::make_frame({8, 8}, [](int, int) { return test::Rgb{200, 50, 10}; });
  Pixels dst = buffer({4, 4});
  preprocess(red, {}, {4, 4}, Fit::kStretch, ChannelOrder::kBgr, 0, dst);
  CHECK(Pixels(dst.begin(), dst.begin() + 3) == Pixels{10, 50, 200});
}

TEST_CASE("an empty region is an error") {
  Pixels dst = buffer({4, 4});
  const Frame frame = test::make_gradient({8, 8});
  CHECK_THROWS_AS(
      preprocess(frame, {0.5F, 0, 0.5F, 1}, {4, 4}, Fit::kStretch, ChannelOrder::kRgb, 0, dst),
      Error);
  CHECK_THROWS_AS(
      preprocess(frame, {2, 2, 3, 3}, {4, 4}, Fit::kStretch, ChannelOrder::kRgb, 0, dst), Error);
}

TEST_CASE("a region that is next to nothing is refused like an empty one") {
  const Frame frame = test::make_gradient({64, 48});
  std::vector<std::uint8_t> dst(std::size_t{3} * 8 * 8);
  for (const Box& region : {Box{0, 0, 1e-45F, 1}, Box{0, 0.5F, 1, 0.5F + 1e-7F}})
    CHECK_THROWS_AS(preprocess(frame, region, {8, 8}, Fit::kStretch, ChannelOrder::kRgb, 0, dst),
                    Error);
}

}  // namespace
}  // namespace camclassify
