#include "runner/split_network.hpp"

#include <algorithm>
#include <cstring>
#include <numeric>

#include "camclassify/error.hpp"
#include "onnx/cut.hpp"
#include "runner/thread_pool.hpp"

namespace camclassify {
namespace {

std::size_t index_of(std::span<const TensorInfo> infos, const std::string& name) {
  return static_cast<std::size_t>(std::ranges::find(infos, name, &TensorInfo::name) -
                                  infos.begin());
}

class SplitNetwork final : public Network {
 public:
  SplitNetwork(const CutModel& parts, std::span<const Model::Value> outputs, int threads,
               OpenModel& open)
      : trunk_(open(parts.trunk, threads)),
        pool_(std::min(threads, static_cast<int>(parts.heads.size()))),
        every_head_(parts.heads.size()) {
    std::iota(every_head_.begin(), every_head_.end(), std::size_t{0});
    for (const auto& model : parts.heads) heads_.push_back(make_head(model, open));
    for (const auto& output : outputs) add_output(output.name);
  }

  std::span<const TensorInfo> inputs() const override { return trunk_->inputs(); }
  std::span<const TensorInfo> outputs() const override { return outputs_; }
  TensorView input(std::size_t index) override { return trunk_->input(index); }
  TensorView output(std::size_t index) override {
    const auto& [network, place] = places_.at(index);
    return network->output(place);
  }
  Runner runner() const override { return trunk_->runner(); }

  void run() override {
    run_trunk();
    run_heads(every_head_);
  }

  void run_trunk() override { trunk_->run(); }

  void run_heads(std::span<const std::size_t> heads) override {
    pool_.run(static_cast<int>(heads.size()),
              [&](int i) { run_head(heads_.at(heads[static_cast<std::size_t>(i)])); });
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

  Head make_head(const Model& model, OpenModel& open) const {
    Head head;
    if (model.nodes.empty()) return head;
    head.network = open(model, 1);
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
  std::vector<Head> heads_;
  ThreadPool pool_;
  std::vector<std::size_t> every_head_;
  std::vector<TensorInfo> outputs_;
  std::vector<std::pair<Network*, std::size_t>> places_;  // of the outputs
};

}  // namespace

std::unique_ptr<Network> open_split_network(const Model& model,
                                            std::span<const std::vector<std::string>> heads,
                                            int threads, OpenModel& open) {
  return std::make_unique<SplitNetwork>(cut(model, heads), model.outputs, threads, open);
}

}  // namespace camclassify
