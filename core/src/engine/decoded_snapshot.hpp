#pragma once

#include <list>
#include <span>

#include "camclassify/engine.hpp"
#include "camclassify/image.hpp"

namespace camclassify {

// An object that is looked at alone may be enlarged so much: it costs little accuracy, and decoding
// finer costs milliseconds.
inline constexpr float kMostEnlargedObject = 4;

// One snapshot on its way through the engine: decoded when and as finely as somebody asks for it,
// its masks filled.
class DecodedSnapshot {
 public:
  // Both must outlive it. Throws SnapshotError.
  DecodedSnapshot(std::span<const std::byte> bytes, std::span<const Polygon> masks);

  Size size() const { return size_; }

  // For the change gate.
  Plane luma();

  // With at least `cover` pixels in both dimensions, or at full size.
  const Frame& frame(Size cover);

  // Fine enough for the region to fill the input, enlarged at most `most_enlarged` times.
  const Frame& frame_for(const Window& window, Fit fit, float most_enlarged = 1);

  double decode_ms() const { return decode_ms_; }  // spent in decoding so far

 private:
  std::span<const std::byte> bytes_;
  std::span<const Polygon> masks_;
  Size size_;
  bool cover_saves_work_ = true;
  std::list<Frame> frames_;  // coarse to fine
  double decode_ms_ = 0;
};

}  // namespace camclassify
