// A request with any floats there are. What check() lets through must do no harm: its masks are
// filled, its regions brought to a network's input.

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <span>
#include <vector>

#include "camclassify/engine.hpp"
#include "camclassify/error.hpp"
#include "engine/mask.hpp"
#include "input.hpp"

namespace {

using namespace camclassify;
namespace fuzz = camclassify::fuzz;

constexpr std::uint8_t kGrey = 114, kPicture = 200;

void add_parts(fuzz::Input& input, std::vector<Box>& regions, std::vector<Polygon>& masks) {
  regions.resize(input.index(input.one_in(40) ? 100 : 4));
  for (Box& region : regions)
    region = {input.fraction(), input.fraction(), input.fraction(), input.fraction()};
  masks.resize(input.index(input.one_in(40) ? 300 : 4));
  for (Polygon& mask : masks) {
    mask.resize(input.index(9));
    for (auto& [x, y] : mask) {
      x = input.fraction();
      y = input.fraction();
    }
  }
}

Request request_of(fuzz::Input& input) {
  Request request;
  if (input.one_in(4)) request.sun_elevation = input.fraction() * 180 - 90;
  if (input.one_in(4)) request.min_score = input.fraction();
  if (input.one_in(4)) request.effort = input.fraction();
  add_parts(input, request.regions, request.masks);
  request.views.resize(input.index(input.one_in(40) ? 20 : 4));
  for (KnownView& view : request.views) add_parts(input, view.regions, view.masks);
  return request;
}

std::vector<std::uint8_t> pixels_of(Size size, int channels) {
  const auto count = static_cast<std::size_t>(size.width * size.height * channels);
  return std::vector<std::uint8_t>(count, kPicture);
}

void fill(std::span<const Polygon> masks, fuzz::Input& input, Size size) {
  const int channels = input.one_in(2) ? 1 : 3;
  auto pixels = pixels_of(size, channels);
  fill_masks(masks, size, channels, kGrey, pixels);
  const bool known = std::ranges::all_of(
      pixels, [](std::uint8_t value) { return value == kGrey || value == kPicture; });
  if (!known) std::abort();
  is_masked(masks, input.fraction(), input.fraction());
}

void look_at(const Box& region, fuzz::Input& input, Size size) {
  const Frame frame{size, size, pixels_of(size, 3), {}};
  const Size dst_size = {input.from(1, 96), input.from(1, 96)};
  const Fit fit = input.one_in(2) ? Fit::kLetterbox : Fit::kStretch;
  const ChannelOrder order = input.one_in(2) ? ChannelOrder::kRgb : ChannelOrder::kBgr;
  auto dst = pixels_of(dst_size, 3);
  const Placement placement = preprocess(frame, region, dst_size, fit, order, kGrey, dst);
  const auto is_scale = [](float scale) { return scale > 0 && std::isfinite(scale); };
  if (!is_scale(placement.scale_x) || !is_scale(placement.scale_y)) std::abort();
}

void look(std::span<const Box> regions, std::span<const Polygon> masks, fuzz::Input& input,
          Size size) {
  fill(masks, input, size);
  for (const Box& region : regions) look_at(region, input, size);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t bytes) {
  fuzz::Input input(data, bytes);
  const Size size = {input.from(1, 80), input.from(1, 80)};
  const Request request = request_of(input);
  try {
    check(request);
    look(request.regions, request.masks, input, size);
    for (const KnownView& view : request.views) look(view.regions, view.masks, input, size);
  } catch (const Error&) {
  }
  return 0;
}
