#pragma once

#include <cstddef>
#include <span>

namespace camclassify {

// A snapshot without what cheap cameras and their servers send before the picture: line breaks, the
// header of a part of a stream, a few odd bytes. As it is if there is no picture in it.
std::span<const std::byte> picture_in(std::span<const std::byte> snapshot);

}  // namespace camclassify
