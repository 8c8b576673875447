#pragma once

#include <span>
#include <string>

#include "onnx/model.hpp"

namespace camclassify {

// Checks that every tensor is made exactly once and before it is used, and brings the nodes into
// an order in which they can run, keeping the file's order where that already is one.
// Throws BundleError naming the tensor at fault.
void check_and_sort(Model& model);

// Keeps only what is needed for these outputs, in this order. Of a fused node that makes several
// outputs of the network, the unwanted ones become absent. Throws BundleError if there is no such
// output.
void prune(Model& model, std::span<const std::string> outputs);

// Leaves open what depends on the size of the inputs: all of their dimensions but the first and the
// last, and the shapes of everything that is made of them.
void open_sizes(Model& model);

}  // namespace camclassify
