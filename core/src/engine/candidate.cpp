#include "engine/candidate.hpp"

#include <algorithm>

#include "engine/box.hpp"

namespace camclassify {

bool are_of_kind(const Findings& findings, const std::vector<bool>& kinds) {
  if (!findings || kinds.empty()) return true;
  return std::ranges::any_of(*findings, [&](const Candidate& candidate) {
    return kinds[static_cast<std::size_t>(candidate.id)];
  });
}

std::vector<Candidate> suppress(std::vector<Candidate> candidates, const Taxonomy& taxonomy) {
  constexpr float kMostOverlap = 0.5F, kMostContainment = 0.8F;
  std::ranges::stable_sort(candidates, std::greater(), &Candidate::score);
  std::vector<Candidate> kept;
  for (const Candidate& candidate : candidates) {
    const bool same_thing = std::ranges::any_of(kept, [&](const Candidate& better) {
      return taxonomy.root(candidate.id) == taxonomy.root(better.id) &&
             (iou(candidate.box, better.box) > kMostOverlap ||
              (candidate.region != better.region &&
               containment(candidate.box, better.box) > kMostContainment));
    });
    if (!same_thing) kept.push_back(candidate);
  }
  return kept;
}

}  // namespace camclassify
