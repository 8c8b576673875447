#pragma once

#include <cstddef>
#include <vector>

#include "camclassify/image.hpp"

namespace camclassify::test {

// A black lossless WebP in which `groups` groups of prefix codes are defined, 1 to 65,536 and at
// most one for each 4 x 4 pixels: each takes 20 bits of the file and kilobytes when it is read.
std::vector<std::byte> many_codes(Size size, int groups);

}  // namespace camclassify::test
