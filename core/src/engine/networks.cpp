#include "engine/networks.hpp"

#include <algorithm>

#include "camclassify/error.hpp"

namespace camclassify {
namespace {

template <class T>
bool contains(const std::vector<T>& values, const T& value) {
  return std::ranges::find(values, value) != values.end();
}

}  // namespace

Networks::Networks(const Bundle& bundle, const Taxonomy& taxonomy, const EngineOptions& options)
    : bundle_(bundle), taxonomy_(taxonomy), options_(options) {
  for (const SceneNetwork& info : bundle.scenes) {
    SceneSlot slot{&info, {}, nullptr};
    for (const SceneHead* head : Scene::needed_heads(info, bundle, taxonomy))
      slot.heads.push_back(add_head(info.name, head->name));
    if (!slot.heads.empty()) scenes_.push_back(std::move(slot));
  }
  for (const ObjectNetwork& info : bundle.objects) {
    ObjectSlot slot{&info, {}, nullptr};
    for (const Specialist* specialist : Object::needed_specialists(info, taxonomy)) {
      SpecialistSlot loaded{{}, add_head(info.name, specialist->name)};
      for (const std::string& name : specialist->refines)
        loaded.refines.push_back(taxonomy.find(name));
      slot.specialists.push_back(std::move(loaded));
    }
    objects_.push_back(std::move(slot));
  }
  for (SceneSlot& slot : scenes_)
    if (contains(slot.info->regimes, Regime::kDay)) load(slot);
  const int object = object_in(Regime::kDay);
  if (object >= 0 && !objects_[static_cast<std::size_t>(object)].specialists.empty())
    load(objects_[static_cast<std::size_t>(object)]);
}

std::size_t Networks::add_head(const std::string& network, const std::string& head) {
  heads_.push_back(network + "/" + head);
  head_runs_.push_back(0);
  return heads_.size() - 1;
}

Scene& Networks::load(SceneSlot& slot) {
  if (!slot.loaded) slot.loaded = std::make_unique<Scene>(*slot.info, bundle_, taxonomy_, options_);
  return *slot.loaded;
}

Object& Networks::load(ObjectSlot& slot) {
  if (!slot.loaded) slot.loaded = std::make_unique<Object>(*slot.info, taxonomy_, options_);
  return *slot.loaded;
}

std::vector<int> Networks::scenes_in(Regime regime) const {
  std::vector<int> numbers;
  for (std::size_t i = 0; i < scenes_.size(); ++i)
    if (contains(scenes_[i].info->regimes, regime)) numbers.push_back(static_cast<int>(i));
  return numbers;
}

const InputInfo& Networks::scene_input(int scene) const {
  return scenes_[static_cast<std::size_t>(scene)].info->input;
}

std::vector<Candidate> Networks::look(int scene, const Frame& frame, const Box& region,
                                      const Floors& floors) {
  SceneSlot& slot = scenes_[static_cast<std::size_t>(scene)];
  std::vector<Candidate> candidates = load(slot).look(frame, region, floors);
  for (Candidate& candidate : candidates) candidate.scene = scene;
  for (const std::size_t head : slot.heads) ++head_runs_[head];
  return candidates;
}

int Networks::object_in(Regime regime) const {
  const auto found = std::ranges::find_if(
      objects_, [&](const ObjectSlot& slot) { return contains(slot.info->regimes, regime); });
  return found == objects_.end() ? -1 : static_cast<int>(found - objects_.begin());
}

bool Networks::refines(Regime regime, ClassId coarse) const {
  const int object = object_in(regime);
  if (object < 0) return false;
  return std::ranges::any_of(
      objects_[static_cast<std::size_t>(object)].specialists,
      [&](const SpecialistSlot& specialist) { return contains(specialist.refines, coarse); });
}

const Object& Networks::look(Regime regime, ClassId coarse, Snapshot& snapshot, const Box& box) {
  const int number = object_in(regime);
  if (number < 0)
    throw Error("The bundle '" + bundle_.name + "' has no object network for the regime '" +
                std::string(name_of(regime)) + "', which features come from.");
  ObjectSlot& slot = objects_[static_cast<std::size_t>(number)];
  Object& object = load(slot);
  object.look(snapshot, box);
  for (const SpecialistSlot& specialist : slot.specialists)
    if (contains(specialist.refines, coarse)) ++head_runs_[specialist.head];
  return object;
}

std::vector<ActiveNetwork> Networks::loaded() const {
  std::vector<ActiveNetwork> networks;
  for (const SceneSlot& slot : scenes_)
    if (slot.loaded) networks.push_back(slot.loaded->network().description());
  for (const ObjectSlot& slot : objects_)
    if (slot.loaded) networks.push_back(slot.loaded->network().description());
  return networks;
}

}  // namespace camclassify
