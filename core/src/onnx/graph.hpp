#pragma once

#include "onnx/model.hpp"

namespace camclassify {

// Checks that every tensor is made exactly once and before it is used, and brings the nodes into
// an order in which they can run, keeping the file's order where that already is one.
// Throws BundleError naming the tensor at fault.
void check_and_sort(Model& model);

}  // namespace camclassify
