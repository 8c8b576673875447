#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "camclassify/image.hpp"

namespace camclassify {

// The cheap test that says which parts of a frame changed since the last one classified.
// Works on the luma plane at 1/8 scale. Blind to what is no event: sensor noise, a step in
// exposure, a camera that shakes by a fraction of a cell, rain. What never rests and is never an
// object (a clock in the picture, a flag) opens it only the first few times.
class ChangeGate {
 public:
  struct Verdict {
    bool open = true;          // something changed, or there is nothing to compare with
    std::vector<Box> changed;  // bounding boxes of what changed; the whole frame if unknown
    // Whether a part of the frame shows something else than it mostly does: not the same in another
    // light. Not asked of a frame that is shifted, or has nothing to be compared with: then never.
    std::function<bool(const Box&)> is_new = [](const Box&) { return false; };
  };

  // Compares with the reference. Changes nothing.
  Verdict test(const Plane& luma) const;

  // Makes this plane the reference: call when the frame has been classified. Changes inside
  // `occupied`, where objects were found, never become habit.
  void accept(const Plane& luma, std::span<const Box> occupied = {});

  void reset();

  const Plane& reference() const { return reference_; }  // empty before anything was accepted

 private:
  Plane reference_;
  std::vector<std::uint16_t> background_;  // per cell, 256ths of what it shows most of the time
  std::vector<std::uint8_t> unrest_;  // per cell, how often it changed lately without an object
};

}  // namespace camclassify
