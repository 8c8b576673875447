#pragma once

#include <span>
#include <vector>

#include "engine/candidate.hpp"
#include "engine/windows.hpp"

namespace camclassify {

// Chooses which windows of a camera's frames are looked at, and remembers what was seen in the
// rest: where something changed at once, what rests in turns, the whole frame at first and now and
// then.
class Attention {
 public:
  // The windows for this frame. `changed`: since the last one that was looked at. `zones`: parts of
  // the frame that somebody cares about. `input` and `sides`: of the scene networks. `effort`: as
  // Request has it.
  std::vector<Window> choose(std::span<const Box> changed, std::span<const Box> zones, Size frame,
                             const InputInfo& input, const InputSides& sides, float effort);

  // The windows for a picture that is looked at once.
  static std::vector<Window> everywhere(std::span<const Box> zones, Size frame,
                                        const InputInfo& input, const InputSides& sides);

  // Everything that is in the frame, of which `found` was seen in these windows of it; `changed` as
  // in choose(). What is found where the frame shows something new came before the camera's eyes. A
  // candidate of a window has its number in `region`.
  std::vector<Candidate> complete(std::vector<Candidate> found, std::span<const Window> windows,
                                  std::span<const Box> changed, const IsNew& is_new, Size frame,
                                  const Taxonomy& taxonomy);

  // What is known of a candidate that complete() gave and that was not trusted.
  void trust(const Candidate& candidate, bool is_trusted);

  // Whether something is left to be looked at, although nothing changes: parts of the frame since
  // the start, a candidate of which it is not known whether to trust it.
  bool is_searching() const;

 private:
  struct Known {
    Candidate candidate;        // its score is the median of the latest looks
    Box first;                  // where it was when it was first seen
    std::vector<float> scores;  // of these, one after the other in the same place
    int age = 0;                // frames since it was looked at
    int rests = 0;              // looks one after the other that found it in the same place
    int misses = 0;             // looks since then that did not find it
    bool is_settled = false;    // whether to trust it
    bool is_hidden = false;     // something passes in front of where it rested, or it left
  };

  std::vector<Window> start(std::span<const Box> zones, Size frame, const InputInfo& input,
                            const InputSides& sides);
  // Has the whole frame searched, a window a look, unless the whole frame shows it all.
  void search(Size frame, const InputInfo& input, const InputSides& sides);
  std::vector<Place> places(std::span<const Box> changed) const;
  std::vector<Window> turn(std::span<const Box> zones, Size frame, const InputInfo& input,
                           const InputSides& sides, int rarity);

  std::vector<Known> known_;
  std::vector<Window> search_;     // windows of the start that are left, the next one last
  std::vector<Window> postponed_;  // for which the frame before had no room
  int frames_ = 0, since_whole_ = 0, since_search_ = 0, since_turn_ = 0;
  std::size_t next_zone_ = 0;
};

}  // namespace camclassify
