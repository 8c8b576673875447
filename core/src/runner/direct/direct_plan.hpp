#pragma once

#include <memory>
#include <string>
#include <vector>

#include "camclassify/network.hpp"
#include "memory/aligned_buffer.hpp"
#include "onnx/model.hpp"
#include "ops/op.hpp"

namespace camclassify {

// Everything about a run of a network that does not change from frame to frame.
struct DirectPlan {
  struct Step {
    std::string name, type;  // of the node
    std::unique_ptr<Op> op;
    std::vector<TensorView> inputs, outputs;
    std::size_t scratch_bytes = 0;
  };

  std::vector<Step> steps;  // in the order in which they run
  std::vector<TensorInfo> inputs, outputs;
  std::vector<TensorView> input_views, output_views;
  std::size_t scratch_bytes = 0;  // of the step that needs most
  AlignedBuffer tensors;          // all that are read or written in a run
};

// Makes the ops and lays out the memory. Throws BundleError, naming the op and its node, if there
// is an op that is not ours, or if anything does not fit together.
DirectPlan plan_direct(const Model& model, int threads);

}  // namespace camclassify
