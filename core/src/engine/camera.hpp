#pragma once

#include <optional>
#include <vector>

#include "camclassify/change_gate.hpp"
#include "camclassify/engine.hpp"
#include "engine/attention.hpp"
#include "engine/candidate.hpp"
#include "engine/place_memory.hpp"
#include "engine/proposals.hpp"

namespace camclassify {

// What a look at another scale found out about a candidate.
struct SecondLook {
  float first_score = 0;  // that it was looked at again for
  ClassId id = kNoClass;
  float score = 0;       // at the other scale; 0: nothing there
  bool is_finer = true;  // than the first
};

// The latest second looks at a thing that rests: one alone may miss it, in the dark or in rain.
class SecondLooks {
 public:
  void add(const SecondLook& look);  // in place of the oldest if there are enough
  void use() { ++uses_; }            // once a frame that the verdict serves without a look

  bool empty() const { return latest_.empty(); }
  bool are_enough() const;     // until the verdict has served so long that one more look renews it
  bool is_finer_next() const;  // the side with fewer looks; finer of equals

  // The score is the mean of the first one and that of the other scale that shows more: an object
  // is about as clear at another scale, a chance likeness is not.
  SecondLook verdict() const;
  // Whether it was seen with that score at first, and in most of at least two looks at another
  // scale.
  bool agree(float score) const;

 private:
  std::vector<float> scores(bool is_finer) const;  // of the looks, sorted
  float median_first() const;
  std::size_t count(bool is_finer) const;

  std::vector<SecondLook> latest_;
  int uses_ = 0;
};

// What an object network found out about a detection, in as many looks as there are votes.
struct ObjectLook {
  std::vector<ClassId> votes;
  std::vector<float> features;  // of the last look
  bool is_new = true;           // whether that was in this frame

  ClassId id() const;  // most votes, the latest among equals
};

// What the engine remembers of a camera between two snapshots.
struct Camera {
  std::optional<Likeness> likeness;  // of the last snapshot in which anything showed
  Plane luma;                        // of the last snapshot, without masks
  ChangeGate gate;
  Request request;                        // of the last frame classified
  std::optional<Result> last;             // its result
  std::optional<Regime> networks_regime;  // whose networks looked at it
  int frames_closed = 0;                  // since then
  Attention attention;
  Proposals proposals;
  PlaceMemory<SecondLooks> second_looks;
  PlaceMemory<ObjectLook> object_looks;
};

}  // namespace camclassify
