#pragma once

#include <atomic>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "engine/loadable.hpp"
#include "engine/object.hpp"
#include "engine/scene.hpp"

namespace camclassify {

// The bundle's networks that serve a wanted class. Those of the day are loaded at the start, others
// in the background: at once if all are to be resident, else when their regime first comes up,
// until no camera has needed them for a while. Each is loaded once and can run in every lane at the
// same time; whoever looks says in which lane, and has it for himself.
class ResidentNetworks {
 public:
  // Loads those of the day. All arguments must outlive it. Throws BundleError, Error.
  ResidentNetworks(const Bundle& bundle, const Taxonomy& taxonomy, const EngineOptions& options);

  // Call once a frame: the regime whose networks are to look at it. That is `regime` if they are
  // loaded; else `before`, whose networks looked at the camera's last frame, while they load.
  // Without `before` it waits. Throws BundleError, Error.
  Regime start_frame(Regime regime, std::optional<Regime> before);

  // Numbers of the scene networks that run in a regime, in their order.
  std::vector<int> scenes_in(Regime regime) const;
  const SceneNetwork& scene(int number) const;

  // Scene::look(), counted; nothing if the network waits for what is not among `seen`.
  std::vector<Candidate> look(int lane, int scene, const Frame& frame, const Window& window,
                              const Floors& floors, const Findings& seen);

  // Whether a specialist that runs in the regime looks at the class.
  bool refines(Regime regime, ClassId coarse) const;

  // Whether there is an object network that runs in the regime.
  bool has_object(Regime regime) const { return object_in(regime) >= 0; }

  // Object::look(), counted: the network that runs in the regime, after it has looked. Throws
  // Error if the bundle has none.
  std::shared_ptr<const Object> look(int lane, Regime regime, ClassId coarse,
                                     DecodedSnapshot& snapshot, const Box& box);

  // Length of the first object network's features, which is loaded for that if it is not yet; 0 if
  // there is none. Throws BundleError, Error.
  std::size_t feature_length();

  std::vector<ActiveNetwork> loaded();
  const std::vector<std::string>& heads() const { return heads_; }  // "scene/people"
  std::vector<std::int64_t> head_runs() const { return {head_runs_.begin(), head_runs_.end()}; }

 private:
  // A network in each lane. The address of one never changes.
  template <class T>
  using InLanes = std::vector<T>;

  struct SceneSlot {
    template <class Load>
    SceneSlot(const SceneNetwork& network_info, Load load) : info(&network_info), network(load) {}

    const SceneNetwork* info;
    std::vector<bool> when;          // kinds that it waits for, by ClassId; empty: for nothing
    std::vector<std::size_t> heads;  // indices into heads_
    Loadable<InLanes<Scene>> network;
    std::atomic<int> idle_frames = 0;
  };
  struct SpecialistSlot {
    std::vector<ClassId> refines;
    std::size_t head;
  };
  struct ObjectSlot {
    template <class Load>
    ObjectSlot(const ObjectNetwork& network_info, Load load) : info(&network_info), network(load) {}

    const ObjectNetwork* info;
    std::vector<SpecialistSlot> specialists;
    Loadable<InLanes<Object>> network;
    std::atomic<int> idle_frames = 0;
  };

  void add_scene(const SceneNetwork& info);
  void add_object(const ObjectNetwork& info);
  template <class T>
  std::shared_ptr<InLanes<T>> in_lanes(T first) const;
  std::size_t add_head(const std::string& network, const std::string& head);
  int object_in(Regime regime) const;  // index into objects_, or -1
  // Calls `visit` with the slot of each network that runs in a regime.
  template <class Visit>
  void visit_all_in(Regime regime, Visit visit);
  bool is_ready(Regime regime);
  void load(Regime regime);
  void drop_idle(Regime active);

  const Bundle& bundle_;
  const Taxonomy& taxonomy_;
  const EngineOptions& options_;
  std::vector<std::shared_ptr<Workspace>> workspaces_;  // of the lanes
  std::vector<std::string> heads_;
  std::deque<std::atomic<std::int64_t>> head_runs_;
  std::deque<SceneSlot> scenes_;
  std::deque<ObjectSlot> objects_;
  std::atomic<std::int64_t> feature_length_ = -1;  // below 0 until it is known
};

}  // namespace camclassify
