#include "runner/direct/direct_plan.hpp"

#include <algorithm>
#include <map>

#include "camclassify/error.hpp"
#include "memory/checked.hpp"
#include "memory/memory_plan.hpp"
#include "memory/weight_arena.hpp"
#include "ops/op_table.hpp"
#include "runner/direct/model_node.hpp"

namespace camclassify {
namespace {

std::string describe(const Model::Node& node) {
  return "Node '" + node.name + "' (" + node.type + ")";
}

class Planner {
 public:
  Planner(const Model& model, int threads) : model_(model), threads_(threads), known_(model) {}

  DirectPlan plan() {
    for (const auto& input : model_.inputs) add_input(input);
    for (const auto& node : model_.nodes) add_step(node);
    for (const auto& output : model_.outputs) add_output(output);
    place();
    for (std::size_t i = 0; i < plan_.steps.size(); ++i) {
      set_addresses(model_.nodes[i].inputs, plan_.steps[i].inputs);
      set_addresses(model_.nodes[i].outputs, plan_.steps[i].outputs);
    }
    for (const auto& info : plan_.inputs) plan_.input_views.push_back(view(info));
    for (const auto& info : plan_.outputs) plan_.output_views.push_back(view(info));
    return std::move(plan_);
  }

 private:
  struct Tensor {
    DataType type;
    Shape shape;
    Tenancy tenancy;
    std::byte* data = nullptr;
  };

  void add(const std::string& name, DataType type, const Shape& shape, std::size_t step) {
    if (!is_sound(shape)) {
      throw BundleError("Tensor '" + name + "' has no fixed size, or one that is out of range.");
    }
    const std::size_t bytes = static_cast<std::size_t>(element_count(shape)) * size_of(type);
    tensors_.emplace(name, Tensor{type, shape, {bytes, step, step}});
  }

  void add_input(const Model::Value& input) {
    Shape shape = input.shape.value_or(Shape{});
    if (!shape.empty() && shape[0] < 0) shape[0] = 1;
    add(input.name, known_.type(input.name), shape, 0);
    plan_.inputs.push_back({input.name, known_.type(input.name), shape});
    // Callers may fill an input once and run many times, so nothing else may use its memory.
    keep_until_the_end(input.name);
  }

  void add_output(const Model::Value& output) {
    const Shape shape = use(output.name, last_step(), false);
    plan_.outputs.push_back({output.name, known_.type(output.name), shape});
  }

  void add_step(const Model::Node& node) {
    if (!node.fused()) {
      throw BundleError(describe(node) +
                        " is a standard op, which only ONNX Runtime can run. Use " +
                        "the runner onnxruntime, or a network of fused ops.");
    }
    const std::size_t step = plan_.steps.size();
    const ModelNode info(node, known_);
    DirectPlan::Step result{node.name, node.type, make_op(info), {}, {}, 0};
    std::vector<Shape> shapes;
    for (std::size_t i = 0; i < node.inputs.size(); ++i) {
      shapes.push_back(use(node.inputs[i], step, info.was_read(i)));
      result.inputs.push_back({info.input_type(i), shapes.back(), nullptr});
    }
    const auto output_shapes = result.op->infer(shapes);
    for (std::size_t i = 0; i < node.outputs.size(); ++i) {
      if (i >= output_shapes.size()) {
        throw BundleError(describe(node) + " has more outputs than its op makes.");
      }
      result.outputs.push_back({info.output_type(i), output_shapes[i], nullptr});
      if (node.outputs[i].empty()) continue;
      add(node.outputs[i], info.output_type(i), output_shapes[i], step);
    }
    result.scratch_bytes = result.op->scratch_bytes(shapes, threads_);
    plan_.scratch_bytes = std::max(plan_.scratch_bytes, result.scratch_bytes);
    plan_.steps.push_back(std::move(result));
  }

  // Notes that a step reads a tensor, and returns its shape. The value of an initializer is kept
  // unless the op has packed it.
  Shape use(const std::string& name, std::size_t step, bool is_packed) {
    const auto* const initializer = known_.initializer(name);
    if (initializer != nullptr && is_packed) return initializer->shape;
    if (initializer != nullptr && !tensors_.contains(name)) {
      add(name, known_.type(name), initializer->shape, 0);
      keep_until_the_end(name);
    }
    const auto found = tensors_.find(name);
    if (found == tensors_.end()) throw BundleError("Tensor '" + name + "' is used but not made.");
    auto& last = found->second.tenancy.last_step;
    last = std::max(last, step);
    return found->second.shape;
  }

  void keep_until_the_end(const std::string& name) {
    tensors_.at(name).tenancy.last_step = last_step();
  }

  // One step after the last, when the caller reads the outputs.
  std::size_t last_step() const { return model_.nodes.size(); }

  void place() {
    std::vector<Tenancy> tenancies;
    for (const auto& [name, tensor] : tensors_) tenancies.push_back(tensor.tenancy);
    const MemoryPlan places = plan_memory(tenancies);
    plan_.tensors = AlignedBuffer(places.bytes);
    auto offset = places.offsets.begin();
    for (auto& [name, tensor] : tensors_) {
      tensor.data = plan_.tensors.data() + *offset++;
      if (const auto* const initializer = known_.initializer(name)) {
        std::ranges::copy(initializer->data, tensor.data);
      }
    }
  }

  // A tensor that is absent or was packed has none.
  void set_addresses(const std::vector<std::string>& names, std::vector<TensorView>& views) const {
    for (std::size_t i = 0; i < names.size(); ++i) {
      const auto found = tensors_.find(names[i]);
      if (found != tensors_.end()) views[i].data = found->second.data;
    }
  }

  TensorView view(const TensorInfo& info) const {
    return {info.type, info.shape, tensors_.at(info.name).data};
  }

  const Model& model_;
  int threads_;
  ModelTensors known_;
  std::map<std::string, Tensor> tensors_;
  DirectPlan plan_;
};

}  // namespace

DirectPlan plan_direct(const Model& model, int threads) {
  const WeightArena::Scope weights;
  return Planner(model, threads).plan();
}

}  // namespace camclassify
