#pragma once

#include "camclassify/image.hpp"

namespace camclassify {

// Throws SnapshotError if a picture has more pixels than are accepted.
void check_pixels(Size size, const DecodeLimits& limits);

}  // namespace camclassify
