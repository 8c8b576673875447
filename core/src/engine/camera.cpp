#include "engine/camera.hpp"

#include <algorithm>
#include <array>

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

bool SecondLooks::is_finer_next() const { return count(true) <= count(false); }

std::size_t SecondLooks::count(bool is_finer) const {
  return static_cast<std::size_t>(std::ranges::count(latest_, is_finer, &SecondLook::is_finer));
}

std::vector<float> SecondLooks::scores(bool is_finer) const {
  std::vector<float> scores;
  for (const SecondLook& look : latest_)
    if (look.is_finer == is_finer) scores.push_back(look.score);
  std::ranges::sort(scores);
  return scores;
}

float SecondLooks::median_first() const {
  std::vector<float> scores;
  for (const SecondLook& look : latest_) scores.push_back(look.first_score);
  std::ranges::sort(scores);
  return scores[scores.size() / 2];
}

SecondLook SecondLooks::verdict() const {
  float other = 0;
  for (const bool is_finer : {true, false}) {
    const auto side = scores(is_finer);
    if (!side.empty()) other = std::max(other, side[side.size() / 2]);
  }
  const auto surest = std::ranges::max_element(latest_, {}, &SecondLook::score);
  return {median_first(), surest->id, (median_first() + other) / 2, surest->is_finer};
}

bool SecondLooks::agree(float score) const {
  return median_first() >= score &&
         std::ranges::any_of(std::array{true, false}, [&](bool is_finer) {
           const auto side = scores(is_finer);
           return side.size() > 1 && side[(side.size() - 1) / 2] >= score;
         });
}

ClassId ObjectLook::id() const {
  ClassId best = votes.back();
  for (auto vote = votes.rbegin(); vote != votes.rend(); ++vote)
    if (std::ranges::count(votes, *vote) > std::ranges::count(votes, best)) best = *vote;
  return best;
}

}  // namespace camclassify
