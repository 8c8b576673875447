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
  for (int lane = 0; lane < options.lanes; ++lane)
    workspaces_.push_back(make_workspace(options.threads));
  for (const SceneNetwork& info : bundle.scenes) add_scene(info);
  for (const ObjectNetwork& info : bundle.objects) add_object(info);
  load(Regime::kDay);
  if (bundle.resident == Resident::kAll)
    for (const Regime regime : {Regime::kDusk, Regime::kNight}) is_ready(regime);
}

void ResidentNetworks::add_scene(const SceneNetwork& info) {
  std::vector<std::size_t> heads;
  for (const SceneHead* head : Scene::needed_heads(info, bundle_, taxonomy_))
    heads.push_back(add_head(info.name, head->name));
  if (heads.empty()) return;
  const auto open = [this, &info] {
    return in_lanes(Scene(info, bundle_, taxonomy_, options_, workspaces_.front()));
  };
  SceneSlot& slot = scenes_.emplace_back(info, open);
  if (!info.when.empty()) slot.when = taxonomy_.kinds_of(info.when);
  slot.heads = std::move(heads);
}

void ResidentNetworks::add_object(const ObjectNetwork& info) {
  const auto open = [this, &info] {
    return in_lanes(Object(info, taxonomy_, options_, workspaces_.front()));
  };
  ObjectSlot& slot = objects_.emplace_back(info, open);
  for (const Specialist* specialist : Object::needed_specialists(info, taxonomy_)) {
    SpecialistSlot loaded{{}, add_head(info.name, specialist->name)};
    for (const std::string& name : specialist->refines)
      loaded.refines.push_back(taxonomy_.find(name));
    slot.specialists.push_back(std::move(loaded));
  }
}

template <class T>
std::shared_ptr<ResidentNetworks::InLanes<T>> ResidentNetworks::in_lanes(T first) const {
  auto all = std::make_shared<InLanes<T>>();
  all->reserve(workspaces_.size());
  all->push_back(std::move(first));
  while (all->size() < workspaces_.size())
    all->push_back(all->front().in(workspaces_[all->size()]));
  return all;
}

std::size_t ResidentNetworks::add_head(const std::string& network, const std::string& head) {
  heads_.push_back(network + "/" + head);
  head_runs_.emplace_back(0);
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

std::vector<Candidate> ResidentNetworks::look(int lane, int scene, const Frame& frame,
                                              const Window& window, const Floors& floors,
                                              const Findings& seen) {
  SceneSlot& slot = scenes_[static_cast<std::size_t>(scene)];
  if (!are_of_kind(seen, slot.when)) return {};
  const auto loaded = slot.network.get();
  Scene& network = (*loaded)[static_cast<std::size_t>(lane)];
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

std::shared_ptr<const Object> ResidentNetworks::look(int lane, Regime regime, ClassId coarse,
                                                     DecodedSnapshot& snapshot, const Box& box) {
  const int number = object_in(regime);
  if (number < 0)
    throw Error("The bundle '" + bundle_.name + "' has no object network for the regime '" +
                std::string(name_of(regime)) + "', which features come from.");
  ObjectSlot& slot = objects_[static_cast<std::size_t>(number)];
  const auto loaded = slot.network.get();
  Object& object = (*loaded)[static_cast<std::size_t>(lane)];
  object.look(snapshot, box);
  for (const SpecialistSlot& specialist : slot.specialists)
    if (contains(specialist.refines, coarse)) ++head_runs_[specialist.head];
  return {loaded, &object};
}

std::size_t ResidentNetworks::feature_length() {
  if (feature_length_ < 0) {
    feature_length_ =
        objects_.empty()
            ? 0
            : static_cast<std::int64_t>(objects_.front().network.get()->front().feature_length());
  }
  return static_cast<std::size_t>(feature_length_);
}

std::vector<ActiveNetwork> ResidentNetworks::loaded() {
  std::vector<ActiveNetwork> networks;
  const auto add = [&](auto& slots) {
    for (auto& slot : slots)
      if (const auto loaded = slot.network.get_if_loaded())
        networks.push_back(loaded->front().network().description());
  };
  add(scenes_);
  add(objects_);
  return networks;
}

}  // namespace camclassify
