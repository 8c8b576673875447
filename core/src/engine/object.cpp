#include "engine/object.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

#include "camclassify/error.hpp"
#include "engine/box.hpp"

namespace camclassify {
namespace {

WantedOutputs outputs_of(const ObjectNetwork& info,
                         const std::vector<const Specialist*>& specialists) {
  std::vector<std::string> outputs;
  const auto add = [&](const std::string& name) {
    if (!name.empty() && std::ranges::find(outputs, name) == outputs.end()) outputs.push_back(name);
  };
  add(info.features_output);
  for (const Specialist* specialist : specialists) add(specialist->output);
  return {outputs};
}

}  // namespace

std::vector<const Specialist*> Object::needed_specialists(const ObjectNetwork& info,
                                                          const Taxonomy& taxonomy) {
  std::vector<const Specialist*> needed;
  for (const Specialist& specialist : info.specialists)
    if (taxonomy.needs(specialist)) needed.push_back(&specialist);
  return needed;
}

Object::Object(const ObjectNetwork& info, const Taxonomy& taxonomy, const EngineOptions& options,
               std::shared_ptr<Workspace> workspace)
    : Object(info, taxonomy,
             LoadedNetwork(info.name, info.files, info.input,
                           outputs_of(info, needed_specialists(info, taxonomy)), options,
                           std::move(workspace))) {}

Object Object::in(std::shared_ptr<Workspace> workspace) const {
  return {info_, taxonomy_, network_.in(std::move(workspace))};
}

Object::Object(const ObjectNetwork& info, const Taxonomy& taxonomy, LoadedNetwork network)
    : info_(info), taxonomy_(taxonomy), network_(std::move(network)) {
  if (!info.features_output.empty()) features_ = network_.output(info.features_output, 1, 0);
  for (const Specialist* specialist : needed_specialists(info, taxonomy)) {
    LoadedSpecialist loaded{{},
                            {},
                            network_.output(specialist->output, 1, 0),
                            specialist->min_score,
                            specialist->min_margin};
    for (const std::string& name : specialist->refines)
      loaded.refines.push_back(taxonomy.find(name));
    for (const SpecialistClass& entry : specialist->classes) {
      for (const int row : entry.rows)
        if (static_cast<std::size_t>(row) >= loaded.logits.size())
          throw BundleError("The specialist '" + specialist->name + "' names row " +
                            std::to_string(row) + ", but its output has only " +
                            std::to_string(loaded.logits.size()) + ".");
      const ClassId id = taxonomy.find(entry.name);
      loaded.groups.push_back({id, id == kNoClass ? kNoClass : taxonomy.root(id), entry.rows});
    }
    specialists_.push_back(std::move(loaded));
  }
}

void Object::look(DecodedSnapshot& snapshot, const Box& box) {
  const Box crop = clipped(grown(box, info_.crop_margin));
  const InputInfo& input = network_.input();
  network_.run(snapshot.frame_just_for({crop, input.size}, input.fit), crop);
}

ClassId Object::refine(ClassId coarse) const {
  for (const LoadedSpecialist& specialist : specialists_)
    if (std::ranges::find(specialist.refines, coarse) != specialist.refines.end())
      return decide(specialist, coarse);
  return coarse;
}

std::vector<float> Object::group_shares(const LoadedSpecialist& specialist) {
  const float highest = *std::ranges::max_element(specialist.logits);
  float sum = 0;
  for (const float logit : specialist.logits) sum += std::exp(logit - highest);
  std::vector<float> shares;
  for (const Group& group : specialist.groups) {
    float& share = shares.emplace_back(0);
    for (const int row : group.rows)
      share += std::exp(specialist.logits[static_cast<std::size_t>(row)] - highest) / sum;
  }
  return shares;
}

std::vector<KindShare> Object::shares() const {
  std::vector<KindShare> all;
  for (const LoadedSpecialist& specialist : specialists_) {
    std::vector<KindShare> own;
    const std::vector<float> shares = group_shares(specialist);
    for (std::size_t i = 0; i < shares.size(); ++i) {
      const ClassId root = specialist.groups[i].root;
      if (root == kNoClass) continue;
      auto known = std::ranges::find(own, root, &KindShare::root);
      if (known == own.end()) known = own.insert(known, {root});
      known->share += shares[i];
      known->by_chance += static_cast<float>(specialist.groups[i].rows.size()) /
                          static_cast<float>(specialist.logits.size());
    }
    for (const KindShare& each : own) {
      const auto known = std::ranges::find(all, each.root, &KindShare::root);
      if (known == all.end()) {
        all.push_back(each);
      } else if (each.share > known->share) {
        *known = each;
      }
    }
  }
  return all;
}

ClassId Object::decide(const LoadedSpecialist& specialist, ClassId coarse) {
  const std::vector<float> shares = group_shares(specialist);
  ClassId best = kNoClass;
  float score = 0, second = 0;
  for (std::size_t i = 0; i < shares.size(); ++i) {
    const Group& group = specialist.groups[i];
    const float share = shares[i];
    if (share > score) {
      second = score;
      score = share;
      best = group.id;
    } else {
      second = std::max(second, share);
    }
  }
  const bool sure = score >= specialist.min_score && score - second >= specialist.min_margin;
  return sure && best != kNoClass ? best : coarse;
}

std::vector<float> Object::features() const { return {features_.begin(), features_.end()}; }

}  // namespace camclassify
