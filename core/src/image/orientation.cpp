#include "image/orientation.hpp"

#include <algorithm>
#include <optional>

namespace camclassify {
namespace {

// Reads integers of either byte order; nothing beyond the end.
class Bytes {
 public:
  explicit Bytes(std::span<const std::byte> bytes, bool little_endian = false)
      : bytes_(bytes), little_endian_(little_endian) {}

  std::optional<std::uint32_t> integer(std::size_t offset, std::size_t count) const {
    if (offset > bytes_.size() || bytes_.size() - offset < count) return std::nullopt;
    std::uint32_t value = 0;
    for (std::size_t i = 0; i < count; ++i)
      value = value << 8 |
              std::to_integer<std::uint32_t>(bytes_[offset + (little_endian_ ? count - 1 - i : i)]);
    return value;
  }

 private:
  std::span<const std::byte> bytes_;
  bool little_endian_;
};

// What brings rows as stored upright: first mirrored, then exchanged with columns.
struct Turn {
  bool transposed, from_right, from_bottom;
};

Turn turn_of(Orientation orientation) {
  return {orientation >= 5,
          orientation == 2 || orientation == 3 || orientation == 7 || orientation == 8,
          orientation == 3 || orientation == 4 || orientation == 6 || orientation == 7};
}

}  // namespace

Orientation exif_orientation(std::span<const std::byte> tiff) {
  constexpr std::uint32_t kOrientationTag = 0x0112, kEntryBytes = 12;
  if (tiff.size() < 8) return 1;
  const Bytes bytes(tiff, tiff[0] == std::byte{'I'});
  const std::uint32_t directory = bytes.integer(4, 4).value_or(0);
  const std::uint32_t entries = bytes.integer(directory, 2).value_or(0);
  for (std::uint32_t i = 0; i < entries; ++i) {
    const std::size_t entry = std::size_t{directory} + 2 + std::size_t{i} * kEntryBytes;
    if (bytes.integer(entry, 2).value_or(0) != kOrientationTag) continue;
    const auto orientation = bytes.integer(entry + 8, 2).value_or(1);
    return orientation >= 1 && orientation <= 8 ? static_cast<Orientation>(orientation) : 1;
  }
  return 1;
}

Size upright(Size size, Orientation orientation) {
  return orientation >= 5 ? Size{size.height, size.width} : size;
}

Box upright(const Box& part, Orientation orientation) {
  const auto [transposed, from_right, from_bottom] = turn_of(orientation);
  Box turned = part;
  if (from_right) turned.x0 = 1 - part.x1, turned.x1 = 1 - part.x0;
  if (from_bottom) turned.y0 = 1 - part.y1, turned.y1 = 1 - part.y0;
  return transposed ? Box{turned.y0, turned.x0, turned.y1, turned.x1} : turned;
}

void place_upright(std::span<const std::uint8_t> rows, int first_row, Size size, int channels,
                   Orientation orientation, std::span<std::uint8_t> dst) {
  const Turn turn = turn_of(orientation);
  const bool transposed = turn.transposed, from_right = turn.from_right,
             from_bottom = turn.from_bottom;
  const std::ptrdiff_t turned_width = upright(size, orientation).width;
  const std::ptrdiff_t width = size.width;
  const auto row_count = static_cast<std::ptrdiff_t>(rows.size()) / (channels * width);
  const auto place = [&](std::ptrdiff_t x, std::ptrdiff_t y) {
    const std::uint8_t* in = rows.data() + (y * width + x) * channels;
    const std::ptrdiff_t row = from_bottom ? size.height - 1 - first_row - y : first_row + y;
    const std::ptrdiff_t column = from_right ? width - 1 - x : x;
    std::uint8_t* out =
        dst.data() +
        (transposed ? column * turned_width + row : row * turned_width + column) * channels;
    for (int i = 0; i < channels; ++i) out[i] = in[i];
  };
  // Written in the order of `dst` as far as the rows go.
  if (transposed) {
    for (std::ptrdiff_t x = 0; x < width; ++x)
      for (std::ptrdiff_t y = 0; y < row_count; ++y) place(x, y);
  } else {
    for (std::ptrdiff_t y = 0; y < row_count; ++y)
      for (std::ptrdiff_t x = 0; x < width; ++x) place(x, y);
  }
}

}  // namespace camclassify
