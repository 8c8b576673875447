#include "engine/decoded_snapshot.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

#include "engine/box.hpp"
#include "engine/mask.hpp"
#include "engine/stopwatch.hpp"

namespace camclassify {
namespace {

using Bytes = std::span<const std::byte>;

constexpr std::uint8_t kMaskGrey = 114;

}  // namespace

DecodedSnapshot::DecodedSnapshot(const Picture& picture) : picture_(picture) {
  const Stopwatch stopwatch(decode_ms_);
  if (const auto* planar = std::get_if<PlanarFrame>(&picture_)) {
    check(*planar);
    size_ = planar->size;
  } else {
    size_ = snapshot_size(std::get<Bytes>(picture_));
    cover_saves_work_ = cover_saves_work(std::get<Bytes>(picture_));
  }
}

void DecodedSnapshot::expect_look() {
  if (std::holds_alternative<Bytes>(picture_)) frame({1, 1});
}

void DecodedSnapshot::hide(std::vector<Polygon> masks) {
  masks_ = std::move(masks);
  for (Frame& frame : frames_) fill_masks(masks_, frame, kMaskGrey);
  if (luma_) fill_masks(masks_, luma_->size, 1, kMaskGrey, luma_->pixels);
}

const Plane& DecodedSnapshot::luma() {
  if (luma_) return *luma_;
  if (const auto* planar = std::get_if<PlanarFrame>(&picture_)) {
    const Stopwatch stopwatch(decode_ms_);
    luma_ = camclassify::luma(*planar);
  } else {
    if (!cover_saves_work_) frame(size_);
    const Stopwatch stopwatch(decode_ms_);
    const auto whole = std::ranges::find(frames_, Box{}, &Frame::part);
    luma_ =
        whole == frames_.end() ? decode_luma(std::get<Bytes>(picture_)) : camclassify::luma(*whole);
  }
  fill_masks(masks_, luma_->size, 1, kMaskGrey, luma_->pixels);
  if (luma_->missing) missing_ = luma_->missing;
  return *luma_;
}

void DecodedSnapshot::complete_luma(const Plane& before) {
  if (!missing_ || luma().size != before.size) return;
  const auto cell = [](float share, int length) {
    return static_cast<std::size_t>(std::lround(share * static_cast<float>(length)));
  };
  const auto [width, height] = before.size;
  const std::size_t left = cell(missing_->x0, width), right = cell(missing_->x1, width);
  for (std::size_t y = cell(missing_->y0, height); y < cell(missing_->y1, height); ++y) {
    const std::size_t row = y * static_cast<std::size_t>(width);
    std::copy_n(before.pixels.begin() + static_cast<std::ptrdiff_t>(row + left), right - left,
                luma_->pixels.begin() + static_cast<std::ptrdiff_t>(row + left));
  }
}

const Frame& DecodedSnapshot::frame(Size cover) { return frame(cover, {}, false); }

const Frame& DecodedSnapshot::frame(Size cover, const Box& part, bool is_exact) {
  cover = {std::min(cover.width, size_.width), std::min(cover.height, size_.height)};
  const auto found = std::ranges::find_if(frames_, [&](const Frame& frame) {
    const Size whole = whole_size(frame);
    const bool is_too_fine = whole.width / 2 >= cover.width && whole.height / 2 >= cover.height;
    return whole.width >= cover.width && whole.height >= cover.height &&
           intersection(frame.part, part) == part &&
           !(is_exact && is_too_fine && cover_saves_work_);
  });
  if (found != frames_.end()) return *found;
  if (!cover_saves_work_) cover = size_;
  const Stopwatch stopwatch(decode_ms_);
  const auto* planar = std::get_if<PlanarFrame>(&picture_);
  Frame& frame = frames_.emplace_back(planar ? to_rgb(*planar)
                                             : decode_part(std::get<Bytes>(picture_), cover, part));
  fill_masks(masks_, frame, kMaskGrey);
  if (frame.missing) {
    missing_ = frame.missing;
    fill_masks(std::array{polygon_of(*missing_)}, frame, kMaskGrey);
  }
  return frame;
}

Size DecodedSnapshot::cover_for(const Window& window, Fit fit, float most_enlarged) const {
  const auto& [region, input] = window;
  float scale_x =
      static_cast<float>(input.width) / (width(region) * static_cast<float>(size_.width));
  float scale_y =
      static_cast<float>(input.height) / (height(region) * static_cast<float>(size_.height));
  if (fit == Fit::kLetterbox) scale_x = scale_y = std::min(scale_x, scale_y);
  const auto needed = [&](int length, float scale) {
    return static_cast<int>(std::min(1.0F, scale / most_enlarged) * static_cast<float>(length));
  };
  return {needed(size_.width, scale_x), needed(size_.height, scale_y)};
}

const Frame& DecodedSnapshot::frame_for(const Window& window, Fit fit, float most_enlarged) {
  return frame(cover_for(window, fit, most_enlarged), window.region, false);
}

const Frame& DecodedSnapshot::frame_just_for(const Window& window, Fit fit) {
  return frame(cover_for(window, fit, 1), window.region, true);
}

void DecodedSnapshot::prepare(std::span<const Window> windows, Fit fit) {
  if (windows.empty()) return;
  Box part = windows.front().region;
  Size cover;
  for (const Window& window : windows) {
    part = {std::min(part.x0, window.region.x0), std::min(part.y0, window.region.y0),
            std::max(part.x1, window.region.x1), std::max(part.y1, window.region.y1)};
    const Size needed = cover_for(window, fit, 1);
    cover = {std::max(cover.width, needed.width), std::max(cover.height, needed.height)};
  }
  frame(cover, part, false);
}

}  // namespace camclassify
