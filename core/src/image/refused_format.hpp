#pragma once

#include <cstddef>
#include <span>
#include <string>

namespace camclassify {

// What those bytes are in place of a JPEG, PNG or WebP, and what to do about it, in a sentence or
// two.
std::string describe_refused_format(std::span<const std::byte> snapshot);

// Whether they are of a known kind that is no picture to be read, nor contains one.
bool is_refused_whole(std::span<const std::byte> snapshot);

}  // namespace camclassify
