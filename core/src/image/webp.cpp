#include "image/webp.hpp"

#include <webp/decode.h>

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "camclassify/error.hpp"

namespace camclassify {
namespace {

constexpr std::size_t kRiffHeader = 12, kChunkHeader = 8;

std::string_view letters(std::span<const std::byte> bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

const std::uint8_t* octets(std::span<const std::byte> bytes) {
  return reinterpret_cast<const std::uint8_t*>(bytes.data());
}

[[noreturn]] void refuse(VP8StatusCode status) {
  switch (status) {
    case VP8_STATUS_NOT_ENOUGH_DATA:
      throw SnapshotError("The WebP is damaged: it ends too early. The camera sent only a part.");
    case VP8_STATUS_OUT_OF_MEMORY:
      throw SnapshotError(
          "The WebP takes too much memory. Set the camera to JPEG or a lower resolution.");
    default:
      throw SnapshotError("The WebP is damaged: its data make no sense.");
  }
}

// The payload of the chunk that holds Exif, a TIFF file. Empty if there is none.
std::span<const std::byte> exif_of_webp(std::span<const std::byte> webp) {
  auto rest = webp.subspan(kRiffHeader);
  while (rest.size() >= kChunkHeader) {
    std::size_t length = 0;
    for (std::size_t i = 4; i > 0; --i)
      length = length << 8 | std::to_integer<std::size_t>(rest[3 + i]);
    const bool is_exif = letters(rest).starts_with("EXIF");
    rest = rest.subspan(kChunkHeader);
    if (length > rest.size()) break;
    if (is_exif) {
      const auto payload = rest.first(length);
      constexpr std::string_view kAsInJpeg("Exif\0\0", 6);  // as some programs have it
      return payload.subspan(letters(payload).starts_with(kAsInJpeg) ? kAsInJpeg.size() : 0);
    }
    rest = rest.subspan(std::min(length + length % 2, rest.size()));
  }
  return {};
}

// Of RGBA to RGB, in place.
void drop_alpha(std::vector<std::uint8_t>& pixels) {
  std::uint8_t* out = pixels.data();
  for (std::size_t at = 0; at < pixels.size(); at += 4, out += 3)
    for (std::size_t i = 0; i < 3; ++i) out[i] = pixels[at + i];
  pixels.resize(pixels.size() / 4 * 3);
}

}  // namespace

bool is_webp(std::span<const std::byte> snapshot) {
  return snapshot.size() >= kRiffHeader && letters(snapshot).starts_with("RIFF") &&
         letters(snapshot).substr(8).starts_with("WEBP");
}

WebpHeader read_webp_header(std::span<const std::byte> webp) {
  WebPBitstreamFeatures features;
  const VP8StatusCode status = WebPGetFeatures(octets(webp), webp.size(), &features);
  if (status != VP8_STATUS_OK) refuse(status);
  if (features.has_animation != 0)
    throw SnapshotError("The snapshot is an animated WebP. Set the camera to single pictures.");
  WebpHeader header{{features.width, features.height}, exif_orientation(exif_of_webp(webp))};
  header.transparent = features.has_alpha != 0;
  // What libwebp takes for itself: the pixels of a lossless picture once more, or the transparency,
  // which may be stored as such a picture; and the tables of its codes, as many as one allocation
  // of the libwebp that script/lib/native.sh builds may hold.
  constexpr int kLossless = 2;
  constexpr std::int64_t kMostTables = 64'000'000;
  const bool is_lossless = features.format == kLossless;
  const bool has_tables = is_lossless || header.transparent;
  const int bytes_per_pixel =
      (header.transparent ? 4 : 3) + (has_tables ? 4 : 0) + (header.orientation == 1 ? 0 : 3);
  const std::int64_t pixels = std::int64_t{features.width} * features.height;
  header.memory_bytes = bytes_per_pixel * pixels + (has_tables ? kMostTables : 0);
  constexpr std::int64_t kNsPerPixel = 5, kNsPerByte = 80, kNsPerByteLossless = 20;
  header.work_ns = kNsPerPixel * pixels + (is_lossless ? kNsPerByteLossless : kNsPerByte) *
                                              static_cast<std::int64_t>(webp.size());
  return header;
}

Frame decode_webp(std::span<const std::byte> webp, const WebpHeader& header) {
  const auto width = static_cast<std::size_t>(header.size.width);
  const auto height = static_cast<std::size_t>(header.size.height);
  const std::size_t channels = header.transparent ? 4 : 3;
  std::vector<std::uint8_t> pixels(channels * width * height);

  WebPDecoderConfig config;
  WebPInitDecoderConfig(&config);
  config.output.colorspace = header.transparent ? MODE_rgbA : MODE_RGB;
  config.output.is_external_memory = 1;
  config.output.u.RGBA = {pixels.data(), static_cast<int>(channels * width), pixels.size()};
  const VP8StatusCode status = WebPDecode(octets(webp), webp.size(), &config);
  WebPFreeDecBuffer(&config.output);
  if (status != VP8_STATUS_OK) refuse(status);

  if (header.transparent) drop_alpha(pixels);
  const Size size = upright(header.size, header.orientation);
  if (header.orientation == 1) return {size, size, std::move(pixels)};
  Frame frame{size, size, std::vector<std::uint8_t>(pixels.size()), {}};
  place_upright(pixels, 0, header.size, 3, header.orientation, frame.pixels);
  return frame;
}

}  // namespace camclassify
