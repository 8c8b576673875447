#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "camclassify/image.hpp"

namespace camclassify {

// How a camera was held, as Exif's tag 0x0112 counts: 1 is upright, 2..8 are its mirrorings and
// quarter turns.
using Orientation = int;

// `tiff`: the TIFF file that Exif is. 1 if it says nothing, or nothing that makes sense.
Orientation exif_orientation(std::span<const std::byte> tiff);

// The size after turning upright.
Size upright(Size size, Orientation orientation);

// Where a part of the picture as stored lies after turning upright.
Box upright(const Box& part, Orientation orientation);

// Puts rows of a picture of `size`, `channels` bytes a pixel, from `first_row` on, where they
// belong in the upright picture `dst`.
void place_upright(std::span<const std::uint8_t> rows, int first_row, Size size, int channels,
                   Orientation orientation, std::span<std::uint8_t> dst);

}  // namespace camclassify
