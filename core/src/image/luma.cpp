#include <algorithm>

#include "camclassify/image.hpp"

namespace camclassify {
namespace {

constexpr int kReduction = 8;

int reduced(int length) { return (length + kReduction - 1) / kReduction; }

}  // namespace

Plane luma(const Frame& frame) {
  Plane plane{{reduced(frame.original_size.width), reduced(frame.original_size.height)}, {}};
  plane.pixels.reserve(static_cast<std::size_t>(plane.size.width) *
                       static_cast<std::size_t>(plane.size.height));
  const auto [width, height] = frame.size;
  for (int y = 0; y < plane.size.height; ++y) {
    const int y0 = y * height / plane.size.height;
    const int y1 = std::max(y0 + 1, (y + 1) * height / plane.size.height);
    for (int x = 0; x < plane.size.width; ++x) {
      const int x0 = x * width / plane.size.width;
      const int x1 = std::max(x0 + 1, (x + 1) * width / plane.size.width);
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
