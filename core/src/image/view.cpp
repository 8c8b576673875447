#include "camclassify/view.hpp"

#include <algorithm>
#include <cmath>

#include "image/range.hpp"

namespace camclassify {
namespace {

constexpr int kColumns = Likeness::kColumns, kRows = Likeness::kRows;
constexpr int kBlockColumns = 8, kBlockRows = 6;
constexpr int kFarthestShift = 2;  // parts, in each direction
constexpr int kSurroundings = 2;   // parts to each side
constexpr float kLeastSpread = 2;  // grey levels: a block that varies less shows nothing
constexpr int kLeastBlocks = 3;    // that must show something to tell views apart
constexpr float kCorrelated = 0.5F;

using Grid = std::array<float, std::size_t{kColumns} * kRows>;

std::size_t at(int column, int row) { return static_cast<std::size_t>(row * kColumns + column); }

Grid means(const Plane& luma) {
  // The plane's values along an axis that a part covers.
  const auto covered = [](int part, int parts, int length) {
    return at_least_one({part * length / parts, (part + 1) * length / parts}, length);
  };
  Grid grid;
  for (int row = 0; row < kRows; ++row) {
    const Range rows = covered(row, kRows, luma.size.height);
    for (int column = 0; column < kColumns; ++column) {
      const Range columns = covered(column, kColumns, luma.size.width);
      int sum = 0;
      for (int y = rows.begin; y < rows.end; ++y)
        for (int x = columns.begin; x < columns.end; ++x)
          sum +=
              luma.pixels[static_cast<std::size_t>(y) * static_cast<std::size_t>(luma.size.width) +
                          static_cast<std::size_t>(x)];
      const int count = (rows.end - rows.begin) * (columns.end - columns.begin);
      grid[at(column, row)] = static_cast<float>(sum) / static_cast<float>(count);
    }
  }
  return grid;
}

float mean_around(const Grid& grid, int column, int row) {
  float sum = 0;
  int count = 0;
  for (int y = std::max(row - kSurroundings, 0); y <= std::min(row + kSurroundings, kRows - 1); ++y)
    for (int x = std::max(column - kSurroundings, 0);
         x <= std::min(column + kSurroundings, kColumns - 1); ++x, ++count)
      sum += grid[at(x, y)];
  return sum / static_cast<float>(count);
}

struct Shift {
  int columns = 0, rows = 0;
};

// Parts of `known`; those of `now` lie by the shift farther right and down.
struct Block {
  int x0, y0, x1, y1;
};

Block overlapping(int column, int row, Shift shift) {
  return {std::max(column, -shift.columns), std::max(row, -shift.rows),
          std::min(column + kBlockColumns, kColumns - shift.columns),
          std::min(row + kBlockRows, kRows - shift.rows)};
}

std::int32_t contrast(const Likeness& likeness, int column, int row) {
  return likeness.contrasts[at(column, row)];  // NOLINT(bugprone-signed-char-misuse): a number
}

struct Agreement {
  bool shows_something = false;
  bool agrees = false;
};

// By the correlation of both.
Agreement agreement(const Likeness& known, const Likeness& now, const Block& block, Shift shift) {
  std::int32_t sum_a = 0, sum_b = 0, aa = 0, bb = 0, ab = 0;
  for (int y = block.y0; y < block.y1; ++y) {
    for (int x = block.x0; x < block.x1; ++x) {
      const std::int32_t a = contrast(known, x, y);
      const std::int32_t b = contrast(now, x + shift.columns, y + shift.rows);
      sum_a += a;
      sum_b += b;
      aa += a * a;
      bb += b * b;
      ab += a * b;
    }
  }
  const auto count = static_cast<float>((block.x1 - block.x0) * (block.y1 - block.y0));
  const auto covariance = [&](std::int32_t product, std::int32_t left, std::int32_t right) {
    return static_cast<float>(product) / count -
           static_cast<float>(left) / count * (static_cast<float>(right) / count);
  };
  const float variance = covariance(bb, sum_b, sum_b);
  return {variance >= kLeastSpread * kLeastSpread,
          covariance(ab, sum_a, sum_b) >
              kCorrelated * std::sqrt(covariance(aa, sum_a, sum_a) * variance)};
}

struct Count {
  int showing = 0;   // blocks in which the later picture shows something
  int agreeing = 0;  // of these
};

Count count_blocks(const Likeness& known, const Likeness& now, Shift shift) {
  Count count;
  for (int row = 0; row < kRows; row += kBlockRows) {
    for (int column = 0; column < kColumns; column += kBlockColumns) {
      const auto [shows_something, agrees] =
          agreement(known, now, overlapping(column, row, shift), shift);
      count.showing += shows_something ? 1 : 0;
      count.agreeing += shows_something && agrees ? 1 : 0;
    }
  }
  return count;
}

}  // namespace

std::optional<Likeness> likeness_of(const Plane& luma) {
  constexpr float kMost = 127;
  constexpr std::uint8_t kBlinded = 250;
  const auto blinded =
      std::ranges::count_if(luma.pixels, [](std::uint8_t level) { return level >= kBlinded; });
  if (2 * blinded > std::ssize(luma.pixels)) return std::nullopt;
  const Grid grid = means(luma);
  Likeness likeness;
  for (int row = 0; row < kRows; ++row)
    for (int column = 0; column < kColumns; ++column)
      likeness.contrasts[at(column, row)] = static_cast<std::int8_t>(std::lround(
          std::clamp(grid[at(column, row)] - mean_around(grid, column, row), -kMost, kMost)));
  if (count_blocks(likeness, likeness, {}).showing < kLeastBlocks) return std::nullopt;
  return likeness;
}

bool is_same_view(const Likeness& known, const Likeness& now) {
  const auto agree_at = [&](Shift shift) {
    const Count count = count_blocks(known, now, shift);
    return 3 * count.agreeing > count.showing;
  };
  if (agree_at({})) return true;
  for (int rows = -kFarthestShift; rows <= kFarthestShift; ++rows)
    for (int columns = -kFarthestShift; columns <= kFarthestShift; ++columns)
      if (agree_at({columns, rows})) return true;
  return false;
}

View recognise(const std::optional<Likeness>& now, const std::optional<Likeness>& before,
               std::span<const Likeness> known) {
  View view{std::nullopt, before && now && !is_same_view(*before, *now), now};
  const auto found = std::ranges::find_if(
      known, [&](const Likeness& each) { return !now || is_same_view(each, *now); });
  if (found != known.end()) view.known = static_cast<std::size_t>(found - known.begin());
  return view;
}

}  // namespace camclassify
