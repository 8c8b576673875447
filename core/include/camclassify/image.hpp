#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace camclassify {

struct Size {
  int width = 0;
  int height = 0;
  friend bool operator==(const Size&, const Size&) = default;
};

// Fractions of a frame's width and height, 0..1, x0 <= x1, y0 <= y1, origin top left.
struct Box {
  float x0 = 0, y0 = 0, x1 = 1, y1 = 1;
  friend bool operator==(const Box&, const Box&) = default;
};

// A frame: u8 RGB, HWC, rows without padding.
struct Frame {
  Size size;           // of `pixels`
  Size original_size;  // of the snapshot, before any reduced-scale decoding
  std::vector<std::uint8_t> pixels;
  Box part = {};  // of the snapshot that the pixels show
  // Of the snapshot, along one border, that could not be decoded: a tenth of it at most.
  std::optional<Box> missing = {};
};

// The size that a frame would have if it showed the whole snapshot.
Size whole_size(const Frame& frame);

// A single channel: u8, rows without padding.
struct Plane {
  Size size;
  std::vector<std::uint8_t> pixels;
  std::optional<Box> missing = {};  // as in Frame
};

// Size in pixels as the snapshot's header states it, without decoding, after turning upright.
// Throws SnapshotError if the bytes are no JPEG, PNG or WebP.
Size snapshot_size(std::span<const std::byte> snapshot);

// Whether decode() takes less time for a smaller `cover`. Not for a PNG or WebP, nor for a JPEG in
// several scans: those are best decoded once. Throws as snapshot_size() does.
bool cover_saves_work(std::span<const std::byte> snapshot);

// Larger snapshots are refused. So are PNGs of more than 100 MB unpacked, and JPEGs in several
// scans (progressive ones) and WebPs that take more than 190 MB or, by an estimate, 0.6 s.
struct DecodeLimits {
  std::int64_t max_pixels = 36'000'000;  // of the original
  std::int64_t max_bytes = 32'000'000;   // of the encoded snapshot
};

// Decodes a JPEG, PNG or WebP. A JPEG is decoded at the smallest of the DCT scales 1/8, 1/4, 1/2
// and 1 that is still at least `cover` in both dimensions; a `cover` of {0, 0} means full size,
// which is also what a PNG or WebP always gives. Pictures come upright: the Exif orientation is
// applied, as viewers do. What cheap cameras do is borne: line breaks, the header of a part or a
// few odd bytes before the picture, anything after it, no end marker, restart markers with wrong
// numbers or none. Of a JPEG that ends early or is damaged at least nine tenths of the rows must
// come before that. Throws SnapshotError.
Frame decode(std::span<const std::byte> snapshot, Size cover, const DecodeLimits& limits = {});

// As decode(), of a part of the picture at least: of a JPEG in one scan that was taken upright, the
// rows and columns that show it are decoded, and what lies below them is not even read, damaged or
// not. Other pictures come whole.
Frame decode_part(std::span<const std::byte> snapshot, Size cover, const Box& part,
                  const DecodeLimits& limits = {});

// Luma at 1/8 scale (one value per 8x8 pixels of the original, rounded up) for the change gate.
// From a snapshot it costs less than any decoding: of a JPEG only the mean of each block is read.
// Throws as decode() does.
Plane decode_luma(std::span<const std::byte> snapshot, const DecodeLimits& limits = {});
Plane luma(const Frame& frame);

// How a region is brought to a network's input size.
enum class Fit : std::uint8_t {
  kStretch,    // both axes scaled independently
  kLetterbox,  // aspect kept, picture top left, the rest filled with `pad`
};

enum class ChannelOrder : std::uint8_t { kRgb, kBgr };

struct Placement {
  float scale_x = 1, scale_y = 1;  // network pixels per frame pixel of the region
};

// Resamples `region` of `frame` (bilinear, area-averaging when it shrinks) in one pass into `dst`,
// u8 HWC of `dst_size` x 3. Returns how boxes of the network map back.
Placement preprocess(const Frame& frame, const Box& region, Size dst_size, Fit fit,
                     ChannelOrder order, std::uint8_t pad, std::span<std::uint8_t> dst);

// Re-encodes a snapshot as JPEG (quality 85) with a rectangle drawn for each box. Throws as
// decode() does.
std::vector<std::byte> draw_boxes(std::span<const std::byte> snapshot, std::span<const Box> boxes);

// What is in a box as a JPEG (quality 80) whose longer side has at most `side` pixels; never
// enlarged. Throws as decode() does.
std::vector<std::byte> cut_out(std::span<const std::byte> snapshot, const Box& box, int side);

}  // namespace camclassify
