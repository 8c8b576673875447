#include <algorithm>
#include <cmath>

#include "camclassify/error.hpp"
#include "camclassify/image.hpp"
#include "image/resample.hpp"

namespace camclassify {

Placement preprocess(const Frame& frame, const Box& region, Size dst_size, Fit fit,
                     ChannelOrder order, std::uint8_t pad, std::span<std::uint8_t> dst) {
  // In pixels of the frame, which may show a part of the snapshot only: the same ones, but for a
  // whole number, as if it showed all.
  const Size whole = whole_size(frame);
  const double left = std::round(double{frame.part.x0} * whole.width);
  const double top = std::round(double{frame.part.y0} * whole.height);
  const double x0 =
      double{std::clamp(region.x0, frame.part.x0, frame.part.x1)} * whole.width - left;
  const double y0 =
      double{std::clamp(region.y0, frame.part.y0, frame.part.y1)} * whole.height - top;
  const double width =
      double{std::clamp(region.x1, frame.part.x0, frame.part.x1)} * whole.width - left - x0;
  const double height =
      double{std::clamp(region.y1, frame.part.y0, frame.part.y1)} * whole.height - top - y0;
  // Below that scales leave the range of a float.
  constexpr double kLeast = 1e-3;  // pixels
  if (!(width >= kLeast) || !(height >= kLeast)) throw Error("A region of the frame is empty.");

  Size filled = dst_size;
  if (fit == Fit::kLetterbox) {
    const double scale = std::min(dst_size.width / width, dst_size.height / height);
    filled.width = std::clamp(static_cast<int>(std::lround(width * scale)), 1, dst_size.width);
    filled.height = std::clamp(static_cast<int>(std::lround(height * scale)), 1, dst_size.height);
  }
  if (filled != dst_size) std::ranges::fill(dst, pad);
  resample(frame, make_taps(frame.size.width, x0, x0 + width, filled.width),
           make_taps(frame.size.height, y0, y0 + height, filled.height), order, dst_size.width,
           dst);
  return {static_cast<float>(filled.width / width), static_cast<float>(filled.height / height)};
}

}  // namespace camclassify
