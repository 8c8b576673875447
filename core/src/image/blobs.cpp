#include "image/blobs.hpp"

#include <algorithm>

namespace camclassify {
namespace {

struct Cell {
  int x, y;
};

// Takes the patch that `start` is part of out of the cells. `pending` is scratch.
Blob take_blob(std::span<std::uint8_t> cells, Size size, Cell start, std::vector<Cell>& pending) {
  const auto at = [&](int x, int y) -> std::uint8_t& {
    return cells[static_cast<std::size_t>(y) * static_cast<std::size_t>(size.width) +
                 static_cast<std::size_t>(x)];
  };
  Blob blob{start.x, start.y, start.x + 1, start.y + 1, 0};
  const auto visit = [&](int x, int y) {
    blob.weight += at(x, y);
    at(x, y) = 0;
    pending.push_back({x, y});
  };
  visit(start.x, start.y);
  while (!pending.empty()) {
    const Cell cell = pending.back();
    pending.pop_back();
    blob.x0 = std::min(blob.x0, cell.x), blob.x1 = std::max(blob.x1, cell.x + 1);
    blob.y0 = std::min(blob.y0, cell.y), blob.y1 = std::max(blob.y1, cell.y + 1);
    for (int y = std::max(cell.y - 1, 0); y <= std::min(cell.y + 1, size.height - 1); ++y)
      for (int x = std::max(cell.x - 1, 0); x <= std::min(cell.x + 1, size.width - 1); ++x)
        if (at(x, y) != 0) visit(x, y);
  }
  return blob;
}

}  // namespace

std::vector<Blob> find_blobs(std::span<std::uint8_t> cells, Size size) {
  std::vector<Blob> blobs;
  std::vector<Cell> pending;
  for (auto it = cells.begin();;) {
    it = std::find_if(it, cells.end(), [](std::uint8_t value) { return value != 0; });
    if (it == cells.end()) return blobs;
    const int index = static_cast<int>(it - cells.begin());
    blobs.push_back(take_blob(cells, size, {index % size.width, index / size.width}, pending));
  }
}

}  // namespace camclassify
