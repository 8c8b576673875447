#include "engine/attention.hpp"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <utility>

#include "engine/box.hpp"

namespace camclassify {
namespace {

constexpr float kMostInputs = 4;      // usual inputs' worth of windows a frame
constexpr float kFullWindows = 0.5F;  // effort, down to which only turns come rarer
constexpr float kLeastEffort = 0.1F;  // down to which they come rarer
constexpr float kCoarse = 0.25F;      // of the usual input's pixels: for what fills the picture
constexpr float kFine = 0.7F;         // scale of the whole frame that needs no finer search
constexpr float kWholeChange = 0.6F;  // of the frame: then the change has no place
constexpr float kLargeChange = 400;   // pixels: it may hold things too small for its scale
constexpr float kTouched = 0.02F;     // of a known thing's box, by a change
constexpr int kObjectTurn = 12, kWholeTurn = 60, kSearchTurn = 600;  // frames
constexpr int kMostSearched = 12;                                    // windows
constexpr std::size_t kMostPostponed = 32;  // windows; what changes all the time is looked at late
constexpr int kMostMisses = 2;
constexpr int kMostHiddenMisses = 100;  // looks at where a thing rested until it has left
constexpr std::size_t kMostScores = 5;  // one look in five may be a lucky one
constexpr int kMostRests = 3;           // looks from which on a thing rests
constexpr float kStep = 1;            // of its box's sides, that a thing may go between two frames
constexpr float kSamePlace = 0.7F;    // overlap
constexpr float kMuchCoarser = 0.7F;  // share of the pixels that a thing had

bool is_touched(const Box& box, std::span<const Box> changed) {
  return std::ranges::any_of(changed, [&](const Box& change) {
    return area(intersection(box, change)) > kTouched * area(box);
  });
}

bool is_near(const Box& before, const Box& now) { return intersects(grown(before, kStep), now); }

bool is_of_everything(std::span<const Box> changed) {
  return std::ranges::any_of(changed, [](const Box& box) { return area(box) > kWholeChange; });
}

Window window_of_zone(const Box& zone, Size frame, const InputSides& sides) {
  return windows_over(clipped(zone), frame, sides, kSmallestObject / 2, 1).front();
}

std::vector<float> latest(std::vector<float> scores, float score) {
  if (scores.size() == kMostScores) scores.erase(scores.begin());
  scores.push_back(score);
  return scores;
}

float lower_median(std::vector<float> scores) {
  const auto middle = scores.begin() + static_cast<std::ptrdiff_t>((scores.size() - 1) / 2);
  std::ranges::nth_element(scores, middle);
  return *middle;
}

}  // namespace

std::vector<Window> Attention::choose(std::span<const Box> changed, std::span<const Box> zones,
                                      Size frame, const InputInfo& input, const InputSides& sides,
                                      float effort) {
  ++since_whole_, ++since_search_, ++since_turn_;
  for (Known& known : known_) ++known.age;
  if (frames_++ == 0) return start(zones, frame, input, sides);
  if (is_of_everything(changed)) {
    postponed_.clear();
    since_whole_ = 0;
    for (Known& known : known_) known.age = kObjectTurn;
    return {whole_frame(frame, input, sides), whole_frame(frame, input, sides, kCoarse)};
  }
  std::vector<Window> windows = std::exchange(postponed_, {});
  for (const Window& window : windows_around(places(changed), frame, sides))
    windows.push_back(window);
  for (const Box& box : changed) {
    if (longer_side(box, frame) <= kLargeChange) continue;
    const auto fine = windows_over(box, frame, sides, kSmallestObject, kMostSearched);
    windows.push_back(fine[static_cast<std::size_t>(frames_) % fine.size()]);
  }
  const float budget = kMostInputs * std::min(effort / kFullWindows, 1.0F) * cost(input.size);
  float spent = 0;
  for (auto window = windows.begin(); window != windows.end(); ++window) {
    spent += cost(window->input);
    if (spent <= budget || window == windows.begin()) continue;
    postponed_.assign(window, windows.end());
    if (postponed_.size() > kMostPostponed) postponed_.resize(kMostPostponed);
    windows.erase(window, windows.end());
    return windows;
  }
  const int rarity = static_cast<int>(std::lround(1 / std::max(effort, kLeastEffort)));
  for (const Window& window : turn(zones, frame, input, sides, rarity)) windows.push_back(window);
  return windows;
}

std::vector<Window> Attention::everywhere(std::span<const Box> zones, Size frame,
                                          const InputInfo& input, const InputSides& sides) {
  Attention once;
  std::vector<Window> windows = once.start(zones, frame, input, sides);
  windows.insert(windows.end(), once.search_.rbegin(), once.search_.rend());
  return windows;
}

std::vector<Window> Attention::start(std::span<const Box> zones, Size frame, const InputInfo& input,
                                     const InputSides& sides) {
  search(frame, input, sides);
  std::vector<Window> windows = {whole_frame(frame, input, sides),
                                 whole_frame(frame, input, sides, kCoarse)};
  for (const Box& zone : zones) windows.push_back(window_of_zone(zone, frame, sides));
  return windows;
}

void Attention::search(Size frame, const InputInfo& input, const InputSides& sides) {
  since_search_ = 0;
  search_.clear();
  if (scale_of(whole_frame(frame, input, sides), frame) >= kFine) return;
  search_ = windows_over({}, frame, sides, kSmallestObject, kMostSearched);
  std::ranges::reverse(search_);
}

std::vector<Place> Attention::places(std::span<const Box> changed) const {
  std::vector<Place> places;
  for (const Box& box : changed) places.push_back({box});
  // A small thing may move without a change that can be told from noise.
  for (const Known& known : known_)
    if (known.rests < kMostRests || is_touched(known.candidate.box, changed))
      places.push_back({known.candidate.box, known.candidate.pixels});
  return places;
}

std::vector<Window> Attention::turn(std::span<const Box> zones, Size frame, const InputInfo& input,
                                    const InputSides& sides, int rarity) {
  if (since_turn_ < rarity) return {};
  since_turn_ = 0;
  if (!search_.empty()) {
    const Window next = search_.back();
    search_.pop_back();
    return {next};
  }
  const auto oldest = std::ranges::max_element(known_, {}, &Known::age);
  if (oldest != known_.end() && oldest->age >= rarity * kObjectTurn) {
    const Place place{oldest->candidate.box, oldest->candidate.pixels};
    return windows_around(std::span(&place, 1), frame, sides);
  }
  if (since_search_ >= rarity * kSearchTurn) search(frame, input, sides);
  if (since_whole_ < rarity * kWholeTurn) return {};
  since_whole_ = 0;
  if (!zones.empty() && next_zone_ < zones.size())
    return {window_of_zone(zones[next_zone_++], frame, sides)};
  next_zone_ = 0;
  return {whole_frame(frame, input, sides)};
}

std::vector<Candidate> Attention::complete(std::vector<Candidate> found,
                                           std::span<const Window> windows,
                                           std::span<const Box> changed, const IsNew& is_new,
                                           Size frame, const Taxonomy& taxonomy) {
  const auto pixels_in = [&](const Box& box, const Window& window) {
    return longer_side(box, frame) * scale_of(window, frame);
  };
  // A change of everything is a start, a change of the light or a camera that swings: what rested
  // still does, more or less where it was.
  const bool came = !is_of_everything(changed);
  std::vector<Known> kept;
  for (Known& known : known_) {
    const Box& box = known.candidate.box;
    const bool touched = came && is_touched(box, changed);
    // What a coarser look finds of a thing at rest only counts where it is surer.
    const bool is_found = std::ranges::any_of(found, [&](const Candidate& candidate) {
      const Window& window = windows[static_cast<std::size_t>(candidate.region)];
      return taxonomy.root(candidate.id) == taxonomy.root(known.candidate.id) &&
             (iou(candidate.box, box) > kSameThing || (!came && is_near(box, candidate.box))) &&
             (touched || !came || pixels_in(box, window) > kMuchCoarser * known.candidate.pixels);
    });
    if (is_found) continue;
    const bool is_shown = std::ranges::any_of(windows, [&](const Window& window) {
      const float share = pixels_in(box, window) / known.candidate.pixels;
      return shows(window, box, frame) ||
             (holds(window.region, box) && share > kMuchCoarser && share < 1 / kMuchCoarser);
    });
    if (is_shown) {
      ++known.misses;
      known.age = 0;
      if (known.rests < kMostRests) continue;
      if (touched || known.misses >= kMostMisses) known.is_hidden = true;
      if (known.misses >= kMostHiddenMisses) continue;
    }
    known.candidate.region = kRemembered;
    kept.push_back(known);
  }
  std::vector<Known> before = std::move(known_);
  std::vector<Candidate> all = std::move(found);
  for (const Known& known : kept)
    if (!known.is_hidden) all.push_back(known.candidate);
  all = suppress(std::move(all), taxonomy);
  known_.clear();
  for (const Candidate& candidate : all) {
    if (candidate.region == kRemembered) {
      known_.push_back(*std::ranges::find_if(kept, [&](const Known& known) {
        return known.candidate.box == candidate.box && known.candidate.id == candidate.id;
      }));
      continue;
    }
    Known known{candidate, candidate.box, {candidate.score}};
    const bool came_here = came && is_touched(candidate.box, changed) && is_new(candidate.box);
    known.candidate.is_trusted = came_here;
    const auto same = std::ranges::find_if(before, [&](const Known& earlier) {
      return taxonomy.root(earlier.candidate.id) == taxonomy.root(candidate.id) &&
             iou(earlier.candidate.box, candidate.box) > kSameThing;
    });
    if (same != before.end()) {
      known.first = same->first;
      // What has gone away from where it was first seen is no likeness of something that stands.
      const bool has_gone = came_here && iou(same->first, candidate.box) < kSameThing;
      known.candidate.is_trusted = same->candidate.is_trusted || has_gone;
      known.is_settled = same->is_settled || has_gone;
      // One box that is a little off does not set a resting thing in motion.
      const bool stays = iou(same->candidate.box, candidate.box) > kSamePlace;
      known.rests = stays ? same->rests + 1 : std::max(0, same->rests - kMostRests);
      if (stays || known.rests >= kMostRests) {
        known.scores = latest(same->scores, candidate.score);
        known.candidate.score = lower_median(known.scores);
      }
    } else if (!known.candidate.is_trusted) {
      // A small thing may have come from where it was without a change that can be told from noise.
      known.candidate.is_trusted = std::ranges::any_of(before, [&](const Known& earlier) {
        return earlier.candidate.is_trusted && (earlier.rests < kMostRests || !came) &&
               taxonomy.root(earlier.candidate.id) == taxonomy.root(candidate.id) &&
               is_near(earlier.candidate.box, candidate.box);
      });
    }
    known_.push_back(known);
  }
  all.clear();
  for (const Known& known : known_) all.push_back(known.candidate);
  std::ranges::copy_if(kept, std::back_inserter(known_), &Known::is_hidden);
  return all;
}

void Attention::trust(const Candidate& candidate, bool is_trusted) {
  for (Known& known : known_) {
    if (known.candidate.box != candidate.box) continue;
    known.candidate.is_trusted = is_trusted;
    known.is_settled = true;
  }
}

bool Attention::is_searching() const {
  return !search_.empty() || !postponed_.empty() ||
         std::ranges::any_of(known_, [](const Known& known) {
           return !known.is_hidden && !known.candidate.is_trusted && !known.is_settled;
         });
}

}  // namespace camclassify
