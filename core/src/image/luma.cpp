#include <algorithm>

#include "camclassify/image.hpp"

namespace camclassify {
namespace {

constexpr int kReduction = 8;

int reduced(int length) { return (length + kReduction - 1) / kReduction; }

// The pixels of a frame that a cell covers along one axis, at least one.
struct Range {
  int begin, end;
};

Range covered(int cell, int length, int original_length) {
  const auto to_pixel = [&](int boundary) {
    return static_cast<int>(std::int64_t{boundary} * kReduction * length / original_length);
  };
  const int begin = std::min(to_pixel(cell), length - 1);
  return {begin, std::clamp(to_pixel(cell + 1), begin + 1, length)};
}

}  // namespace

Plane luma(const Frame& frame) {
  Plane plane{{reduced(frame.original_size.width), reduced(frame.original_size.height)}, {}};
  plane.pixels.reserve(static_cast<std::size_t>(plane.size.width) *
                       static_cast<std::size_t>(plane.size.height));
  const auto [width, height] = frame.size;
  for (int y = 0; y < plane.size.height; ++y) {
    const auto [y0, y1] = covered(y, height, frame.original_size.height);
    for (int x = 0; x < plane.size.width; ++x) {
      const auto [x0, x1] = covered(x, width, frame.original_size.width);
      unsigned red = 0, green = 0, blue = 0;
      for (int row = y0; row < y1; ++row) {
        const auto* pixel =
            &frame.pixels[3 * (static_cast<std::size_t>(row) * static_cast<std::size_t>(width) +
                               static_cast<std::size_t>(x0))];
        for (int column = x0; column < x1; ++column, pixel += 3) {
          red += pixel[0];
          green += pixel[1];
          blue += pixel[2];
        }
      }
      // ITU-R BT.601, in 1/256.
      const unsigned count = static_cast<unsigned>((y1 - y0) * (x1 - x0));
      plane.pixels.push_back(static_cast<std::uint8_t>(
          (77 * red + 150 * green + 29 * blue + 128 * count) / (256 * count)));
    }
  }
  return plane;
}

}  // namespace camclassify
