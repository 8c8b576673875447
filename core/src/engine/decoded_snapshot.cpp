#include "engine/decoded_snapshot.hpp"

#include <algorithm>
#include <cmath>

#include "engine/box.hpp"
#include "engine/mask.hpp"
#include "engine/stopwatch.hpp"

namespace camclassify {
namespace {

constexpr std::uint8_t kMaskGrey = 114;

}  // namespace

DecodedSnapshot::DecodedSnapshot(std::span<const std::byte> bytes, std::span<const Polygon> masks)
    : bytes_(bytes), masks_(masks) {
  const Stopwatch stopwatch(decode_ms_);
  size_ = snapshot_size(bytes);
  cover_saves_work_ = cover_saves_work(bytes);
}

Plane DecodedSnapshot::luma() {
  if (!cover_saves_work_) frame(size_);
  const Stopwatch stopwatch(decode_ms_);
  Plane plane = frames_.empty() ? decode_luma(bytes_) : camclassify::luma(frames_.front());
  fill_masks(masks_, plane.size, 1, kMaskGrey, plane.pixels);
  return plane;
}

const Frame& DecodedSnapshot::frame(Size cover) {
  cover = {std::min(cover.width, size_.width), std::min(cover.height, size_.height)};
  const auto found = std::ranges::find_if(frames_, [&](const Frame& frame) {
    return frame.size.width >= cover.width && frame.size.height >= cover.height;
  });
  if (found != frames_.end()) return *found;
  if (!cover_saves_work_) cover = size_;
  const Stopwatch stopwatch(decode_ms_);
  Frame& frame = frames_.emplace_back(decode(bytes_, cover));
  fill_masks(masks_, frame.size, 3, kMaskGrey, frame.pixels);
  return frame;
}

const Frame& DecodedSnapshot::frame_for(const Window& window, Fit fit, float most_enlarged) {
  const auto& [region, input] = window;
  float scale_x =
      static_cast<float>(input.width) / (width(region) * static_cast<float>(size_.width));
  float scale_y =
      static_cast<float>(input.height) / (height(region) * static_cast<float>(size_.height));
  if (fit == Fit::kLetterbox) scale_x = scale_y = std::min(scale_x, scale_y);
  const auto needed = [&](int length, float scale) {
    return static_cast<int>(std::min(1.0F, scale / most_enlarged) * static_cast<float>(length));
  };
  return frame({needed(size_.width, scale_x), needed(size_.height, scale_y)});
}

}  // namespace camclassify
