#include "image/texture.hpp"

#include <algorithm>
#include <cmath>

namespace camclassify {
namespace {

constexpr float kLeastContrast = 3;  // less is noise
constexpr int kFarthestCellShift = 3;
constexpr int kBlocksAcross = 4, kBlocksDown = 3;
constexpr float kClearlyMore = 0.1F;  // likeness, than unshifted
constexpr float kAlike = 0.4F;        // likeness: less may be chance
constexpr int kMostCells = 8'000;  // that a shift is looked for in; of larger planes every nth row

// Cells, by which a picture lies farther right and down than another.
struct CellShift {
  int x = 0, y = 0;
};

// Cells of a plane, half open.
struct Cells {
  int x0, y0, x1, y1;
};

Cells cells_of(const Box& part, Size size) {
  const auto width = static_cast<float>(size.width), height = static_cast<float>(size.height);
  const auto cell = [](float at, int count) {
    return std::clamp(static_cast<int>(std::lround(at)), 0, count);
  };
  // With the cells around it: a thing's outline is part of its pattern.
  return {cell(part.x0 * width - 1, size.width), cell(part.y0 * height - 1, size.height),
          cell(part.x1 * width + 1, size.width), cell(part.y1 * height + 1, size.height)};
}

struct Sums {
  std::int64_t both = 0, before = 0, now = 0;
  int count = 0;
};

Sums sums_of(const Texture& before, const Texture& now, Cells cells, CellShift shift, int step) {
  const Size size = now.size;
  const int x0 = std::max(cells.x0, shift.x), x1 = std::min(cells.x1, size.width + shift.x);
  Sums sums;
  for (int y = std::max(cells.y0, shift.y); y < std::min(cells.y1, size.height + shift.y);
       y += step) {
    const auto row = [&](const Texture& texture, int from_y, int from_x) {
      return std::span(texture.contrasts)
          .subspan(static_cast<std::size_t>(from_y) * static_cast<std::size_t>(size.width) +
                   static_cast<std::size_t>(from_x));
    };
    if (x0 >= x1) break;
    const auto a = row(before, y - shift.y, x0 - shift.x), b = row(now, y, x0);
    std::int32_t both = 0, old = 0, fresh = 0;
    for (std::size_t i = 0; i < static_cast<std::size_t>(x1 - x0); ++i) {
      both += a[i] * b[i];
      old += a[i] * a[i];
      fresh += b[i] * b[i];
    }
    sums.both += both, sums.before += old, sums.now += fresh;
    sums.count += x1 - x0;
  }
  return sums;
}

std::optional<float> likeness_of(const Sums& sums) {
  const auto least = static_cast<std::int64_t>(kLeastContrast * kLeastContrast) * sums.count;
  if (sums.count == 0 || sums.before < least || sums.now < least) return std::nullopt;
  return static_cast<float>(
      static_cast<double>(sums.both) /
      std::sqrt(static_cast<double>(sums.before) * static_cast<double>(sums.now)));
}

}  // namespace

Texture texture_of(const Plane& luma) {
  const auto width = static_cast<std::size_t>(luma.size.width);
  const auto height = static_cast<std::size_t>(luma.size.height);
  Texture texture{luma.size, std::vector<std::int8_t>(luma.pixels.size())};
  std::vector<int> columns(width + 2);  // of three cells, one more at each border
  for (std::size_t y = 0; y < height; ++y) {
    const std::uint8_t* same = &luma.pixels[y * width];
    const std::uint8_t* above = y == 0 ? same : same - width;
    const std::uint8_t* below = y + 1 == height ? same : same + width;
    for (std::size_t x = 0; x < width; ++x) columns[x + 1] = above[x] + same[x] + below[x];
    columns.front() = columns[1];
    columns.back() = columns[width];
    std::int8_t* contrasts = &texture.contrasts[y * width];
    for (std::size_t x = 0; x < width; ++x) {
      const int around = columns[x] + columns[x + 1] + columns[x + 2];
      contrasts[x] = static_cast<std::int8_t>(std::clamp((9 * same[x] - around) / 4, -127, 127));
    }
  }
  return texture;
}

std::optional<float> likeness(const Texture& before, const Texture& now, const Box& part) {
  return likeness_of(sums_of(before, now, cells_of(part, now.size), {}, 1));
}

bool is_shifted(const Texture& before, const Texture& now) {
  const int step = std::max(1, now.size.width * now.size.height / kMostCells);
  // Each block counts the same: a car on a smooth road is most of its picture's pattern.
  const auto alike = [&](CellShift shift) {
    float sum = 0;
    int count = 0;
    for (int row = 0; row < kBlocksDown; ++row)
      for (int column = 0; column < kBlocksAcross; ++column) {
        const Cells block{column * now.size.width / kBlocksAcross,
                          row * now.size.height / kBlocksDown,
                          (column + 1) * now.size.width / kBlocksAcross,
                          (row + 1) * now.size.height / kBlocksDown};
        const auto here = likeness_of(sums_of(before, now, block, shift, step));
        sum += here.value_or(0);
        count += here ? 1 : 0;
      }
    return count == 0 ? 0 : sum / static_cast<float>(count);
  };
  const float least = std::max(alike({}) + kClearlyMore, kAlike);
  for (int y = -kFarthestCellShift; y <= kFarthestCellShift; ++y)
    for (int x = -kFarthestCellShift; x <= kFarthestCellShift; ++x)
      if (alike({x, y}) > least) return true;
  return false;
}

}  // namespace camclassify
