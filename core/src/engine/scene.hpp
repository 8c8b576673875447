#pragma once

#include <array>
#include <optional>
#include <span>
#include <vector>

#include "engine/candidate.hpp"
#include "engine/loaded_network.hpp"
#include "engine/taxonomy.hpp"

namespace camclassify {

// Score below which a candidate is not worth keeping, per class.
using Floors = std::vector<float>;

// A scene network with those of its heads that serve a wanted class.
class Scene {
 public:
  // Throws BundleError, Error.
  Scene(const SceneNetwork& info, const Bundle& bundle, const Taxonomy& taxonomy,
        const EngineOptions& options);

  // The candidates that it sees in a region of the frame, where `seen` are those of networks before
  // it. Those that a border of the region cuts are left out: whoever looks at a region also looks
  // at the whole frame.
  std::vector<Candidate> look(const Frame& frame, const Box& region, const Floors& floors,
                              const Findings& seen);

  // Which of its heads the last look() ran, in the order of needed_heads().
  const std::vector<bool>& heads_run() const { return heads_run_; }

  const InputInfo& input() const { return network_.input(); }
  const LoadedNetwork& network() const { return network_; }

  // Which of the info's heads serve a wanted class.
  static std::vector<const SceneHead*> needed_heads(const SceneNetwork& info, const Bundle& bundle,
                                                    const Taxonomy& taxonomy);

 private:
  struct Head {
    std::span<const float> scores;  // anchors x columns
    std::vector<ClassId> columns;
    std::vector<bool> when;            // kinds that it waits for, by ClassId; empty: for nothing
    std::optional<std::size_t> apart;  // its number among those that do not run with the trunk
  };
  struct Anchor {  // in network pixels
    float x, y, stride;
  };

  // What a look at a region is about.
  struct Window {
    const Placement& placement;
    const Frame& frame;
    const Box& region;
    const Floors& floors;
  };

  void run_heads(std::span<const std::size_t> heads);
  void collect(std::span<const std::size_t> heads, const Window& window,
               std::vector<Candidate>& candidates) const;
  Box to_frame(std::size_t anchor, const Window& window) const;

  LoadedNetwork network_;
  std::vector<Anchor> anchors_;
  std::span<const float> boxes_, objectness_;
  std::vector<Head> heads_;
  std::vector<bool> heads_run_;
  std::vector<std::size_t> likely_anchors_;  // of the last look
};

}  // namespace camclassify
