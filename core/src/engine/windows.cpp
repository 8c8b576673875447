#include "engine/windows.hpp"

#include <algorithm>
#include <array>
#include <cmath>

#include "engine/box.hpp"

namespace camclassify {
namespace {

constexpr float kMostEnlarged = 2;  // pixels of the network per pixel of the picture
constexpr float kBestChange = 80;   // of a change, which may be a part of an object
constexpr float kMargin = 40;       // pixels of the network around a place
constexpr float kOverlap = 128;     // of neighbouring windows, in pixels of the network
// Sides to choose from: each size that is in use has memory of its own.
constexpr std::array kSides = {224, 320, 448, 640};

struct PixelBox {
  float x0, y0, x1, y1;
  float width() const { return x1 - x0; }
  float height() const { return y1 - y0; }
};

PixelBox to_pixels(const Box& box, Size frame) {
  const auto w = static_cast<float>(frame.width), h = static_cast<float>(frame.height);
  return {box.x0 * w, box.y0 * h, box.x1 * w, box.y1 * h};
}

Box to_box(float x0, float y0, float width, float height, Size frame) {
  const auto w = static_cast<float>(frame.width), h = static_cast<float>(frame.height);
  return {x0 / w, y0 / h, std::min(1.0F, (x0 + width) / w), std::min(1.0F, (y0 + height) / h)};
}

// Places that share a window, and what it costs.
struct Group {
  PixelBox box;
  float scale;       // at which all of them are seen well
  float most_scale;  // that the smallest of them may be looked at
  float smallest;    // longer side of the smallest of them, in pixels
  Size input;
};

int rounded_up(float pixels, int step) {
  return static_cast<int>(std::ceil(pixels / static_cast<float>(step))) * step;
}

class Fitter {
 public:
  Fitter(Size frame, const InputSides& sides) : frame_(frame), sides_(sides) {
    for (const int side : kSides)
      if (const int allowed = std::clamp(side / sides.step * sides.step, sides.least, sides.most);
          choices_.empty() || allowed > choices_.back())
        choices_.push_back(allowed);
  }

  // Chooses the input, and a smaller scale if the largest input is too small.
  void fit(Group& group) const {
    const float longest = std::max(group.box.width(), group.box.height());
    const auto most = static_cast<float>(choices_.back());
    group.scale = std::min(group.scale, (most - kMargin) / longest);
    group.input = {side(group.box.width(), group.scale, frame_.width),
                   side(group.box.height(), group.scale, frame_.height)};
  }

  Window window(const Group& group) const {
    // A window is no larger than the frame.
    const float width = std::min(static_cast<float>(group.input.width) / group.scale,
                                 static_cast<float>(frame_.width));
    const float height = std::min(static_cast<float>(group.input.height) / group.scale,
                                  static_cast<float>(frame_.height));
    const auto w = static_cast<float>(frame_.width), h = static_cast<float>(frame_.height);
    const float x0 = std::clamp((group.box.x0 + group.box.x1 - width) / 2, 0.0F, w - width);
    const float y0 = std::clamp((group.box.y0 + group.box.y1 - height) / 2, 0.0F, h - height);
    return {to_box(x0, y0, width, height, frame_), group.input};
  }

 private:
  int side(float pixels, float scale, int frame) const {
    const float needed = pixels * scale + 2 * kMargin;
    const auto found = std::ranges::find_if(
        choices_, [&](int choice) { return static_cast<float>(choice) >= needed; });
    const int chosen = found == choices_.end() ? choices_.back() : *found;
    // Nor does it look at more than the frame.
    const int whole = rounded_up(static_cast<float>(frame) * scale, sides_.step);
    return std::clamp(std::min(chosen, whole), sides_.least, sides_.most);
  }

  Size frame_;
  InputSides sides_;
  std::vector<int> choices_;
};

Group group_of(const Place& place, Size frame) {
  Group group{to_pixels(place.box, frame), 1, 1, 0, {}};
  const float longest = std::max({group.box.width(), group.box.height(), 1.0F});
  if (place.pixels > 0) {
    group.scale = std::clamp(place.pixels, kSmallestObject, kLargestObject) / longest;
  } else {
    // What changed may be several small objects: no coarser than the picture, unless it were too
    // large then.
    group.scale = std::max(kBestChange / longest, std::min(1.0F, kLargestObject / longest));
  }
  group.scale = std::min(group.scale, kMostEnlarged);
  group.most_scale = group.scale;
  group.smallest = longest;
  return group;
}

Group united(const Group& a, const Group& b) {
  return {{std::min(a.box.x0, b.box.x0), std::min(a.box.y0, b.box.y0), std::max(a.box.x1, b.box.x1),
           std::max(a.box.y1, b.box.y1)},
          std::min(a.scale, b.scale),
          std::max(a.most_scale, b.most_scale),
          std::min(a.smallest, b.smallest),
          {}};
}

// Whether the smallest place is still seen about as well as alone.
bool shows_all(const Group& group) {
  constexpr float kLeastShare = 0.7F;
  return group.scale >= kLeastShare * group.most_scale ||
         group.scale * group.smallest >= kBestChange;
}

}  // namespace

float cost(Size input) {
  return static_cast<float>(input.width) * static_cast<float>(input.height);
}

InputSides sides_of(const SceneNetwork& network) {
  const int step = network.strides.empty() ? 1 : *std::ranges::max_element(network.strides);
  if (network.input.sides) return {network.input.sides->first, network.input.sides->second, step};
  const int side = std::min(network.input.size.width, network.input.size.height);
  return {side, side, step};
}

std::vector<Window> windows_around(std::span<const Place> places, Size frame,
                                   const InputSides& sides) {
  const Fitter fitter(frame, sides);
  std::vector<Group> groups;
  for (const Place& place : places) {
    groups.push_back(group_of(place, frame));
    fitter.fit(groups.back());
  }
  // Joins the pair that saves most until none does.
  for (;;) {
    float most_saved = 0;
    std::size_t first = 0, second = 0;
    Group joined{};
    for (std::size_t i = 0; i < groups.size(); ++i) {
      for (std::size_t j = i + 1; j < groups.size(); ++j) {
        Group both = united(groups[i], groups[j]);
        fitter.fit(both);
        const float saved = cost(groups[i].input) + cost(groups[j].input) - cost(both.input);
        if (saved <= most_saved || !shows_all(both)) continue;
        most_saved = saved, first = i, second = j, joined = both;
      }
    }
    if (most_saved <= 0) break;
    groups[first] = joined;
    groups.erase(groups.begin() + static_cast<std::ptrdiff_t>(second));
  }
  std::vector<Window> windows;
  windows.reserve(groups.size());
  for (const Group& group : groups) windows.push_back(fitter.window(group));
  return windows;
}

std::vector<Window> windows_over(const Box& part, Size frame, const InputSides& sides,
                                 float smallest, int most_windows) {
  const PixelBox box = to_pixels(part, frame);
  const float side = static_cast<float>(std::clamp(kSides.back(), sides.least, sides.most));
  float scale = std::min(kMostEnlarged, kSmallestObject / smallest);
  int columns = 1, rows = 1;
  for (;; scale *= 0.85F) {
    const auto count = [&](float pixels) {
      const float length = pixels * scale;
      if (length <= side) return 1;
      return static_cast<int>(std::ceil((length - kOverlap) / (side - kOverlap)));
    };
    columns = count(box.width()), rows = count(box.height());
    if (columns * rows <= most_windows) break;
  }
  const auto length = [&](float pixels, int count) {  // of a window, in pixels of the network
    const float whole = pixels * scale;
    const float even =
        (whole + kOverlap * static_cast<float>(count - 1)) / static_cast<float>(count);
    return std::clamp(rounded_up(even, sides.step), sides.least, sides.most);
  };
  const Size input{length(box.width(), columns), length(box.height(), rows)};
  const float width =
      std::min(static_cast<float>(input.width) / scale, static_cast<float>(frame.width));
  const float height =
      std::min(static_cast<float>(input.height) / scale, static_cast<float>(frame.height));
  const auto w = static_cast<float>(frame.width), h = static_cast<float>(frame.height);
  const auto start = [](float begin, float whole, float window, int index, int count, float limit) {
    const float share =
        count > 1 ? static_cast<float>(index) / static_cast<float>(count - 1) : 0.5F;
    return std::clamp(begin + (whole - window) * share, 0.0F, limit - window);
  };
  std::vector<Window> windows;
  for (int row = 0; row < rows; ++row) {
    for (int column = 0; column < columns; ++column) {
      const float x0 = start(box.x0, box.width(), width, column, columns, w);
      const float y0 = start(box.y0, box.height(), height, row, rows, h);
      windows.push_back({to_box(x0, y0, width, height, frame), input});
    }
  }
  return windows;
}

Window whole_frame(Size frame, const InputInfo& input, const InputSides& sides, float share) {
  if (!input.sides) return {{}, input.size};
  const auto w = static_cast<float>(frame.width), h = static_cast<float>(frame.height);
  const float scale = std::min(kMostEnlarged, std::sqrt(share * cost(input.size) / (w * h)));
  const auto side = [&](float pixels) {
    return std::clamp(
        static_cast<int>(std::lround(pixels * scale / static_cast<float>(sides.step))) * sides.step,
        sides.least, sides.most);
  };
  return {{}, {side(w), side(h)}};
}

Window window_for_second_look(const Box& object, float pixels, bool is_finer, Size frame,
                              const InputInfo& input, const InputSides& sides) {
  constexpr float kTimes = 2.2F;
  constexpr float kLeast = 24, kMost = 260;  // pixels of the network
  constexpr float kSpan = 1.6F;              // of the object's longer side, at least
  const float wanted = std::clamp(is_finer ? pixels * kTimes : pixels / kTimes, kLeast, kMost);
  Size size = input.size;
  if (input.sides) {
    const int side = std::clamp(std::max(kSides.front(), rounded_up(wanted * kSpan, sides.step)),
                                sides.least, sides.most);
    size = {side, side};
  }
  const float span = static_cast<float>(size.width) / wanted;
  // Of the longer side, which with_aspect() makes a square of.
  const PixelBox box = to_pixels(object, frame);
  const float half = longer_side(object, frame) * span / 2;
  const float x = (box.x0 + box.x1) / 2, y = (box.y0 + box.y1) / 2;
  const auto w = static_cast<float>(frame.width), h = static_cast<float>(frame.height);
  const Box around = {(x - half) / w, (y - half) / h, (x + half) / w, (y + half) / h};
  return {with_aspect(clipped(around), size, frame), size};
}

float longer_side(const Box& box, Size frame) {
  const PixelBox pixels = to_pixels(box, frame);
  return std::max(pixels.width(), pixels.height());
}

bool holds(const Box& region, const Box& object) {
  constexpr float kWhole = 0.98F;
  return area(intersection(region, object)) >= kWhole * area(object);
}

bool shows(const Window& window, const Box& object, Size frame) {
  if (!holds(window.region, object)) return false;
  const float longest = longer_side(object, frame) * scale_of(window, frame);
  return longest >= kSmallestObject && longest <= kLargestObject;
}

float scale_of(const Window& window, Size frame) {
  const PixelBox box = to_pixels(window.region, frame);
  return std::min(static_cast<float>(window.input.width) / box.width(),
                  static_cast<float>(window.input.height) / box.height());
}

}  // namespace camclassify
