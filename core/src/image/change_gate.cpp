#include "camclassify/change_gate.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <iterator>
#include <utility>

#include "image/blobs.hpp"
#include "image/exposure.hpp"
#include "image/texture.hpp"

namespace camclassify {
namespace {

// Chosen on footage (benchmarks/change_gate.cpp prints what they do).
constexpr float kNoiseFactor = 5;    // a change stands out this many mean deviations
constexpr float kLeastChange = 6;    // grey levels, however little noise there is
constexpr float kShakeShare = 0.5F;  // of the contrast to the neighbours that a shake may explain
constexpr int kLeastWeight = 80;     // grey levels summed over a patch; less is rain
constexpr std::size_t kMostBoxes = 16;

constexpr int kSlowness = 8;          // frames in which most of the background is new
constexpr std::size_t kSwayed = 4;    // changes at a time: the camera may have moved
constexpr float kSameTexture = 0.6F;  // likeness

constexpr int kUnrestStep = 16, kUnrestDecay = 4;  // per frame with and without a change
constexpr int kUnrestHabit = 96;                   // from here on a cell opens nothing

// Smallest and largest value of each cell's 3x3 neighbourhood, in one direction after the other.
template <class Pick>
std::vector<std::uint8_t> spread(const std::vector<std::uint8_t>& src, Size size, Pick pick) {
  const auto width = static_cast<std::size_t>(size.width),
             height = static_cast<std::size_t>(size.height);
  std::vector<std::uint8_t> rows(src), dst(src.size());
  for (std::size_t y = 0; y < height; ++y) {
    const auto* in = &src[y * width];
    auto* out = &rows[y * width];
    for (std::size_t x = 1; x + 1 < width; ++x) out[x] = pick(pick(in[x - 1], in[x]), in[x + 1]);
    if (width > 1) {
      out[0] = pick(in[0], in[1]);
      out[width - 1] = pick(in[width - 2], in[width - 1]);
    }
  }
  for (std::size_t y = 0; y < height; ++y) {
    const auto* above = &rows[(y == 0 ? y : y - 1) * width];
    const auto* same = &rows[y * width];
    const auto* below = &rows[(y + 1 == height ? y : y + 1) * width];
    auto* out = &dst[y * width];
    for (std::size_t x = 0; x < width; ++x) out[x] = pick(pick(above[x], same[x]), below[x]);
  }
  return dst;
}

// By how many grey levels each cell changed beyond what noise, exposure and shake explain; 0: not
// at all.
std::vector<std::uint8_t> find_changes(const Plane& reference, const Plane& luma) {
  const Exposure exposure = fit_exposure(reference.pixels, luma.pixels);
  std::vector<std::uint8_t> expected(reference.pixels.size());
  std::ranges::transform(reference.pixels, expected.begin(),
                         [&](std::uint8_t level) { return exposure.expected[level]; });
  using U8 = std::uint8_t;
  const auto darkest = spread(expected, luma.size, [](U8 a, U8 b) { return a < b ? a : b; });
  const auto lightest = spread(expected, luma.size, [](U8 a, U8 b) { return a > b ? a : b; });
  const int threshold =
      static_cast<int>(std::ceil(std::max(kLeastChange, kNoiseFactor * exposure.noise)));
  constexpr int kShake = static_cast<int>(kShakeShare * 256);
  std::vector<std::uint8_t> changes(luma.pixels.size());
  for (std::size_t i = 0; i < changes.size(); ++i) {
    const int difference = luma.pixels[i] - expected[i];
    const int contrast = difference > 0 ? lightest[i] - expected[i] : expected[i] - darkest[i];
    const int change = (difference > 0 ? difference : -difference) - ((contrast * kShake) >> 8);
    changes[i] = static_cast<std::uint8_t>(change > threshold ? change : 0);
  }
  return changes;
}

Box to_box(const Blob& blob, Size size) {
  const auto width = static_cast<float>(size.width), height = static_cast<float>(size.height);
  return {static_cast<float>(blob.x0) / width, static_cast<float>(blob.y0) / height,
          static_cast<float>(blob.x1) / width, static_cast<float>(blob.y1) / height};
}

Box united(const std::vector<Box>& boxes) {
  Box all = boxes.front();
  for (const Box& box : boxes)
    all = {std::min(all.x0, box.x0), std::min(all.y0, box.y0), std::max(all.x1, box.x1),
           std::max(all.y1, box.y1)};
  return all;
}

bool contains(const Box& box, float x, float y) {
  return x >= box.x0 && x <= box.x1 && y >= box.y0 && y <= box.y1;
}

}  // namespace

ChangeGate::Verdict ChangeGate::test(const Plane& luma) const {
  if (luma.size != reference_.size) return {true, {Box{}}};
  auto changes = find_changes(reference_, luma);
  for (std::size_t i = 0; i < changes.size(); ++i)
    if (unrest_[i] >= kUnrestHabit) changes[i] = 0;
  Verdict verdict{false, {}};
  for (const Blob& blob : find_blobs(changes, luma.size))
    if (blob.weight >= kLeastWeight) verdict.changed.push_back(to_box(blob, luma.size));
  verdict.open = !verdict.changed.empty();
  if (verdict.open) {
    Plane usual{luma.size, std::vector<std::uint8_t>(background_.size())};
    std::ranges::transform(background_, usual.pixels.begin(), [](std::uint16_t level) {
      return static_cast<std::uint8_t>(level / 256);
    });
    Texture before = texture_of(usual), now = texture_of(luma);
    if (verdict.changed.size() < kSwayed || !is_shifted(before, now))
      verdict.is_new = [before = std::move(before), now = std::move(now)](const Box& box) {
        return likeness(before, now, box).value_or(0) < kSameTexture;
      };
  }
  if (verdict.changed.size() > kMostBoxes) verdict.changed = {united(verdict.changed)};
  return verdict;
}

void ChangeGate::accept(const Plane& luma, std::span<const Box> occupied) {
  if (luma.size == reference_.size) {
    const auto changes = find_changes(reference_, luma);
    for (std::size_t i = 0; i < changes.size(); ++i) {
      const int unrest = unrest_[i] + (changes[i] != 0 ? kUnrestStep : -kUnrestDecay);
      unrest_[i] = static_cast<std::uint8_t>(std::clamp(unrest, 0, 255));
    }
  } else {
    unrest_.assign(luma.pixels.size(), 0);
    background_.resize(luma.pixels.size());
    std::ranges::transform(luma.pixels, background_.begin(), [](std::uint8_t level) {
      return static_cast<std::uint16_t>(level * 256);
    });
  }
  for (std::size_t i = 0; i < background_.size(); ++i)
    background_[i] = static_cast<std::uint16_t>(
        background_[i] + (luma.pixels[i] * 256 - background_[i]) / kSlowness);
  const auto [width, height] = luma.size;
  for (std::size_t i = 0; i < unrest_.size(); ++i) {
    const std::size_t row = i / static_cast<std::size_t>(width);
    const std::size_t column = i % static_cast<std::size_t>(width);
    const float x = (static_cast<float>(column) + 0.5F) / static_cast<float>(width);
    const float y = (static_cast<float>(row) + 0.5F) / static_cast<float>(height);
    if (std::ranges::any_of(occupied, [&](const Box& box) { return contains(box, x, y); }))
      unrest_[i] = 0;
  }
  reference_ = luma;
}

void ChangeGate::reset() { *this = {}; }

}  // namespace camclassify
