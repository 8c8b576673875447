#pragma once

#include <functional>
#include <optional>
#include <span>
#include <vector>

#include "camclassify/image.hpp"
#include "engine/taxonomy.hpp"

namespace camclassify {

// Region of a candidate that no window of the frame shows.
constexpr int kRemembered = -1;

// What a scene network may have seen.
struct Candidate {
  ClassId id = kNoClass;
  float score = 0;
  Box box;           // of the whole frame
  int region = 0;    // number of the window it was seen in, or kRemembered
  int scene = 0;     // number of the scene network that saw it
  float pixels = 0;  // of its longer side, as that network saw it
  // Whether it came before the camera's eyes, or looked alike at several scales. What never moved
  // may be anything that looks like something.
  bool is_trusted = true;
};

// Whether a part of the frame shows something else than before, as ChangeGate::Verdict has it.
using IsNew = std::function<bool(const Box&)>;

// What was found so far in a region, for heads that wait for it; absent: nothing need be waited
// for.
using Findings = std::optional<std::span<const Candidate>>;

// Whether there is one of these kinds (by ClassId; empty: nothing is waited for).
bool are_of_kind(const Findings& findings, const std::vector<bool>& kinds);

// Greedy non-maximum suppression (best first) among candidates whose classes share a root: a van is
// one thing, whether it is read as a car or as a truck. Between regions, one that lies within
// another goes too: it is a part that the region's border left.
// Returns the rest, best first.
std::vector<Candidate> suppress(std::vector<Candidate> candidates, const Taxonomy& taxonomy);

}  // namespace camclassify
