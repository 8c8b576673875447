#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "camclassify/image.hpp"
#include "image/orientation.hpp"

namespace camclassify {

// What a WebP tells before any of it is decoded.
struct WebpHeader {
  Size size;  // as stored
  Orientation orientation = 1;
  bool transparent = false;
  // What reading it takes at most, the time estimated:
  std::int64_t memory_bytes = 0;
  std::int64_t work_ns = 0;
};

bool is_webp(std::span<const std::byte> snapshot);

// Throws SnapshotError, also for an animation.
WebpHeader read_webp_header(std::span<const std::byte> webp);

// At full size, upright; transparency is laid over black. Throws SnapshotError.
Frame decode_webp(std::span<const std::byte> webp, const WebpHeader& header);

}  // namespace camclassify
