#include "engine/camera.hpp"

#include <algorithm>

namespace camclassify {

ClassId ObjectLook::id() const {
  ClassId best = votes.back();
  for (auto vote = votes.rbegin(); vote != votes.rend(); ++vote)
    if (std::ranges::count(votes, *vote) > std::ranges::count(votes, best)) best = *vote;
  return best;
}

}  // namespace camclassify
