#pragma once

#include <list>
#include <optional>
#include <span>
#include <variant>
#include <vector>

#include "camclassify/engine.hpp"
#include "camclassify/image.hpp"

namespace camclassify {

// What is looked at a second time may be enlarged so much: it costs little accuracy, and decoding
// finer costs milliseconds.
inline constexpr float kMostEnlargedAgain = 4;

// What an engine is given: a snapshot, or a frame that is decoded already. Both only point to
// bytes.
using Picture = std::variant<std::span<const std::byte>, PlanarFrame>;

// One picture on its way through the engine: decoded when and as finely as somebody asks for it. A
// PlanarFrame is only converted.
class DecodedSnapshot {
 public:
  // The bytes must outlive it. Throws SnapshotError.
  explicit DecodedSnapshot(const Picture& picture);

  Size size() const { return size_; }

  // Fills masks in all that was decoded and will be. Not from the start, because the picture says
  // itself which view it shows, and the view which masks there are.
  void hide(std::vector<Polygon> masks);

  // Call if a frame will likely be asked for: then one decoding serves that and luma().
  void expect_look();

  // What of the picture is missing, as far as that is known: after luma() or a whole frame.
  const std::optional<Box>& missing() const { return missing_; }

  // Lets luma() show what `before` does where the picture is missing, if that has its size.
  void complete_luma(const Plane& before);

  // For the change gate; the cheapest way to it.
  const Plane& luma();

  // The whole picture with at least `cover` pixels in both dimensions, or at full size.
  const Frame& frame(Size cover);

  // A frame that shows the window's region, fine enough to fill its input, enlarged at most
  // `most_enlarged` times.
  const Frame& frame_for(const Window& window, Fit fit, float most_enlarged = 1);

  // The same, and no finer than that, whatever else was decoded before: what is learnt from its
  // pixels must not depend on that.
  const Frame& frame_just_for(const Window& window, Fit fit);

  // Decodes what all of these windows need at once: every decoding reads most of the file.
  void prepare(std::span<const Window> windows, Fit fit);

  double decode_ms() const { return decode_ms_; }  // spent in decoding so far

 private:
  Size cover_for(const Window& window, Fit fit, float most_enlarged) const;
  const Frame& frame(Size cover, const Box& part, bool is_exact);

  Picture picture_;
  std::vector<Polygon> masks_;
  Size size_;
  bool cover_saves_work_ = false;
  std::list<Frame> frames_;
  std::optional<Plane> luma_;
  std::optional<Box> missing_;
  double decode_ms_ = 0;
};

}  // namespace camclassify
