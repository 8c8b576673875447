#include <string>

#include "camclassify/error.hpp"
#include "camclassify/image.hpp"
#include "image/jpeg.hpp"
#include "image/orientation.hpp"
#include "image/png.hpp"

namespace camclassify {
namespace {

enum class Format : std::uint8_t { kJpeg, kPng };

Format format_of(std::span<const std::byte> snapshot) {
  if (is_jpeg(snapshot)) return Format::kJpeg;
  if (is_png(snapshot)) return Format::kPng;
  if (snapshot.empty()) throw SnapshotError("The snapshot is empty.");
  if (snapshot[0] == std::byte{'<'})
    throw SnapshotError(
        "The snapshot is a web page, not a picture. Check the camera's snapshot address.");
  throw SnapshotError("The snapshot is neither a JPEG nor a PNG.");
}

// Refuses before anything is allocated, by what the header states.
Format check(std::span<const std::byte> snapshot, const DecodeLimits& limits) {
  if (static_cast<std::int64_t>(snapshot.size()) > limits.max_bytes)
    throw SnapshotError("The snapshot has " + std::to_string(snapshot.size()) + " bytes; at most " +
                        std::to_string(limits.max_bytes) + " are accepted.");
  const Format format = format_of(snapshot);
  const Size size = format == Format::kJpeg ? jpeg_size(snapshot) : png_size(snapshot);
  if (std::int64_t{size.width} * size.height > limits.max_pixels)
    throw SnapshotError("The snapshot is " + std::to_string(size.width) + " x " +
                        std::to_string(size.height) + "; at most " +
                        std::to_string(limits.max_pixels) +
                        " pixels are accepted. Set the camera to a lower resolution.");
  return format;
}

}  // namespace

Size snapshot_size(std::span<const std::byte> snapshot) {
  if (format_of(snapshot) == Format::kPng) return png_size(snapshot);
  return upright(jpeg_size(snapshot), exif_orientation(snapshot));
}

Frame decode(std::span<const std::byte> snapshot, Size cover, const DecodeLimits& limits) {
  if (check(snapshot, limits) == Format::kPng) return decode_png(snapshot);
  const Orientation orientation = exif_orientation(snapshot);
  Frame frame = decode_jpeg(snapshot, upright(cover, orientation));
  if (orientation != 1) {
    frame.pixels = upright(frame.pixels, frame.size, 3, orientation);
    frame.size = upright(frame.size, orientation);
    frame.original_size = upright(frame.original_size, orientation);
  }
  return frame;
}

Plane decode_luma(std::span<const std::byte> snapshot, const DecodeLimits& limits) {
  if (check(snapshot, limits) == Format::kPng) return luma(decode_png(snapshot));
  const Orientation orientation = exif_orientation(snapshot);
  Plane plane = decode_jpeg_luma(snapshot);
  if (orientation != 1) {
    plane.pixels = upright(plane.pixels, plane.size, 1, orientation);
    plane.size = upright(plane.size, orientation);
  }
  return plane;
}

}  // namespace camclassify
