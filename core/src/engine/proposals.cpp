#include "engine/proposals.hpp"

#include <algorithm>
#include <cmath>
#include <iterator>

#include "engine/box.hpp"
#include "engine/windows.hpp"

namespace camclassify {
namespace {

constexpr std::size_t kMostProposals = 8;
constexpr float kSmallest = 24;     // pixels of the picture, its longer side; less shows nothing
constexpr float kLargest = 0.5F;    // of the frame
constexpr float kNear = 0.5F;       // of a patch's size: what lies so near is of one thing
constexpr float kExplained = 0.4F;  // of a patch, by detections and what is just around them
constexpr float kAround = 0.3F;     // of a detection's box: its shadow, a door that it opens
constexpr float kReach = 1.2F;      // of its size, that a thing may go from a frame to the next
constexpr float kSizeRatio = 0.4F;  // of a thing's size to what it was in the frame before
constexpr float kMoves = 0.08F;     // of its size: then it is worth a look
constexpr float kTravelled = 0.2F;  // of its size: it went somewhere
constexpr float kStraight = 0.5F;   // of its way
constexpr float kAgreeing = 0.45F;  // share above chance that speaks for a kind
constexpr float kAbsent = 0.1F;     // share above chance, below which nothing is there
constexpr int kEnough = 3, kLatest = 5;       // looks that agree, of the latest
constexpr std::size_t kDull = 6;              // looks, from which on they become rare
constexpr int kMostAbsences = 2;              // looks
constexpr int kMostExplained = 10;            // frames: then the detector knows it
constexpr int kStillNew = 3;                  // frames without a change
constexpr int kLost = 3, kForgotten = 600;    // frames without a change
constexpr int kDullTurn = 5, kRestTurn = 12;  // frames

Box united(const Box& a, const Box& b) {
  return {std::min(a.x0, b.x0), std::min(a.y0, b.y0), std::max(a.x1, b.x1), std::max(a.y1, b.y1)};
}

// Whether two patches of change are of one thing: its front and its back.
bool are_near(const Box& a, const Box& b, Size frame) {
  const float dx = std::max(a.x0, b.x0) - std::min(a.x1, b.x1);
  const float dy = std::max(a.y0, b.y0) - std::min(a.y1, b.y1);
  const float gap =
      std::max(dx * static_cast<float>(frame.width), dy * static_cast<float>(frame.height));
  const auto [smaller, larger] = std::minmax({longer_side(a, frame), longer_side(b, frame)});
  return gap < kNear * std::min(larger, 2 * smaller);
}

std::vector<Box> joined(std::vector<Box> boxes, Size frame) {
  for (std::size_t i = 0; i < boxes.size();) {
    const auto other = std::find_if(boxes.begin() + static_cast<std::ptrdiff_t>(i) + 1, boxes.end(),
                                    [&](const Box& box) { return are_near(boxes[i], box, frame); });
    if (other == boxes.end()) {
      ++i;
      continue;
    }
    boxes[i] = united(boxes[i], *other);
    boxes.erase(other);
    i = 0;
  }
  return boxes;
}

bool is_explained(const Box& box, std::span<const Candidate> detected) {
  float covered = 0;
  for (const Candidate& candidate : detected)
    covered += area(intersection(box, grown(candidate.box, kAround)));
  return covered > kExplained * area(box);
}

// What changed and is of a size to be something that no detection explains.
std::vector<Box> patches_of(std::span<const Box> changed, std::span<const Candidate> detected,
                            Size frame) {
  std::vector<Box> patches;
  std::ranges::copy_if(changed, std::back_inserter(patches),
                       [&](const Box& box) { return !is_explained(box, detected); });
  patches = joined(std::move(patches), frame);
  std::erase_if(patches, [&](const Box& box) {
    return longer_side(box, frame) < kSmallest || area(box) > kLargest ||
           is_explained(box, detected);
  });
  return patches;
}

// Whether a place, or a change around it, shows again what it used to.
bool has_left(const Box& place, std::span<const Box> changed, const IsNew& is_new) {
  return !is_new(place) || std::ranges::any_of(changed, [&](const Box& change) {
    return holds(change, place) && !is_new(change);
  });
}

}  // namespace

Proposals::Proposal::Proposal(const Box& place, Size frame) : box(place) {
  move(place, frame);
  start = centre;
  way = 0;
  frames = 1;
}

void Proposals::Proposal::move(const Box& place, Size frame) {
  const Point before = centre;
  centre = {(place.x0 + place.x1) / 2 * static_cast<float>(frame.width),
            (place.y0 + place.y1) / 2 * static_cast<float>(frame.height)};
  way += std::hypot(centre.x - before.x, centre.y - before.y);
  box = place;
  if (candidate) candidate->box = place;
  still = absences = 0;
  is_resting = is_gone = false;
  ++frames;
  travelled |= went(kTravelled, frame);
}

bool Proposals::Proposal::went(float share, Size frame) const {
  const float away = std::hypot(centre.x - start.x, centre.y - start.y);
  return frames > 2 && away > share * longer_side(box, frame) && away > kStraight * way;
}

bool Proposals::Proposal::is_due(Size frame) const {
  if (candidate) return still > 0 && (!is_resting || unasked >= kRestTurn);
  return still == 0 && went(kMoves, frame) && (looks.size() < kDull || unasked >= kDullTurn);
}

void Proposals::Proposal::decide() {
  if (!travelled) return;
  const ClassId root = looks.back().root;
  float sum = 0;
  int agreeing = 0;
  for (std::size_t i = looks.size(); i > 0 && looks.size() - i < kLatest; --i) {
    const KindShare& look = looks[i - 1];
    if (look.root != root || look.share < look.by_chance + kAgreeing) continue;
    ++agreeing;
    sum += look.share;
  }
  if (agreeing >= kEnough) candidate = Candidate{root, sum / static_cast<float>(agreeing), box};
}

void Proposals::follow(std::span<const Box> changed, const IsNew& is_new,
                       std::span<const Candidate> detected, Size frame, const Taxonomy& taxonomy) {
  frame_ = frame;
  for (Proposal& proposal : proposals_) {
    ++proposal.unasked;
    const auto same = std::ranges::find_if(detected, [&](const Candidate& each) {
      return proposal.candidate && taxonomy.root(each.id) == proposal.candidate->id &&
             iou(each.box, proposal.box) > kSameThing;
    });
    proposal.explained = same == detected.end() ? 0 : proposal.explained + 1;
    if (proposal.explained > 0) proposal.move(same->box, frame);
  }
  std::erase_if(proposals_, [&](const Proposal& each) {
    return each.explained > kMostExplained ||
           (each.explained == 0 && is_explained(each.box, detected));
  });
  std::vector<Box> patches = patches_of(changed, detected, frame);
  std::erase_if(patches, [&](const Box& box) { return !is_new(box); });
  for (Proposal& proposal : proposals_) {
    if (proposal.explained > 0) continue;
    const auto distance = [&](const Box& box) {
      const Proposal other(box, frame);
      const auto [smaller, larger] =
          std::minmax({longer_side(box, frame), longer_side(proposal.box, frame)});
      if (smaller < kSizeRatio * larger) return kReach;
      return std::hypot(other.centre.x - proposal.centre.x, other.centre.y - proposal.centre.y) /
             larger;
    };
    const auto nearest = std::ranges::min_element(patches, {}, distance);
    if (nearest == patches.end() || distance(*nearest) >= kReach) {
      ++proposal.still;
      // Later the place is used to what stopped there, and that is not new any more.
      proposal.is_gone = proposal.still <= kStillNew && has_left(proposal.box, changed, is_new);
    } else {
      proposal.move(*nearest, frame);
      patches.erase(nearest);
    }
  }
  std::erase_if(proposals_, [](const Proposal& each) {
    return each.candidate ? each.is_gone : each.still > (each.travelled ? kForgotten : kLost);
  });
  for (const Box& box : patches) proposals_.emplace_back(box, frame);
  std::ranges::stable_sort(proposals_, {}, &Proposal::still);
  if (proposals_.size() > kMostProposals)
    proposals_.erase(proposals_.begin() + kMostProposals, proposals_.end());
}

std::optional<Box> Proposals::wanted() {
  const Proposal* longest = nullptr;
  for (const Proposal& each : proposals_)
    if (each.is_due(frame_) && (!longest || each.unasked > longest->unasked)) longest = &each;
  if (!longest) return std::nullopt;
  asked_ = static_cast<std::size_t>(longest - proposals_.data());
  return longest->box;
}

void Proposals::judge(std::span<const KindShare> shares) {
  Proposal& proposal = proposals_[asked_];
  proposal.unasked = 0;
  if (!proposal.candidate) {
    const auto most = std::ranges::max_element(shares, {}, &KindShare::share);
    if (most == shares.end()) return;
    proposal.looks.push_back(*most);
    proposal.decide();
    return;
  }
  const auto own = std::ranges::find(shares, proposal.candidate->id, &KindShare::root);
  proposal.is_resting = own != shares.end() && own->share > own->by_chance + kAbsent;
  proposal.absences = proposal.is_resting ? 0 : proposal.absences + 1;
  if (proposal.absences >= kMostAbsences)
    proposals_.erase(proposals_.begin() + static_cast<std::ptrdiff_t>(asked_));
}

std::vector<Candidate> Proposals::candidates() const {
  std::vector<Candidate> all;
  for (const Proposal& each : proposals_)
    if (each.candidate && each.explained == 0) all.push_back(*each.candidate);
  return all;
}

std::vector<Box> Proposals::unknown() const {
  std::vector<Box> all;
  for (const Proposal& each : proposals_)
    if (!each.candidate && each.travelled) all.push_back(each.box);
  return all;
}

bool Proposals::is_searching() const {
  return std::ranges::any_of(proposals_, [](const Proposal& each) {
    return each.candidate && each.still > 0 && !each.is_resting;
  });
}

}  // namespace camclassify
