#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "camclassify/image.hpp"

namespace camclassify {

// The cheap test that says which parts of a frame changed since the last one classified.
// Works on a luma plane at about 1/8 scale; robust against noise, slow light changes and overall exposure.
class ChangeGate {
 public:
  struct Verdict {
    bool open = true;           // something changed, or there is nothing to compare with
    std::vector<Box> changed;   // bounding boxes of what changed; the whole frame if unknown
  };

  // Compares with the reference. Does not change it.
  Verdict test(std::span<const std::uint8_t> luma, Size size) const;

  // Makes this plane the reference: call when the frame has been classified.
  void accept(std::span<const std::uint8_t> luma, Size size);

  void reset();

 private:
  Size size_;
  std::vector<std::uint8_t> reference_;
};

}  // namespace camclassify
