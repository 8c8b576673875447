#include "ops/padded_row.hpp"

#include <algorithm>
#include <cstring>

namespace camclassify {
namespace {

void fill(std::byte* dst, std::size_t bytes, DataType type, int value) {
  if (type == DataType::kI16) {
    std::fill_n(reinterpret_cast<std::int16_t*>(dst), bytes / sizeof(std::int16_t),
                static_cast<std::int16_t>(value));
  } else {
    std::memset(dst, value, bytes);  // f32 is padded with 0
  }
}

}  // namespace

void write_padded_row(const Window& window, DataType type, const std::byte* src, int pixels,
                      std::size_t pixel_bytes, std::byte* dst, int padded_pixels) {
  const std::size_t left = static_cast<std::size_t>(window.left) * pixel_bytes;
  const std::size_t inside = src ? static_cast<std::size_t>(pixels) * pixel_bytes : 0;
  const std::size_t whole = static_cast<std::size_t>(padded_pixels) * pixel_bytes;
  fill(dst, left, type, window.pad_value);
  if (src) std::memcpy(dst + left, src, inside);
  fill(dst + left + inside, whole - left - inside, type, window.pad_value);
}

}  // namespace camclassify
