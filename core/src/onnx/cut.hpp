#pragma once

#include <span>
#include <string>
#include <vector>

#include "onnx/model.hpp"

namespace camclassify {

// A model cut where its heads leave the trunk.
struct CutModel {
  Model trunk;  // its outputs: those that it makes, then the tensors that heads read
  std::vector<Model>
      heads;  // one for each that was asked for; without nodes if the trunk makes all
};

// Cuts off the nodes that serve one head only. What reads the network's input stays in the trunk,
// and so does a head that reads a tensor whose type and shape the file does not declare.
// `heads`: the outputs of each. Throws BundleError if there is no such output.
CutModel cut(const Model& model, std::span<const std::vector<std::string>> heads);

}  // namespace camclassify
