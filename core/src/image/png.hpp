#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "camclassify/image.hpp"
#include "image/orientation.hpp"

namespace camclassify {

struct PngHeader {
  Size size;                        // as stored
  std::int64_t unpacked_bytes = 0;  // of all rows, before they become RGB
  Orientation orientation = 1;
};

bool is_png(std::span<const std::byte> snapshot);

// Throws SnapshotError.
PngHeader read_png_header(std::span<const std::byte> snapshot);

// At full size, upright; transparency is laid over black, and colours are taken for sRGB whatever
// the file says of them. Throws SnapshotError.
Frame decode_png(std::span<const std::byte> snapshot, const PngHeader& header);

}  // namespace camclassify
