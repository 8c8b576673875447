#pragma once

#include <cstddef>
#include <span>
#include <string>

namespace camclassify {

// What those bytes are in place of a JPEG or PNG, and what to do about it, in a sentence or two.
std::string describe_refused_format(std::span<const std::byte> snapshot);

}  // namespace camclassify
