#pragma once

#include <memory>
#include <span>
#include <string>
#include <vector>

#include "camclassify/network.hpp"
#include "memory/aligned_buffer.hpp"
#include "onnx/model.hpp"
#include "ops/op.hpp"

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
    std::vector<std::byte> data;
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
    std::vector<TensorView> inputs, outputs;
    std::size_t scratch_bytes = 0;
  };

  std::vector<Step> steps;  // in the order in which they run
  std::vector<TensorInfo> inputs, outputs;
  std::vector<TensorView> input_views, output_views;
  std::size_t scratch_bytes = 0;  // of the step that needs most
  AlignedBuffer tensors;          // all that are read or written in a run
};

// Lays out the memory for inputs of these shapes. `program` must outlive the plan. Throws
// BundleError if anything does not fit together.
DirectPlan plan_direct(const DirectProgram& program, std::span<const Shape> inputs, int threads);

}  // namespace camclassify
