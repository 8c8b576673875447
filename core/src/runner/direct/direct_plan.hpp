#pragma once

#include <memory>
#include <span>
#include <string>
#include <vector>

#include "camclassify/network.hpp"
#include "memory/weight_arena.hpp"
#include "onnx/model.hpp"
#include "ops/op.hpp"
#include "runner/workspace.hpp"

namespace camclassify {

// A network as the direct runner executes it, whatever the size of its inputs: its ops with their
// packed weights, and how they are connected. Needs nothing of the file that it was read from.
struct DirectProgram {
  struct Tensor {
    std::string name;  // "" where an optional one is absent
    DataType type = DataType::kF32;
    bool is_packed = false;  // a constant that its op has taken
    Shape shape = {};        // of a constant
  };
  struct Node {
    std::string name, type;
    std::unique_ptr<const Op> op;
    std::vector<Tensor> inputs, outputs;
  };
  struct Constant {
    DataType type;
    Shape shape;
    PackedBytes data;
  };

  std::vector<TensorInfo> inputs;  // as the file declares them
  std::vector<Node> nodes;         // in the order in which they run
  std::vector<std::pair<std::string, DataType>> outputs;
  std::vector<std::pair<std::string, Constant>> constants;  // that ops read in every run
};

// Makes the ops. Throws BundleError, naming the op and its node, if there is an op that is not ours
// or that its node does not fit.
DirectProgram make_program(const Model& model);

// Everything about a run of a network that does not change from frame to frame.
struct DirectPlan {
  struct Step {
    const DirectProgram::Node* node;
    std::vector<TensorView> inputs, outputs;  // of what its op has packed without shape and data
    std::size_t scratch_bytes = 0;
  };

  std::vector<Step> steps;  // in the order in which they run
  std::vector<TensorInfo> inputs, outputs;
  std::vector<TensorView> input_views, output_views;
  std::byte* scratch = nullptr;       // of every step
  std::shared_ptr<std::byte> memory;  // of the workspace: the tensors, then the scratch
};

// Lays out the workspace's memory for inputs of these shapes. `program` must outlive the plan.
// Throws BundleError if anything does not fit together, Error if there is not enough memory.
DirectPlan plan_direct(const DirectProgram& program, std::span<const Shape> inputs,
                       Workspace& workspace);

}  // namespace camclassify
