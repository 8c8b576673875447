#include "engine/box.hpp"

#include <algorithm>

namespace camclassify {

float area(const Box& box) { return std::max(0.0F, width(box)) * std::max(0.0F, height(box)); }

Box intersection(const Box& a, const Box& b) {
  return {std::max(a.x0, b.x0), std::max(a.y0, b.y0), std::min(a.x1, b.x1), std::min(a.y1, b.y1)};
}

bool holds_a_pixel(const Box& box, Size size) {
  return width(box) * static_cast<float>(size.width) >= 1 &&
         height(box) * static_cast<float>(size.height) >= 1;
}

bool intersects(const Box& a, const Box& b) { return area(intersection(a, b)) > 0; }

float iou(const Box& a, const Box& b) {
  const float common = area(intersection(a, b));
  return common > 0 ? common / (area(a) + area(b) - common) : 0;
}

float containment(const Box& a, const Box& b) {
  const float common = area(intersection(a, b));
  return common > 0 ? common / std::min(area(a), area(b)) : 0;
}

Box clipped(const Box& box) {
  const auto clip = [](float value) { return std::clamp(value, 0.0F, 1.0F); };
  return {clip(box.x0), clip(box.y0), clip(box.x1), clip(box.y1)};
}

Box grown(const Box& box, float share) {
  const float dx = width(box) * share, dy = height(box) * share;
  return {box.x0 - dx, box.y0 - dy, box.x1 + dx, box.y1 + dy};
}

Box with_aspect(const Box& box, Size shape, Size frame) {
  // Fractions of the frame have an aspect of their own.
  const float aspect = static_cast<float>(shape.width) * static_cast<float>(frame.height) /
                       (static_cast<float>(shape.height) * static_cast<float>(frame.width));
  const float w = std::min(1.0F, std::max(width(box), height(box) * aspect));
  const float h = std::min(1.0F, std::max(height(box), width(box) / aspect));
  const float x0 = std::clamp((box.x0 + box.x1 - w) / 2, 0.0F, 1 - w);
  const float y0 = std::clamp((box.y0 + box.y1 - h) / 2, 0.0F, 1 - h);
  return {x0, y0, x0 + w, y0 + h};
}

}  // namespace camclassify
