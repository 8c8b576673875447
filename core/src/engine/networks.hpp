#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "engine/object.hpp"
#include "engine/scene.hpp"

namespace camclassify {

// The bundle's networks that serve a wanted class. Each is loaded when its regime first comes up
// and stays loaded: cameras of one home may live in different regimes.
class Networks {
 public:
  // Loads those of the day. All arguments must outlive it. Throws BundleError, Error.
  Networks(const Bundle& bundle, const Taxonomy& taxonomy, const EngineOptions& options);

  // Numbers of the scene networks that run in a regime.
  std::vector<int> scenes_in(Regime regime) const;
  const InputInfo& scene_input(int scene) const;

  // Scene::look(), counted.
  std::vector<Candidate> look(int scene, const Frame& frame, const Box& region,
                              const Floors& floors);

  // Whether a specialist that runs in the regime looks at the class.
  bool refines(Regime regime, ClassId coarse) const;

  // Object::look(), counted: the network that runs in the regime, after it has looked. Throws
  // Error if the bundle has none.
  const Object& look(Regime regime, ClassId coarse, Snapshot& snapshot, const Box& box);

  std::vector<ActiveNetwork> loaded() const;
  const std::vector<std::string>& heads() const { return heads_; }  // "scene/people"
  const std::vector<std::int64_t>& head_runs() const { return head_runs_; }

 private:
  struct SceneSlot {
    const SceneNetwork* info;
    std::vector<std::size_t> heads;  // indices into heads_
    std::unique_ptr<Scene> loaded;
  };
  struct SpecialistSlot {
    std::vector<ClassId> refines;
    std::size_t head;
  };
  struct ObjectSlot {
    const ObjectNetwork* info;
    std::vector<SpecialistSlot> specialists;
    std::unique_ptr<Object> loaded;
  };

  std::size_t add_head(const std::string& network, const std::string& head);
  Scene& load(SceneSlot& slot);
  Object& load(ObjectSlot& slot);
  int object_in(Regime regime) const;  // index into objects_, or -1

  const Bundle& bundle_;
  const Taxonomy& taxonomy_;
  const EngineOptions& options_;
  std::vector<std::string> heads_;
  std::vector<std::int64_t> head_runs_;
  std::vector<SceneSlot> scenes_;
  std::vector<ObjectSlot> objects_;
};

}  // namespace camclassify
