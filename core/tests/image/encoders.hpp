#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <vector>

#include "camclassify/image.hpp"

// Pictures of the kinds that cameras or attackers send and the core itself never writes.
namespace camclassify::test {

// Writes the `channels` x `width` bytes of row `y` (of 16-bit pictures: two bytes a value).
using RowWriter = std::function<void(int y, std::uint8_t* row)>;

// Every row alike, every pixel of these levels.
RowWriter plain(int width, std::vector<std::uint8_t> levels);

enum class JpegColour : std::uint8_t { kGrey, kYcc, kCmyk, kYcck };

// A scan of a progressive JPEG: one component, or all of them if `component` is negative.
struct JpegScan {
  int component = -1;
  int first = 0, last = 0;        // coefficients
  int high_bit = 0, low_bit = 0;  // as the standard's Ah and Al
};

struct JpegKind {
  JpegColour colour = JpegColour::kYcc;
  int quality = 90;
  bool halved_colour = false;  // 4:2:0
  int restart_rows = 0;        // rows of blocks from one restart marker to the next; 0: none
  bool progressive = false;    // with the usual ten scans, or six for grey
  std::vector<JpegScan> scans = {};
};

std::vector<std::byte> encode_jpeg(Size size, const JpegKind& kind, const RowWriter& row);

// One scan for each coefficient of each component, `count` in all: legal, and as slow to read as it
// is small.
std::vector<JpegScan> many_scans(int count);

struct PngKind {
  int bits = 8;
  int channels = 3;  // 1 grey, 2 grey and alpha, 3 RGB, 4 RGBA
  bool interlaced = false;
};

std::vector<std::byte> encode_png(Size size, const PngKind& kind, const RowWriter& row);

// That PNG with `count` compressed texts of eight million characters each before its picture.
std::vector<std::byte> with_texts(std::vector<std::byte> png, int count);

// The TIFF file of an Exif that tells how the camera was held.
std::vector<std::byte> exif_tiff(int orientation, bool little_endian);

struct WebpKind {
  float quality = 90;  // 0 to 100
  bool lossless = false;
  int channels = 3;  // 3 RGB, 4 RGBA
};

std::vector<std::byte> encode_webp(Size size, const WebpKind& kind, const RowWriter& row);

}  // namespace camclassify::test
