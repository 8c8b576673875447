#pragma once

#include <memory>
#include <string>
#include <vector>

#include "camclassify/bundle.hpp"
#include "camclassify/engine.hpp"
#include "camclassify/network.hpp"

namespace camclassify {

// What is wanted of a network: all outputs, and those of each head that is to be run apart.
struct WantedOutputs {
  std::vector<std::string> all;
  std::vector<std::vector<std::string>> apart = {};
};

// A network of the bundle, opened with the outputs that are wanted, and fed from frames.
class LoadedNetwork {
 public:
  // Throws BundleError, Error.
  LoadedNetwork(const std::string& name, const std::vector<NetworkFile>& files,
                const InputInfo& input, const WantedOutputs& outputs, const EngineOptions& options,
                std::shared_ptr<Workspace> workspace);

  // The same network, its weights and its workspace shared, for pictures of another size. Throws
  // BundleError.
  LoadedNetwork resized(Size size) const;

  // The same network, its weights shared, in the workspace of another lane.
  LoadedNetwork in(std::shared_ptr<Workspace> workspace) const;

  // Runs it on a region of a frame, but for the heads that are run apart.
  Placement run(const Frame& frame, const Box& region);

  // Runs these of the heads that are run apart, by number, on what run() saw last.
  void run_heads(std::span<const std::size_t> heads) { network_->run_heads(heads); }

  // f32 values that stay at their address, until another network runs in the workspace.
  // `last_dimension` must be the tensor's, unless 0, and the rest multiply to `rows`. Throws
  // BundleError.
  std::span<const float> output(const std::string& name, std::int64_t rows,
                                std::int64_t last_dimension) const;

  const InputInfo& input() const { return input_; }
  ActiveNetwork description() const;

 private:
  LoadedNetwork(std::string name, NetworkFile file, Speeds speeds, InputInfo input,
                std::unique_ptr<Network> network);
  [[noreturn]] void fail(const std::string& problem) const;

  std::string name_;
  NetworkFile file_;
  Speeds speeds_;
  InputInfo input_;
  std::unique_ptr<Network> network_;
};

}  // namespace camclassify
