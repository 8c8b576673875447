#pragma once

#include <array>
#include <list>
#include <memory>
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
        const EngineOptions& options, std::shared_ptr<Workspace> workspace);

  // The same for another lane, on the same weights.
  Scene in(std::shared_ptr<Workspace> workspace) const;

  // The candidates that it sees in a window of the frame, where `seen` are those of networks before
  // it. Those that a border of the window cuts are left out: another window has them whole. A
  // network of one size looks at the window's region in that.
  std::vector<Candidate> look(const Frame& frame, const Window& window, const Floors& floors,
                              const Findings& seen);

  // Which of its heads the last look() ran, in the order of needed_heads().
  const std::vector<bool>& heads_run() const { return heads_run_; }

  const LoadedNetwork& network() const { return usual_.network; }

  // Which of the info's heads serve a wanted class.
  static std::vector<const SceneHead*> needed_heads(const SceneNetwork& info, const Bundle& bundle,
                                                    const Taxonomy& taxonomy);

 private:
  struct Head {
    std::string output;
    std::vector<ClassId> columns;
    std::vector<bool> when;            // kinds that it waits for, by ClassId; empty: for nothing
    std::optional<std::size_t> apart;  // its number among those that do not run with the trunk
  };
  struct Anchor {  // in network pixels
    float x, y, stride;
  };
  // The network for pictures of one size, and where its answers are: of its anchors, one after the
  // other.
  struct Sized {
    LoadedNetwork network;
    std::span<const float> boxes, objectness;
    std::vector<std::span<const float>> scores;  // of each head: anchors x columns
  };

  // What a look is about.
  struct Look {
    Sized& sized;
    const Placement& placement;
    const Frame& frame;
    const Box& region;
    const Floors& floors;
  };

  Scene(const SceneNetwork& info, std::vector<Head> heads, LoadedNetwork network);

  static std::vector<Head> make_heads(const SceneNetwork& info, const Bundle& bundle,
                                      const Taxonomy& taxonomy);
  Sized sized(LoadedNetwork network) const;
  Anchor anchor(std::size_t index, Size input) const;
  Sized& at(Size input);
  void run_heads(std::span<const std::size_t> heads, Sized& sized);
  void collect(std::span<const std::size_t> heads, const Look& look,
               std::vector<Candidate>& candidates) const;
  Box to_frame(std::size_t index, const Look& look) const;

  const SceneNetwork& info_;
  std::vector<Head> heads_;
  Sized usual_;
  std::list<Sized> others_;  // those used last, the latest first
  std::vector<bool> heads_run_;
  std::vector<std::size_t> likely_anchors_;  // of the last look
};

}  // namespace camclassify
