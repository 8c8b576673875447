#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "camclassify/engine.hpp"

namespace camclassify {

// Of polygons with finite points, as those of a checked Request are.

Polygon polygon_of(const Box& box);

// Overwrites every polygon's inside in rows of `size` pixels with `channels` bytes each.
void fill_masks(std::span<const Polygon> masks, Size size, int channels, std::uint8_t value,
                std::span<std::uint8_t> pixels);

// The same in a frame, which may show a part of the snapshot only.
void fill_masks(std::span<const Polygon> masks, Frame& frame, std::uint8_t value);

// Whether the point (fractions of the frame) lies inside a polygon, by the even-odd rule.
bool is_masked(std::span<const Polygon> masks, float x, float y);

}  // namespace camclassify
