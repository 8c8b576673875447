#pragma once

#include "ops/node_reader.hpp"

namespace camclassify {

// Writes a row of `padded_pixels` pixels to dst: the window's padding on the left, `pixels` of src,
// each of `pixel_bytes`, or of padding if src is null, and padding behind them.
void write_padded_row(const Window& window, DataType type, const std::byte* src, int pixels,
                      std::size_t pixel_bytes, std::byte* dst, int padded_pixels);

}  // namespace camclassify
