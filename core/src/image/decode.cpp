#include <algorithm>
#include <cmath>
#include <string>

#include "camclassify/error.hpp"
#include "camclassify/image.hpp"
#include "image/jpeg.hpp"
#include "image/limits.hpp"
#include "image/picture_start.hpp"
#include "image/png.hpp"
#include "image/refused_format.hpp"
#include "image/webp.hpp"

namespace camclassify {
namespace {

// Together with DecodeLimits they hold a picture to a second and 200 MB on a small processor;
// benchmarks/image_limits.cpp measures it.
constexpr std::int64_t kMostMemory = 190'000'000;       // bytes of pixels and coefficients
constexpr std::int64_t kMostUnpackedPng = 100'000'000;  // bytes
constexpr std::int64_t kMostWork = 600'000'000;         // nanoseconds

enum class Format : std::uint8_t { kJpeg, kPng, kWebp };

Format format_of(std::span<const std::byte> picture) {
  if (is_jpeg(picture)) return Format::kJpeg;
  if (is_png(picture)) return Format::kPng;
  if (is_webp(picture)) return Format::kWebp;
  throw SnapshotError(describe_refused_format(picture));
}

void check_bytes(std::span<const std::byte> snapshot, const DecodeLimits& limits) {
  if (static_cast<std::int64_t>(snapshot.size()) > limits.max_bytes)
    throw SnapshotError("The snapshot has " + std::to_string(snapshot.size()) + " bytes; at most " +
                        std::to_string(limits.max_bytes) +
                        " are accepted. Set the camera to a lower resolution or quality.");
}

// Refuses before anything is decoded or allocated, by what the headers state.
JpegHeader check_jpeg(std::span<const std::byte> jpeg, const DecodeLimits& limits) {
  const JpegHeader header = read_jpeg_header(jpeg);
  check_pixels(header.size, limits);
  if (header.scan_work_ns > kMostWork)
    throw SnapshotError(
        "The JPEG has so many scans or so much in them that reading it takes too long. Set the "
        "camera to ordinary (baseline) JPEG or a lower resolution.");
  const std::int64_t pixel_bytes = std::int64_t{3} * header.size.width * header.size.height;
  if (header.coefficient_bytes + pixel_bytes > kMostMemory)
    throw SnapshotError(
        "The JPEG is too large to be read in several scans: it takes too much memory. Set the "
        "camera to ordinary (baseline) JPEG or a lower resolution.");
  return header;
}

PngHeader check_png(std::span<const std::byte> png, const DecodeLimits& limits) {
  const PngHeader header = read_png_header(png);
  check_pixels(header.size, limits);
  if (header.unpacked_bytes > kMostUnpackedPng)
    throw SnapshotError("The PNG has " + std::to_string(header.unpacked_bytes) +
                        " bytes when unpacked; at most " + std::to_string(kMostUnpackedPng) +
                        " are accepted. Set the camera to JPEG or a lower resolution.");
  return header;
}

// Refuses before anything is decoded or allocated, by what the headers state.
WebpHeader check_webp(std::span<const std::byte> webp, const DecodeLimits& limits) {
  const WebpHeader header = read_webp_header(webp);
  check_pixels(header.size, limits);
  if (header.memory_bytes > kMostMemory)
    throw SnapshotError(
        "The WebP takes too much memory. Set the camera to JPEG or a lower resolution.");
  if (header.work_ns > kMostWork)
    throw SnapshotError(
        "The WebP takes too long to read. Set the camera to JPEG or a lower resolution or "
        "quality.");
  return header;
}

Frame decode_whole(std::span<const std::byte> picture, Format format, const DecodeLimits& limits) {
  if (format == Format::kWebp) return decode_webp(picture, check_webp(picture, limits));
  return decode_png(picture, check_png(picture, limits));
}

}  // namespace

Size snapshot_size(std::span<const std::byte> snapshot) {
  const auto picture = picture_in(snapshot);
  switch (format_of(picture)) {
    case Format::kPng: {
      const PngHeader header = read_png_header(picture);
      return upright(header.size, header.orientation);
    }
    case Format::kWebp: {
      const WebpHeader header = read_webp_header(picture);
      return upright(header.size, header.orientation);
    }
    case Format::kJpeg:
      break;
  }
  const JpegHeader header = read_jpeg_header(picture);
  return upright(header.size, header.orientation);
}

bool cover_saves_work(std::span<const std::byte> snapshot) {
  const auto picture = picture_in(snapshot);
  return format_of(picture) == Format::kJpeg && !read_jpeg_header(picture).in_scans;
}

Size whole_size(const Frame& frame) {
  const auto whole = [](int length, float share) {
    return static_cast<int>(std::lround(static_cast<float>(length) / share));
  };
  return {whole(frame.size.width, frame.part.x1 - frame.part.x0),
          whole(frame.size.height, frame.part.y1 - frame.part.y0)};
}

Frame decode(std::span<const std::byte> snapshot, Size cover, const DecodeLimits& limits) {
  return decode_part(snapshot, cover, {}, limits);
}

Frame decode_part(std::span<const std::byte> snapshot, Size cover, const Box& part,
                  const DecodeLimits& limits) {
  check_bytes(snapshot, limits);
  const auto picture = picture_in(snapshot);
  const Format format = format_of(picture);
  if (format != Format::kJpeg) return decode_whole(picture, format, limits);
  return decode_jpeg(picture, check_jpeg(picture, limits), cover, part);
}

Plane decode_luma(std::span<const std::byte> snapshot, const DecodeLimits& limits) {
  check_bytes(snapshot, limits);
  const auto picture = picture_in(snapshot);
  const Format format = format_of(picture);
  if (format != Format::kJpeg) return luma(decode_whole(picture, format, limits));
  return decode_jpeg_luma(picture, check_jpeg(picture, limits));
}

}  // namespace camclassify
