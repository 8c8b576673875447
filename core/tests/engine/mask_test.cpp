#include "engine/mask.hpp"

#include <doctest/doctest.h>

#include <numeric>
#include <random>

namespace camclassify {
namespace {

const Polygon kSquare = {{0.25F, 0.25F}, {0.75F, 0.25F}, {0.75F, 0.75F}, {0.25F, 0.75F}};

TEST_CASE("the inside of a polygon is filled, the rest is not") {
  std::vector<std::uint8_t> pixels(8 * 8 * 3, 0);
  fill_masks(std::vector<Polygon>{kSquare}, {8, 8}, 3, 1, pixels);
  CHECK(std::accumulate(pixels.begin(), pixels.end(), 0) == 4 * 4 * 3);
  CHECK(pixels[3 * (2 * 8 + 2)] == 1);
  CHECK(pixels[3 * (1 * 8 + 2)] == 0);
}

TEST_CASE("polygons beyond the frame and degenerate ones are harmless") {
  std::vector<std::uint8_t> pixels(8 * 8, 0);
  fill_masks(std::vector<Polygon>{{{-5, -5}, {5, -5}, {5, 5}, {-5, 5}}}, {8, 8}, 1, 1, pixels);
  CHECK(std::accumulate(pixels.begin(), pixels.end(), 0) == 64);
  fill_masks(std::vector<Polygon>{{}, {{0.5F, 0.5F}}, {{0, 0}, {1, 1}}}, {8, 8}, 1, 0, pixels);
  CHECK(std::accumulate(pixels.begin(), pixels.end(), 0) == 64);
}

TEST_CASE("a point is masked exactly where the fill is") {
  std::mt19937 random(2);
  std::uniform_real_distribution<float> fraction(-0.2F, 1.2F);
  constexpr int kWidth = 40, kHeight = 30;
  for (int round = 0; round < 50; ++round) {
    Polygon polygon;
    for (int i = 0; i < 5; ++i) polygon.emplace_back(fraction(random), fraction(random));
    std::vector<std::uint8_t> pixels(kWidth * kHeight, 0);
    fill_masks(std::vector<Polygon>{polygon}, {kWidth, kHeight}, 1, 1, pixels);
    int differences = 0;
    for (int y = 0; y < kHeight; ++y)
      for (int x = 0; x < kWidth; ++x)
        if (is_masked(std::vector<Polygon>{polygon}, (static_cast<float>(x) + 0.5F) / kWidth,
                      (static_cast<float>(y) + 0.5F) / kHeight) !=
            (pixels[static_cast<std::size_t>(y * kWidth + x)] == 1))
          ++differences;
    CHECK(differences <= 6);  // rounding, right on an edge
  }
}

}  // namespace
}  // namespace camclassify
