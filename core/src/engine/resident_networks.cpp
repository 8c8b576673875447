#include "engine/resident_networks.hpp"

#include <algorithm>

#include "camclassify/error.hpp"

namespace camclassify {
namespace {

// Networks of a regime that no camera is in any more are kept for so many frames.
constexpr int kMostIdleFrames = 200;

template <class T>
bool contains(const std::vector<T>& values, const T& value) {
  return std::ranges::find(values, value) != values.end();
}

}  // namespace

ResidentNetworks::ResidentNetworks(const Bundle& bundle, const Taxonomy& taxonomy,
                                   const EngineOptions& options)
    : bundle_(bundle), taxonomy_(taxonomy), options_(options) {
  for (const SceneNetwork& info : bundle.scenes) add_scene(info);
  for (const ObjectNetwork& info : bundle.objects) add_object(info);
  load(Regime::kDay);
  if (bundle.resident == Resident::kAll)
    for (const Regime regime : {Regime::kDusk, Regime::kNight}) is_ready(regime);
}

void ResidentNetworks::add_scene(const SceneNetwork& info) {
  const auto open = [this, &info] {
    return std::make_unique<Scene>(info, bundle_, taxonomy_, options_);
  };
  SceneSlot slot{&info, {}, {}, Loadable<Scene>(open)};
  if (!info.when.empty()) slot.when = taxonomy_.kinds_of(info.when);
  for (const SceneHead* head : Scene::needed_heads(info, bundle_, taxonomy_))
    slot.heads.push_back(add_head(info.name, head->name));
  if (!slot.heads.empty()) scenes_.push_back(std::move(slot));
}

void ResidentNetworks::add_object(const ObjectNetwork& info) {
  const auto open = [this, &info] { return std::make_unique<Object>(info, taxonomy_, options_); };
  ObjectSlot slot{&info, {}, Loadable<Object>(open)};
  for (const Specialist* specialist : Object::needed_specialists(info, taxonomy_)) {
    SpecialistSlot loaded{{}, add_head(info.name, specialist->name)};
    for (const std::string& name : specialist->refines)
      loaded.refines.push_back(taxonomy_.find(name));
    slot.specialists.push_back(std::move(loaded));
  }
  objects_.push_back(std::move(slot));
}

std::size_t ResidentNetworks::add_head(const std::string& network, const std::string& head) {
  heads_.push_back(network + "/" + head);
  head_runs_.push_back(0);
  return heads_.size() - 1;
}

template <class Visit>
void ResidentNetworks::visit_all_in(Regime regime, Visit visit) {
  for (const int scene : scenes_in(regime)) visit(scenes_[static_cast<std::size_t>(scene)]);
  const int number = object_in(regime);
  if (number < 0) return;
  ObjectSlot& object = objects_[static_cast<std::size_t>(number)];
  if (!object.specialists.empty()) visit(object);
}

bool ResidentNetworks::is_ready(Regime regime) {
  bool all = true;
  visit_all_in(regime, [&](auto& slot) { all = slot.network.is_ready() && all; });
  return all;
}

void ResidentNetworks::load(Regime regime) {
  visit_all_in(regime, [](auto& slot) { slot.network.get(); });
}

void ResidentNetworks::drop_idle(Regime active) {
  visit_all_in(active, [](auto& slot) { slot.idle_frames = -1; });
  const auto age = [](auto& slots) {
    for (auto& slot : slots)
      if (++slot.idle_frames > kMostIdleFrames) slot.network.drop();
  };
  age(scenes_);
  age(objects_);
}

Regime ResidentNetworks::start_frame(Regime regime, std::optional<Regime> before) {
  if (before && !is_ready(regime)) regime = *before;
  load(regime);
  if (bundle_.resident == Resident::kActive) drop_idle(regime);
  return regime;
}

std::vector<int> ResidentNetworks::scenes_in(Regime regime) const {
  std::vector<int> numbers;
  for (std::size_t i = 0; i < scenes_.size(); ++i)
    if (contains(scenes_[i].info->regimes, regime)) numbers.push_back(static_cast<int>(i));
  return numbers;
}

const SceneNetwork& ResidentNetworks::scene(int number) const {
  return *scenes_[static_cast<std::size_t>(number)].info;
}

std::vector<Candidate> ResidentNetworks::look(int scene, const Frame& frame, const Window& window,
                                              const Floors& floors, const Findings& seen) {
  SceneSlot& slot = scenes_[static_cast<std::size_t>(scene)];
  if (!are_of_kind(seen, slot.when)) return {};
  Scene& network = slot.network.get();
  std::vector<Candidate> candidates = network.look(frame, window, floors, seen);
  for (Candidate& candidate : candidates) candidate.scene = scene;
  for (std::size_t i = 0; i < slot.heads.size(); ++i)
    if (network.heads_run()[i]) ++head_runs_[slot.heads[i]];
  return candidates;
}

int ResidentNetworks::object_in(Regime regime) const {
  const auto found = std::ranges::find_if(
      objects_, [&](const ObjectSlot& slot) { return contains(slot.info->regimes, regime); });
  return found == objects_.end() ? -1 : static_cast<int>(found - objects_.begin());
}

bool ResidentNetworks::refines(Regime regime, ClassId coarse) const {
  const int object = object_in(regime);
  if (object < 0) return false;
  return std::ranges::any_of(
      objects_[static_cast<std::size_t>(object)].specialists,
      [&](const SpecialistSlot& specialist) { return contains(specialist.refines, coarse); });
}

const Object& ResidentNetworks::look(Regime regime, ClassId coarse, DecodedSnapshot& snapshot,
                                     const Box& box) {
  const int number = object_in(regime);
  if (number < 0)
    throw Error("The bundle '" + bundle_.name + "' has no object network for the regime '" +
                std::string(name_of(regime)) + "', which features come from.");
  ObjectSlot& slot = objects_[static_cast<std::size_t>(number)];
  Object& object = slot.network.get();
  object.look(snapshot, box);
  for (const SpecialistSlot& specialist : slot.specialists)
    if (contains(specialist.refines, coarse)) ++head_runs_[specialist.head];
  return object;
}

std::size_t ResidentNetworks::feature_length() {
  if (!feature_length_)
    feature_length_ = objects_.empty() ? 0 : objects_.front().network.get().feature_length();
  return *feature_length_;
}

std::vector<ActiveNetwork> ResidentNetworks::loaded() const {
  std::vector<ActiveNetwork> networks;
  for (const SceneSlot& slot : scenes_)
    if (const auto* loaded = slot.network.get_if_loaded())
      networks.push_back(loaded->network().description());
  for (const ObjectSlot& slot : objects_)
    if (const auto* loaded = slot.network.get_if_loaded())
      networks.push_back(loaded->network().description());
  return networks;
}

}  // namespace camclassify
