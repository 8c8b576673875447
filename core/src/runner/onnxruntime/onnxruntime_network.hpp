#pragma once

#include <memory>

#include "camclassify/network.hpp"
#include "onnx/model.hpp"

namespace camclassify {

// Opens a network in ONNX Runtime. Throws Error if that cannot be loaded, BundleError if it refuses
// the network.
std::unique_ptr<Network> open_onnxruntime_network(const Model& model,
                                                  std::shared_ptr<Workspace> workspace,
                                                  bool any_size);

}  // namespace camclassify
