#include "engine/mask.hpp"

#include <algorithm>
#include <cmath>

namespace camclassify {
namespace {

// Where the polygon's edges cross the horizontal line at `y`, from left to right; the inside lies
// between the first and second, third and fourth ...
std::vector<float> crossings(const Polygon& polygon, float y) {
  std::vector<float> xs;
  for (std::size_t i = 0; i < polygon.size(); ++i) {
    const auto [x0, y0] = polygon[i];
    const auto [x1, y1] = polygon[(i + 1) % polygon.size()];
    if ((y0 <= y) != (y1 <= y)) xs.push_back(x0 + (y - y0) / (y1 - y0) * (x1 - x0));
  }
  std::ranges::sort(xs);
  return xs;
}

}  // namespace

Polygon polygon_of(const Box& box) {
  return {{box.x0, box.y0}, {box.x1, box.y0}, {box.x1, box.y1}, {box.x0, box.y1}};
}

void fill_masks(std::span<const Polygon> masks, Size size, int channels, std::uint8_t value,
                std::span<std::uint8_t> pixels) {
  const auto to_column = [&](float x) {
    const float column = std::clamp(x, 0.0F, 1.0F) * static_cast<float>(size.width);
    return static_cast<std::size_t>(std::lround(column));
  };
  for (const Polygon& polygon : masks) {
    for (int row = 0; row < size.height; ++row) {
      const float y = (static_cast<float>(row) + 0.5F) / static_cast<float>(size.height);
      const auto xs = crossings(polygon, y);
      const auto begin = static_cast<std::size_t>(row) * static_cast<std::size_t>(size.width);
      for (std::size_t i = 0; i + 1 < xs.size(); i += 2) {
        const auto pixel_bytes = static_cast<std::size_t>(channels);
        const std::size_t from = to_column(xs[i]), to = to_column(xs[i + 1]);
        std::ranges::fill(pixels.subspan((begin + from) * pixel_bytes, (to - from) * pixel_bytes),
                          value);
      }
    }
  }
}

void fill_masks(std::span<const Polygon> masks, Frame& frame, std::uint8_t value) {
  if (masks.empty()) return;
  std::vector<Polygon> moved(masks.begin(), masks.end());
  const auto& [x0, y0, x1, y1] = frame.part;
  for (Polygon& polygon : moved)
    for (auto& [x, y] : polygon) x = (x - x0) / (x1 - x0), y = (y - y0) / (y1 - y0);
  fill_masks(moved, frame.size, 3, value, frame.pixels);
}

bool is_masked(std::span<const Polygon> masks, float x, float y) {
  return std::ranges::any_of(masks, [&](const Polygon& polygon) {
    const auto xs = crossings(polygon, y);
    return std::ranges::count_if(xs, [&](float crossing) { return crossing <= x; }) % 2 == 1;
  });
}

}  // namespace camclassify
