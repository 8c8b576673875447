#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>

#include "camclassify/image.hpp"

namespace camclassify::test {

// The plane with other grey levels: `change` of column, row and level, rounded.
template <class Change>
Plane changed(Plane plane, Change change) {
  for (std::size_t i = 0; i < plane.pixels.size(); ++i) {
    const int x = static_cast<int>(i) % plane.size.width,
              y = static_cast<int>(i) / plane.size.width;
    const double level = change(x, y, static_cast<double>(plane.pixels[i]));
    plane.pixels[i] = static_cast<std::uint8_t>(std::clamp(std::lround(level), 0L, 255L));
  }
  return plane;
}

}  // namespace camclassify::test
