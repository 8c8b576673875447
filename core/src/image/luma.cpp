#include "camclassify/image.hpp"
#include "image/range.hpp"

namespace camclassify {
namespace {

constexpr int kReduction = 8;

int reduced(int length) { return (length + kReduction - 1) / kReduction; }

// The pixels of a frame that a cell covers along one axis, at least one.
Range covered(int cell, int length, int original_length) {
  const auto to_pixel = [&](int boundary) {
    return static_cast<int>(std::int64_t{boundary} * kReduction * length / original_length);
  };
  return at_least_one({to_pixel(cell), to_pixel(cell + 1)}, length);
}

std::uint8_t mean_luma(const Frame& frame, Range columns, Range rows) {
  unsigned red = 0, green = 0, blue = 0;
  for (int row = rows.begin; row < rows.end; ++row) {
    const auto at = static_cast<std::size_t>(row) * static_cast<std::size_t>(frame.size.width) +
                    static_cast<std::size_t>(columns.begin);
    const auto* pixel = frame.pixels.data() + 3 * at;
    for (int column = columns.begin; column < columns.end; ++column, pixel += 3) {
      red += pixel[0];
      green += pixel[1];
      blue += pixel[2];
    }
  }
  // ITU-R BT.601, in 1/256.
  const unsigned sum = 77 * red + 150 * green + 29 * blue;
  const auto count = static_cast<unsigned>((rows.end - rows.begin) * (columns.end - columns.begin));
  return static_cast<std::uint8_t>((sum + 128 * count) / (256 * count));
}

}  // namespace

Plane luma(const Frame& frame) {
  Plane plane{
      {reduced(frame.original_size.width), reduced(frame.original_size.height)}, {}, frame.missing};
  plane.pixels.reserve(static_cast<std::size_t>(plane.size.width) *
                       static_cast<std::size_t>(plane.size.height));
  std::vector<Range> columns;
  for (int x = 0; x < plane.size.width; ++x)
    columns.push_back(covered(x, frame.size.width, frame.original_size.width));
  for (int y = 0; y < plane.size.height; ++y) {
    const Range rows = covered(y, frame.size.height, frame.original_size.height);
    for (const Range& column : columns) plane.pixels.push_back(mean_luma(frame, column, rows));
  }
  return plane;
}

}  // namespace camclassify
