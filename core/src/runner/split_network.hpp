#pragma once

#include <memory>
#include <span>
#include <string>
#include <vector>

#include "camclassify/network.hpp"
#include "onnx/model.hpp"

namespace camclassify {

// How the parts of a network are opened: the model, what it runs in, and whether with_inputs() will
// be asked for other sizes.
using OpenModel = std::unique_ptr<Network>(const Model& model, std::shared_ptr<Workspace> workspace,
                                           bool any_size);

// Opens a network whose heads (the outputs of each) can be run apart: the trunk on all threads,
// then heads side by side, a thread each. A head reads a copy of what it takes from the trunk.
// Throws BundleError.
std::unique_ptr<Network> open_split_network(const Model& model,
                                            std::span<const std::vector<std::string>> heads,
                                            std::shared_ptr<Workspace> workspace, bool any_size,
                                            OpenModel& open);

}  // namespace camclassify
