#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "camclassify/image.hpp"

namespace camclassify {

// One channel of a PlanarFrame, 8 bits a sample.
struct Samples {
  std::span<const std::byte> bytes;
  std::size_t stride = 0;  // bytes from one row to the next
};

// Which weights of red, green and blue luma stands for: ITU-R BT.601 or BT.709.
enum class Matrix : std::uint8_t { kBt601, kBt709 };

// A frame as a video decoder gives it: luma, and the two differences of colour at half its width
// (rounded up) and half its height or the whole of it.
struct PlanarFrame {
  Size size;                      // of luma
  std::array<Samples, 3> planes;  // luma, Cb, Cr
  bool full_range = false;        // 0..255; else luma is 16..235 and the others 16..240
  Matrix matrix = Matrix::kBt709;
  bool halved_rows = true;  // 4:2:0; else 4:2:2
};

// Throws SnapshotError unless all samples are there and the frame is within the limits. What
// follows takes checked frames only.
void check(const PlanarFrame& frame, const DecodeLimits& limits = {});

// Each sample of colour serves the pixels it was taken of alike. In integers: with y, b and r the
// samples less 0 or 16, 128 and 128, and the weights rounded to 1/8192, a channel is
// (y' + b' + r' + 4096) >> 13, cut off at 0 and 255. The same arithmetic on every processor.
Frame to_rgb(const PlanarFrame& frame);

// As luma() of a frame in RGB, but for rounding and for colours that RGB cannot show: of the luma
// plane alone.
Plane luma(const PlanarFrame& frame);

// Quality 1..100. Throws Error.
std::vector<std::byte> encode_jpeg(const PlanarFrame& frame, int quality);

}  // namespace camclassify
