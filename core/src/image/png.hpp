#pragma once

#include <cstddef>
#include <span>

#include "camclassify/image.hpp"

namespace camclassify {

bool is_png(std::span<const std::byte> snapshot);

// Size that the header states. Throws SnapshotError.
Size png_size(std::span<const std::byte> snapshot);

// At full size; transparency is laid over black. Throws SnapshotError.
Frame decode_png(std::span<const std::byte> snapshot);

}  // namespace camclassify
