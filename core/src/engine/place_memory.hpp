#pragma once

#include <algorithm>
#include <span>
#include <vector>

#include "engine/box.hpp"
#include "engine/taxonomy.hpp"

namespace camclassify {

// What was found out about things that stay where they are, so that it need not be found out again
// in every frame. Forgotten when the picture changes there; not yet when somebody passes in front.
template <class Value>
class PlaceMemory {
 public:
  // The value stored for this key at about this box, if any.
  Value* recall(ClassId key, const Box& box) {
    for (Entry& entry : entries_) {
      if (!is_at(entry, key, box)) continue;
      entry.idle_frames = 0;
      return &entry.value;
    }
    return nullptr;
  }

  // Replaces what was stored there, which counts as new.
  void store(ClassId key, const Box& box, Value value) {
    std::erase_if(entries_, [&](const Entry& entry) { return is_at(entry, key, box); });
    entries_.push_back({key, box, std::move(value)});
  }

  // Call once a frame, before recall().
  void start_frame(std::span<const Box> changed) {
    std::erase_if(entries_, [&](Entry& entry) {
      return ++entry.idle_frames > kMostIdleFrames || ++entry.age > kMostAge ||
             std::ranges::any_of(changed, [&](const Box& box) {
               return area(intersection(box, entry.box)) > kMostChanged * area(entry.box);
             });
    });
  }

 private:
  static constexpr float kSamePlace =
      0.7F;  // overlap, which a still thing keeps from frame to frame
  static constexpr float kMostChanged = 0.3F;  // of its box
  static constexpr int kMostIdleFrames = 20, kMostAge = 300;

  struct Entry {
    ClassId key;
    Box box;
    Value value;
    int idle_frames = 0, age = 0;
  };

  static bool is_at(const Entry& entry, ClassId key, const Box& box) {
    return entry.key == key && iou(entry.box, box) >= kSamePlace;
  }

  std::vector<Entry> entries_;
};

}  // namespace camclassify
