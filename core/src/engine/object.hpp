#pragma once

#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "engine/decoded_snapshot.hpp"
#include "engine/loaded_network.hpp"
#include "engine/proposals.hpp"
#include "engine/taxonomy.hpp"

namespace camclassify {

// An object network with those of its specialists that can change what is reported.
class Object {
 public:
  // Throws BundleError, Error.
  Object(const ObjectNetwork& info, const Taxonomy& taxonomy, const EngineOptions& options,
         std::shared_ptr<Workspace> workspace);

  // The same for another lane, on the same weights.
  Object in(std::shared_ptr<Workspace> workspace) const;

  // Runs the network on the crop around a box. What follows tells of it until another network runs
  // in the workspace.
  void look(DecodedSnapshot& snapshot, const Box& box);

  // Of the crop last looked at: the class that replaces `coarse`, or `coarse` itself.
  ClassId refine(ClassId coarse) const;

  // Of the crop last looked at: how much of what its specialists see is of the kinds of each root
  // class.
  std::vector<KindShare> shares() const;

  // Of the crop last looked at; empty if the network has none.
  std::vector<float> features() const;

  std::size_t feature_length() const { return features_.size(); }  // 0 if the network has none

  const LoadedNetwork& network() const { return network_; }

  static std::vector<const Specialist*> needed_specialists(const ObjectNetwork& info,
                                                           const Taxonomy& taxonomy);

 private:
  Object(const ObjectNetwork& info, const Taxonomy& taxonomy, LoadedNetwork network);

  struct Group {
    ClassId id, root;
    std::vector<int> rows;
  };
  struct LoadedSpecialist {
    std::vector<ClassId> refines;
    std::vector<Group> groups;
    std::span<const float> logits;
    float min_score, min_margin;
  };

  // Of each group, the part of the softmax that its rows are.
  static std::vector<float> group_shares(const LoadedSpecialist& specialist);
  static ClassId decide(const LoadedSpecialist& specialist, ClassId coarse);

  const ObjectNetwork& info_;
  const Taxonomy& taxonomy_;
  LoadedNetwork network_;
  std::span<const float> features_;
  std::vector<LoadedSpecialist> specialists_;
};

}  // namespace camclassify
