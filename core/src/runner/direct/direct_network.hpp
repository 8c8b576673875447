#pragma once

#include <memory>

#include "camclassify/network.hpp"
#include "onnx/model.hpp"

namespace camclassify {

// Whether the network is made of fused ops only, so that the direct runner can execute it.
bool is_direct(const Model& model);

// Opens a network without ONNX Runtime. All memory is laid out and all weights are packed here;
// run() allocates nothing. Throws BundleError, naming the op and its node, if there is an op that
// is not ours.
std::unique_ptr<Network> open_direct_network(const Model& model,
                                             std::shared_ptr<Workspace> workspace, bool any_size);

}  // namespace camclassify
