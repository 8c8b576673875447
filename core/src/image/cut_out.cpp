#include <algorithm>
#include <cmath>

#include "camclassify/image.hpp"
#include "image/jpeg.hpp"

namespace camclassify {

std::vector<std::byte> cut_out(std::span<const std::byte> snapshot, const Box& box, int side) {
  constexpr int kQuality = 80;
  const Frame frame = decode(snapshot, {});
  const Box region = {std::clamp(box.x0, 0.0F, 1.0F), std::clamp(box.y0, 0.0F, 1.0F),
                      std::clamp(box.x1, 0.0F, 1.0F), std::clamp(box.y1, 0.0F, 1.0F)};
  const float width = (region.x1 - region.x0) * static_cast<float>(frame.size.width);
  const float height = (region.y1 - region.y0) * static_cast<float>(frame.size.height);
  const float scale = std::min(1.0F, static_cast<float>(side) / std::max({width, height, 1.0F}));
  const auto scaled = [scale](float length) {
    return std::max(1, static_cast<int>(std::lround(scale * length)));
  };
  Frame picture;
  picture.size = picture.original_size = {scaled(width), scaled(height)};
  picture.pixels.resize(std::size_t{3} * static_cast<std::size_t>(picture.size.width) *
                        static_cast<std::size_t>(picture.size.height));
  preprocess(frame, region, picture.size, Fit::kStretch, ChannelOrder::kRgb, 0, picture.pixels);
  return encode_jpeg(picture, kQuality);
}

}  // namespace camclassify
