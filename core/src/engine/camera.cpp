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

bool SecondLooks::are_of_both_sides() const { return count(true) > 0 && count(false) > 0; }

bool SecondLooks::is_finer_next() const { return count(true) <= count(false); }

std::size_t SecondLooks::count(bool is_finer) const {
  return static_cast<std::size_t>(std::ranges::count(latest_, is_finer, &SecondLook::is_finer));
}

SecondLook SecondLooks::verdict() const {
  const auto median = [&](auto keep, auto value) -> std::optional<float> {
    std::vector<float> values;
    for (const SecondLook& look : latest_)
      if (keep(look)) values.push_back(value(look));
    if (values.empty()) return std::nullopt;
    const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
    std::ranges::nth_element(values, middle);
    return *middle;
  };
  const auto score = [](const SecondLook& look) { return look.score; };
  const float first = *median([](const SecondLook&) { return true; },
                              [](const SecondLook& look) { return look.first_score; });
  float other = 0;
  for (const bool is_finer : {true, false}) {
    const auto side = median([&](const SecondLook& l) { return l.is_finer == is_finer; }, score);
    other = std::max(other, side.value_or(0));
  }
  const auto surest = std::ranges::max_element(latest_, {}, score);
  return {first, surest->id, (first + other) / 2, surest->is_finer};
}

ClassId ObjectLook::id() const {
  ClassId best = votes.back();
  for (auto vote = votes.rbegin(); vote != votes.rend(); ++vote)
    if (std::ranges::count(votes, *vote) > std::ranges::count(votes, best)) best = *vote;
  return best;
}

}  // namespace camclassify
