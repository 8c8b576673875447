#include "engine/classifier.hpp"

#include <algorithm>
#include <cmath>
#include <iterator>

#include "engine/box.hpp"
#include "engine/mask.hpp"
#include "engine/regime.hpp"
#include "engine/stopwatch.hpp"

namespace camclassify {
namespace {

// A candidate is doubtful from this share of its class's threshold to this much above it.
constexpr float kDoubtfulFrom = 0.7F, kDoubtfulAbove = 0.15F;
constexpr float kSecondInputs = 2;       // usual inputs' worth of second looks a frame
constexpr float kLarge = 140;            // pixels of the network: then a coarser look comes first
constexpr float kTiny = 45;              // pixels of the network: a coarser look shows nothing
constexpr float kSameInBoth = 0.4F;      // overlap of what both looks saw
constexpr float kSimilarScore = 0.15F;   // of a thing that is still the same
constexpr std::size_t kEnoughVotes = 5;  // of looks at one object that rests

}  // namespace

Classifier::Classifier(const Bundle& bundle, const Taxonomy& taxonomy, ResidentNetworks& networks,
                       int lane, DecodedSnapshot& snapshot, const Request& request, Camera* camera)
    : bundle_(bundle),
      taxonomy_(taxonomy),
      networks_(networks),
      lane_(lane),
      snapshot_(snapshot),
      request_(request),
      camera_(camera) {}

void Classifier::classify(const ChangeGate::Verdict& seen, Result& result) {
  choose_frame_regime(result);
  if (camera_) {
    camera_->second_looks.start_frame(seen.changed);
    camera_->object_looks.start_frame(seen.changed);
  }
  std::vector<Candidate> candidates;
  time(result.timing.scene, [&] {
    candidates = look_at_scene(seen, result.windows);
    settle_doubts(candidates);
  });
  time(result.timing.object, [&] {
    if (camera_ && networks_.has_object(networks_regime_)) {
      add_proposals(seen, candidates);
      result.proposals = camera_->proposals.unknown();
    }
    result.detections = look_at_objects(candidates);
  });
}

template <class Step>
void Classifier::time(double& milliseconds, Step step) {
  const double decoded_before = snapshot_.decode_ms();
  {
    const Stopwatch stopwatch(milliseconds);
    step();
  }
  milliseconds -= snapshot_.decode_ms() - decoded_before;
}

void Classifier::choose_frame_regime(Result& result) {
  const Frame& frame = snapshot_.frame({1, 1});
  const auto before =
      camera_ && camera_->last ? std::optional(camera_->last->regime) : std::nullopt;
  regime_ = choose_regime(measure_light(frame), request_.sun_elevation, before);
  result.regime = regime_;
  networks_regime_ =
      networks_.start_frame(regime_, camera_ ? camera_->networks_regime : std::nullopt);
  if (camera_) camera_->networks_regime = networks_regime_;
  floors_.clear();
  for (const ClassInfo& info : bundle_.classes) {
    const float threshold = info.threshold[static_cast<std::size_t>(regime_)];
    floors_.push_back(std::min(kDoubtfulFrom * threshold, request_.min_score.value_or(1)));
  }
}

std::vector<Candidate> Classifier::look_at_scene(const ChangeGate::Verdict& seen,
                                                 std::vector<Window>& windows) {
  const SceneNetwork& scene = networks_.scene(networks_.scenes_in(networks_regime_).front());
  const InputSides sides = sides_of(scene);
  const Size size = snapshot_.size();
  windows = camera_ ? camera_->attention.choose(seen.changed, request_.regions, size, scene.input,
                                                sides, request_.effort)
                    : Attention::everywhere(request_.regions, size, scene.input, sides);
  snapshot_.prepare(windows, scene.input.fit);
  std::vector<Candidate> all;
  for (std::size_t i = 0; i < windows.size(); ++i) {
    const auto found = look_at(windows[i], static_cast<int>(i));
    all.insert(all.end(), found.begin(), found.end());
  }
  std::erase_if(all, [&](const Candidate& candidate) {
    return is_masked(request_.masks, (candidate.box.x0 + candidate.box.x1) / 2, candidate.box.y1);
  });
  all = suppress(std::move(all), taxonomy_);
  if (!camera_) return all;
  return camera_->attention.complete(std::move(all), windows, seen.changed, seen.is_new, size,
                                     taxonomy_);
}

std::vector<Candidate> Classifier::look_at(const Window& window, int number) {
  std::vector<Candidate> all;
  for (const int scene : networks_.scenes_in(networks_regime_)) {
    const Frame& frame = snapshot_.frame_for(window, networks_.scene(scene).input.fit);
    for (Candidate candidate :
         networks_.look(lane_, scene, frame, window, floors_, Findings(all))) {
      candidate.region = number;
      candidate.pixels =
          longer_side(candidate.box, snapshot_.size()) * scale_of(window, snapshot_.size());
      all.push_back(candidate);
    }
  }
  return all;
}

void Classifier::settle_doubts(std::vector<Candidate>& candidates) {
  float spent = 0;  // usual inputs' worth
  for (Candidate& candidate : candidates) {
    const ClassId key = taxonomy_.root(candidate.id);
    SecondLooks looks = earlier_looks(key, candidate.box);
    const bool is_known =
        !looks.empty() && std::abs(looks.verdict().first_score - candidate.score) < kSimilarScore;
    const bool is_settled = is_known && looks.are_enough();
    const bool needs_look = is_doubtful(candidate) || !candidate.is_trusted;
    if (needs_look && !is_settled && spent < kSecondInputs) {
      // In the direction that helps; in both, one after the other, where that decides about trust.
      const bool helps = candidate.pixels <= kLarge;
      const bool is_finer = candidate.is_trusted || looks.empty() || candidate.pixels < kTiny
                                ? helps
                                : looks.is_finer_next();
      const SceneNetwork& scene = networks_.scene(candidate.scene);
      const Window window = window_for_second_look(candidate.box, candidate.pixels, is_finer,
                                                   snapshot_.size(), scene.input, sides_of(scene));
      spent += cost(window.input) / cost(scene.input.size);
      looks.add(look_again(candidate, window, is_finer));
    } else if (is_known) {
      looks.use();
    } else {
      if (!candidate.is_trusted) candidate.score = 0;
      continue;
    }
    const SecondLook verdict = looks.verdict();
    const Candidate first = candidate;
    candidate.id = verdict.id;
    candidate.score = verdict.score;
    if (!candidate.is_trusted) {
      const bool is_sure = looks.agree(limit(verdict.id));
      const bool is_decided = is_sure || looks.are_enough();
      if (is_decided) camera_->attention.trust(first, is_sure);
      if (!is_sure) candidate.score = 0;
    }
    if (camera_) camera_->second_looks.store(key, candidate.box, std::move(looks));
  }
  std::erase_if(candidates, [](const Candidate& candidate) { return candidate.score <= 0; });
}

SecondLooks Classifier::earlier_looks(ClassId key, const Box& box) {
  const SecondLooks* known = camera_ ? camera_->second_looks.recall(key, box) : nullptr;
  return known ? *known : SecondLooks{};
}

bool Classifier::is_doubtful(const Candidate& candidate) const {
  const float least = limit(candidate.id);
  return candidate.score >= kDoubtfulFrom * least && candidate.score < least + kDoubtfulAbove;
}

SecondLook Classifier::look_again(const Candidate& candidate, const Window& window, bool is_finer) {
  const Frame& frame =
      snapshot_.frame_for(window, networks_.scene(candidate.scene).input.fit, kMostEnlargedAgain);
  SecondLook look{candidate.score, candidate.id, 0, is_finer};
  for (const Candidate& other :
       networks_.look(lane_, candidate.scene, frame, window, floors_, {})) {
    if (taxonomy_.root(other.id) != taxonomy_.root(candidate.id) ||
        iou(other.box, candidate.box) < kSameInBoth || other.score <= look.score)
      continue;
    look.score = other.score;
    if (other.score > candidate.score) look.id = other.id;
  }
  return look;
}

void Classifier::add_proposals(const ChangeGate::Verdict& seen,
                               std::vector<Candidate>& candidates) {
  Proposals& proposals = camera_->proposals;
  std::vector<Candidate> detected;
  std::ranges::copy_if(candidates, std::back_inserter(detected), [&](const Candidate& candidate) {
    return candidate.score >= limit(candidate.id);
  });
  proposals.follow(seen.changed, seen.is_new, detected, snapshot_.size(), taxonomy_);
  if (const std::optional<Box> part = proposals.wanted()) {
    const auto object = networks_.look(lane_, networks_regime_, kNoClass, snapshot_, *part);
    proposals.judge(object->shares());
  }
  for (const Candidate& proposal : proposals.candidates()) {
    // What the scene network saw of it was not enough.
    std::erase_if(candidates, [&](const Candidate& candidate) {
      return taxonomy_.root(candidate.id) == proposal.id && intersects(candidate.box, proposal.box);
    });
    candidates.push_back(proposal);
  }
}

std::vector<Detection> Classifier::look_at_objects(const std::vector<Candidate>& candidates) {
  std::vector<Detection> detections;
  for (const Candidate& candidate : candidates) {
    if (candidate.score < threshold(candidate.id)) continue;
    ObjectLook look{{candidate.id}, {}, candidate.region != kRemembered};
    const bool refinable = networks_.refines(networks_regime_, candidate.id);
    const bool features = request_.features && networks_.has_object(networks_regime_);
    if (refinable || features) look = look_at_object(candidate);
    const ClassId id = taxonomy_.reported(look.id());
    if (id == kNoClass || candidate.score < threshold(id)) continue;
    detections.push_back({bundle_.classes[static_cast<std::size_t>(id)].name, candidate.score,
                          candidate.box, std::move(look.features), !look.is_new});
  }
  return detections;
}

ObjectLook Classifier::look_at_object(const Candidate& candidate) {
  const ObjectLook* known =
      camera_ ? camera_->object_looks.recall(candidate.id, candidate.box) : nullptr;
  if (known && known->votes.size() >= kEnoughVotes) {
    ObjectLook earlier = *known;
    earlier.is_new = false;
    return earlier;
  }
  const auto object =
      networks_.look(lane_, networks_regime_, candidate.id, snapshot_, candidate.box);
  ObjectLook look = known ? *known : ObjectLook{};
  look.votes.push_back(object->refine(candidate.id));
  if (request_.features) look.features = object->features();
  if (camera_) camera_->object_looks.store(candidate.id, candidate.box, look);
  return look;
}

float Classifier::limit(ClassId id) const {
  return bundle_.classes[static_cast<std::size_t>(id)].threshold[static_cast<std::size_t>(regime_)];
}

float Classifier::threshold(ClassId id) const { return request_.min_score.value_or(limit(id)); }

}  // namespace camclassify
