#include "camclassify/appearance.hpp"

#include <algorithm>
#include <cstdlib>
#include <span>

namespace camclassify {
namespace {

constexpr int kBlackest = 24;                    // grey levels: black of limited range is 16
constexpr int kMiddle = 129, kAroundMiddle = 4;  // 128, or 130 where the range is limited
constexpr int kSpread = 1;                       // of one grey: the plane is rounded

bool is_grey(std::span<const std::uint8_t> row) {
  const auto [least, most] = std::ranges::minmax(row);
  return most - least <= kSpread && std::abs(least - kMiddle) <= kAroundMiddle;
}

float share(std::ptrdiff_t count, std::size_t all) {
  return static_cast<float>(count) / static_cast<float>(all);
}

}  // namespace

Appearance appearance_of(const Plane& luma, const Plane& before) {
  Appearance appearance;
  const std::span<const std::uint8_t> pixels = luma.pixels;
  if (luma.size == before.size) {
    std::ptrdiff_t differing = 0;
    for (std::size_t i = 0; i < pixels.size(); ++i)
      differing += pixels[i] != before.pixels[i] ? 1 : 0;
    appearance.differing = share(differing, pixels.size());
  }
  const auto black =
      std::ranges::count_if(pixels, [](std::uint8_t level) { return level <= kBlackest; });
  appearance.black = share(black, pixels.size());
  const auto width = static_cast<std::size_t>(luma.size.width);
  const auto height = static_cast<std::size_t>(luma.size.height);
  std::size_t rows = 0;
  // All of them one grey, not each its own: that would be a wall in the evening.
  const auto lowest = [&](std::size_t row) {
    return pixels.subspan((height - 1 - row) * width, width);
  };
  while (rows < height && is_grey(lowest(rows)) &&
         std::abs(lowest(rows)[0] - lowest(0)[0]) <= kSpread)
    ++rows;
  appearance.grey = share(static_cast<std::ptrdiff_t>(rows), height);
  return appearance;
}

}  // namespace camclassify
