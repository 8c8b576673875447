#pragma once

#include "camclassify/image.hpp"

namespace camclassify {

inline float width(const Box& box) { return box.x1 - box.x0; }
inline float height(const Box& box) { return box.y1 - box.y0; }
float area(const Box& box);                     // 0 for an empty box
bool holds_a_pixel(const Box& box, Size size);  // of a picture of that size; no if a side is NaN
Box intersection(const Box& a, const Box& b);   // may be empty
bool intersects(const Box& a, const Box& b);
float iou(const Box& a, const Box& b);          // intersection over union, 0..1
float containment(const Box& a, const Box& b);  // intersection over the smaller one, 0..1
Box clipped(const Box& box);                    // to the frame
Box grown(const Box& box, float share);         // by a share of its size on each side

// Overlap from which what is of one kind in two frames is one thing.
inline constexpr float kSameThing = 0.3F;

// The smallest box around `box` that has the aspect of `shape` in a frame of size `frame`, moved
// and, where it is too large, cut so that it stays inside the frame.
Box with_aspect(const Box& box, Size shape, Size frame);

}  // namespace camclassify
