#include "engine/candidate.hpp"

#include <algorithm>

#include "engine/box.hpp"

namespace camclassify {

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
