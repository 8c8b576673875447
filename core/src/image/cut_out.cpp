#include <algorithm>
#include <cmath>

#include "camclassify/image.hpp"
#include "image/jpeg.hpp"

namespace camclassify {

std::vector<std::byte> cut_out(std::span<const std::byte> snapshot, const Box& box, int side) {
  constexpr int kQuality = 80;
  const Frame frame = decode(snapshot, {});
  const auto width = static_cast<float>(frame.size.width);
  const auto height = static_cast<float>(frame.size.height);
  // At least a pixel, wherever the box is.
  const float left = std::clamp(box.x0 * width, 0.0F, width - 1);
  const float top = std::clamp(box.y0 * height, 0.0F, height - 1);
  const float right = std::clamp(box.x1 * width, left + 1, width);
  const float bottom = std::clamp(box.y1 * height, top + 1, height);
  const float scale =
      std::min(1.0F, static_cast<float>(side) / std::max(right - left, bottom - top));
  const auto scaled = [scale](float length) {
    return std::max(1, static_cast<int>(std::lround(scale * length)));
  };
  Frame picture;
  picture.size = picture.original_size = {scaled(right - left), scaled(bottom - top)};
  picture.pixels.resize(std::size_t{3} * static_cast<std::size_t>(picture.size.width) *
                        static_cast<std::size_t>(picture.size.height));
  const Box region = {left / width, top / height, right / width, bottom / height};
  preprocess(frame, region, picture.size, Fit::kStretch, ChannelOrder::kRgb, 0, picture.pixels);
  return encode_jpeg(picture, kQuality);
}

}  // namespace camclassify
