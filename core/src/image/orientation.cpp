#include "image/orientation.hpp"

#include <algorithm>
#include <array>
#include <cstring>
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

// The payload of the APP1 segment that holds Exif: a TIFF file. Empty if there is none.
std::span<const std::byte> find_exif(std::span<const std::byte> jpeg) {
  constexpr std::array<char, 6> kExif = {'E', 'x', 'i', 'f', 0, 0};
  constexpr unsigned kApp1 = 0xFFE1, kStartOfScan = 0xFFDA;
  const Bytes bytes(jpeg);
  for (std::size_t at = 2;;) {
    const auto marker = bytes.integer(at, 2);
    const auto length = bytes.integer(at + 2, 2);
    if (!marker || !length || *marker < 0xFF00 || *marker == kStartOfScan || *length < 2) return {};
    if (jpeg.size() - at - 2 < *length) return {};
    const auto payload = jpeg.subspan(at + 4, *length - 2);
    if (*marker == kApp1 && payload.size() > kExif.size() &&
        std::memcmp(payload.data(), kExif.data(), kExif.size()) == 0)
      return payload.subspan(kExif.size());
    at += 2 + *length;
  }
}

}  // namespace

Orientation exif_orientation(std::span<const std::byte> jpeg) {
  constexpr std::uint32_t kOrientationTag = 0x0112, kEntryBytes = 12;
  const auto tiff = find_exif(jpeg);
  if (tiff.size() < 8) return 1;
  const Bytes bytes(tiff, tiff[0] == std::byte{'I'});
  const std::uint32_t directory = *bytes.integer(4, 4);
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

std::vector<std::uint8_t> upright(std::span<const std::uint8_t> pixels, Size size, int channels,
                                  Orientation orientation) {
  const Size turned = upright(size, orientation);
  const bool transposed = orientation >= 5;
  const bool from_right =
      orientation == 2 || orientation == 3 || orientation == 7 || orientation == 8;
  const bool from_bottom =
      orientation == 3 || orientation == 4 || orientation == 6 || orientation == 7;
  std::vector<std::uint8_t> dst(pixels.size());
  auto* out = dst.data();
  for (int y = 0; y < turned.height; ++y) {
    for (int x = 0; x < turned.width; ++x) {
      int column = transposed ? y : x, row = transposed ? x : y;
      if (from_right) column = size.width - 1 - column;
      if (from_bottom) row = size.height - 1 - row;
      const auto* in =
          &pixels[(static_cast<std::size_t>(row) * static_cast<std::size_t>(size.width) +
                   static_cast<std::size_t>(column)) *
                  static_cast<std::size_t>(channels)];
      out = std::copy_n(in, channels, out);
    }
  }
  return dst;
}

}  // namespace camclassify
