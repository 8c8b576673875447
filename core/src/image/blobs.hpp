#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "camclassify/image.hpp"

namespace camclassify {

// A connected patch of cells (8 neighbours), its bounds in cells, half open.
struct Blob {
  int x0 = 0, y0 = 0, x1 = 0, y1 = 0;
  int weight = 0;  // sum of the cells' values
};

// The patches of cells that are not 0. Sets the cells to 0.
std::vector<Blob> find_blobs(std::span<std::uint8_t> cells, Size size);

}  // namespace camclassify
