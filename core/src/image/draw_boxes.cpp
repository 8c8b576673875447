#include <algorithm>
#include <array>
#include <cmath>

#include "camclassify/image.hpp"
#include "image/jpeg.hpp"

namespace camclassify {
namespace {

using Colour = std::array<std::uint8_t, 3>;
constexpr Colour kLine = {255, 196, 0};
constexpr Colour kEdge = {0, 0, 0};  // around the line, so that it shows on any ground

struct Rectangle {
  int x0, y0, x1, y1;  // half open
};

void fill(Frame& frame, Rectangle area, Colour colour) {
  area.x0 = std::clamp(area.x0, 0, frame.size.width);
  area.x1 = std::clamp(area.x1, 0, frame.size.width);
  area.y0 = std::clamp(area.y0, 0, frame.size.height);
  area.y1 = std::clamp(area.y1, 0, frame.size.height);
  for (int y = area.y0; y < area.y1; ++y) {
    for (int x = area.x0; x < area.x1; ++x) {
      const auto at =
          3 * (static_cast<std::size_t>(y) * static_cast<std::size_t>(frame.size.width) +
               static_cast<std::size_t>(x));
      std::ranges::copy(colour, frame.pixels.begin() + static_cast<std::ptrdiff_t>(at));
    }
  }
}

void outline(Frame& frame, Rectangle box, int thickness, Colour colour) {
  fill(frame, {box.x0, box.y0, box.x1, box.y0 + thickness}, colour);
  fill(frame, {box.x0, box.y1 - thickness, box.x1, box.y1}, colour);
  fill(frame, {box.x0, box.y0, box.x0 + thickness, box.y1}, colour);
  fill(frame, {box.x1 - thickness, box.y0, box.x1, box.y1}, colour);
}

int to_pixel(float fraction, int length) {
  return static_cast<int>(
      std::lround(std::clamp(fraction, 0.0F, 1.0F) * static_cast<float>(length)));
}

}  // namespace

std::vector<std::byte> draw_boxes(std::span<const std::byte> snapshot, std::span<const Box> boxes) {
  constexpr int kQuality = 85;
  Frame frame = decode(snapshot, {});
  const int thickness = std::max(2, std::min(frame.size.width, frame.size.height) / 240);
  const int edge = std::max(1, thickness / 3);
  for (const Box& box : boxes) {
    const Rectangle line = {to_pixel(box.x0, frame.size.width), to_pixel(box.y0, frame.size.height),
                            to_pixel(box.x1, frame.size.width),
                            to_pixel(box.y1, frame.size.height)};
    outline(frame, {line.x0 - edge, line.y0 - edge, line.x1 + edge, line.y1 + edge},
            thickness + 2 * edge, kEdge);
    outline(frame, line, thickness, kLine);
  }
  return encode_jpeg(frame, kQuality);
}

}  // namespace camclassify
