#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "camclassify/image.hpp"
#include "image/jpeg_header.hpp"

namespace camclassify {

// JPEG through libjpeg-turbo. The snapshot begins with its start marker; pictures come upright.

bool is_jpeg(std::span<const std::byte> snapshot);

// At the smallest of the scales 1/8, 1/4, 1/2 and 1 that covers `cover`. libjpeg-turbo has the
// scales in between too, but computes them without SIMD: 3/8 takes longer than 1/2. Of a JPEG in
// one scan that is upright only the blocks that show `part`. Throws SnapshotError.
Frame decode_jpeg(std::span<const std::byte> snapshot, const JpegHeader& header, Size cover,
                  const Box& part = {});

// Luma at 1/8 scale: one value per 8x8 block. Throws SnapshotError.
Plane decode_jpeg_luma(std::span<const std::byte> snapshot, const JpegHeader& header);

// Quality 1..100. Throws Error.
std::vector<std::byte> encode_jpeg(const Frame& frame, int quality);

}  // namespace camclassify
