#include "engine/camera.hpp"

#include <algorithm>

namespace camclassify {
namespace {

constexpr std::size_t kEnoughLooks = 5;
constexpr int kMostUses = 30;  // frames

}  // namespace

void SecondLooks::add(const SecondLook& look) {
  if (latest_.size() == kEnoughLooks) latest_.erase(latest_.begin());
  latest_.push_back(look);
  uses_ = 0;
}

bool SecondLooks::are_enough() const { return latest_.size() == kEnoughLooks && uses_ < kMostUses; }

SecondLook SecondLooks::verdict() const {
  std::vector<SecondLook> sorted = latest_;
  const auto median = sorted.begin() + static_cast<std::ptrdiff_t>(sorted.size() / 2);
  std::ranges::nth_element(sorted, median, {}, &SecondLook::score);
  return *median;
}

ClassId ObjectLook::id() const {
  ClassId best = votes.back();
  for (auto vote = votes.rbegin(); vote != votes.rend(); ++vote)
    if (std::ranges::count(votes, *vote) > std::ranges::count(votes, best)) best = *vote;
  return best;
}

}  // namespace camclassify
