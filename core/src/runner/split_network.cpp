#include "runner/split_network.hpp"

#include <algorithm>
#include <cstring>
#include <numeric>

#include "camclassify/error.hpp"
#include "onnx/cut.hpp"
#include "runner/workspace.hpp"

namespace camclassify {
namespace {

std::size_t index_of(std::span<const TensorInfo> infos, const std::string& name) {
  return static_cast<std::size_t>(std::ranges::find(infos, name, &TensorInfo::name) -
                                  infos.begin());
}

// What a head that runs beside others runs in. It keeps the whole workspace alive.
std::shared_ptr<Workspace> part_of(const std::shared_ptr<Workspace>& workspace,
                                   std::size_t number) {
  return {workspace, &workspace->part(number)};
}

class SplitNetwork final : public Network {
 public:
  // `heads`: null where the trunk makes all of one.
  SplitNetwork(std::unique_ptr<Network> trunk, std::vector<std::unique_ptr<Network>> heads,
               std::vector<std::string> outputs, std::shared_ptr<Workspace> workspace)
      : trunk_(std::move(trunk)),
        output_names_(std::move(outputs)),
        workspace_(std::move(workspace)),
        every_head_(heads.size()) {
    std::iota(every_head_.begin(), every_head_.end(), std::size_t{0});
    for (auto& head : heads) heads_.push_back(connect(std::move(head)));
    for (const auto& name : output_names_) add_output(name);
  }

  std::span<const TensorInfo> inputs() const override { return trunk_->inputs(); }
  std::span<const TensorInfo> outputs() const override { return outputs_; }
  TensorView input(std::size_t index) override { return trunk_->input(index); }
  TensorView output(std::size_t index) override {
    const auto& [network, place] = places_.at(index);
    return network->output(place);
  }
  Runner runner() const override { return trunk_->runner(); }

  std::unique_ptr<Network> with_inputs(std::span<const Shape> shapes) const override {
    auto trunk = trunk_->with_inputs(shapes);
    std::vector<std::unique_ptr<Network>> heads;
    for (const Head& head : heads_) {
      if (!head.network) {
        heads.push_back(nullptr);
        continue;
      }
      std::vector<Shape> tapped;
      for (const auto& input : head.network->inputs()) {
        tapped.push_back(trunk->outputs()[index_of(trunk->outputs(), input.name)].shape);
      }
      heads.push_back(head.network->with_inputs(tapped));
    }
    return std::make_unique<SplitNetwork>(std::move(trunk), std::move(heads), output_names_,
                                          workspace_);
  }

  std::unique_ptr<Network> in(std::shared_ptr<Workspace> workspace) const override {
    std::vector<std::unique_ptr<Network>> heads;
    for (std::size_t i = 0; i < heads_.size(); ++i) {
      const auto& network = heads_[i].network;
      heads.push_back(network ? network->in(part_of(workspace, i)) : nullptr);
    }
    auto trunk = trunk_->in(workspace);
    return std::make_unique<SplitNetwork>(std::move(trunk), std::move(heads), output_names_,
                                          std::move(workspace));
  }

  void run() override {
    run_trunk();
    run_heads(every_head_);
  }

  void run_trunk() override { trunk_->run(); }

  void run_heads(std::span<const std::size_t> heads) override {
    workspace_->threads().run(static_cast<int>(heads.size()), [&](int i, int) {
      run_head(heads_.at(heads[static_cast<std::size_t>(i)]));
    });
  }

  std::vector<OpInfo> ops() const override {
    std::vector<OpInfo> ops = trunk_->ops();
    for (const auto& head : heads_) {
      if (!head.network) continue;
      const auto own = head.network->ops();
      ops.insert(ops.end(), own.begin(), own.end());
    }
    return ops;
  }

  std::vector<OpTime> profile(int rounds) override {
    run();
    std::vector<OpTime> times = trunk_->profile(rounds);
    for (const auto& head : heads_) {
      if (!head.network) continue;
      const auto own = head.network->profile(rounds);
      times.insert(times.end(), own.begin(), own.end());
    }
    return times;
  }

 private:
  // A copy of what the trunk makes to what a head reads.
  struct Tap {
    const std::byte* from;
    std::byte* to;
    std::size_t bytes;
  };
  struct Head {
    std::unique_ptr<Network> network;  // null if the trunk makes all of it
    std::vector<Tap> taps;
  };

  Head connect(std::unique_ptr<Network> network) const {
    Head head{std::move(network), {}};
    if (!head.network) return head;
    for (std::size_t i = 0; i < head.network->inputs().size(); ++i) {
      const std::string& name = head.network->inputs()[i].name;
      const TensorView from = trunk_->output(index_of(trunk_->outputs(), name));
      const TensorView to = head.network->input(i);
      if (from.type != to.type || from.shape != to.shape) {
        throw BundleError("Tensor '" + name + "' is not what the network declares it to be.");
      }
      head.taps.push_back({from.data, to.data, from.bytes()});
    }
    return head;
  }

  void add_output(const std::string& name) {
    for (const auto& head : heads_) {
      if (head.network && add_output_of(*head.network, name)) return;
    }
    add_output_of(*trunk_, name);
  }

  bool add_output_of(Network& network, const std::string& name) {
    const std::size_t index = index_of(network.outputs(), name);
    if (index == network.outputs().size()) return false;
    outputs_.push_back(network.outputs()[index]);
    places_.emplace_back(&network, index);
    return true;
  }

  static void run_head(const Head& head) {
    if (!head.network) return;
    for (const Tap& tap : head.taps) std::memcpy(tap.to, tap.from, tap.bytes);
    head.network->run();
  }

  std::unique_ptr<Network> trunk_;
  std::vector<std::string> output_names_;
  std::shared_ptr<Workspace> workspace_;
  std::vector<Head> heads_;
  std::vector<std::size_t> every_head_;
  std::vector<TensorInfo> outputs_;
  std::vector<std::pair<Network*, std::size_t>> places_;  // of the outputs
};

}  // namespace

std::unique_ptr<Network> open_split_network(const Model& model,
                                            std::span<const std::vector<std::string>> heads,
                                            std::shared_ptr<Workspace> workspace, bool any_size,
                                            OpenModel& open) {
  const CutModel parts = cut(model, heads);
  auto trunk = open(parts.trunk, workspace, any_size);
  std::vector<std::unique_ptr<Network>> opened;
  for (std::size_t i = 0; i < parts.heads.size(); ++i) {
    const Model& head = parts.heads[i];
    opened.push_back(head.nodes.empty() ? nullptr : open(head, part_of(workspace, i), any_size));
  }
  std::vector<std::string> outputs;
  for (const auto& output : model.outputs) outputs.push_back(output.name);
  return std::make_unique<SplitNetwork>(std::move(trunk), std::move(opened), std::move(outputs),
                                        std::move(workspace));
}

}  // namespace camclassify
