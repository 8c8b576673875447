#include "runner/direct/direct_plan.hpp"

#include <algorithm>
#include <map>
#include <set>

#include "camclassify/error.hpp"
#include "memory/checked.hpp"
#include "memory/memory_plan.hpp"
#include "memory/weight_arena.hpp"
#include "ops/op_table.hpp"
#include "runner/direct/model_node.hpp"

namespace camclassify {
namespace {

std::string describe(const std::string& name, const std::string& type) {
  return "Node '" + name + "' (" + type + ")";
}

class ProgramMaker {
 public:
  explicit ProgramMaker(const Model& model) : model_(model), known_(model) {}

  DirectProgram make() {
    for (const auto& input : model_.inputs) {
      Shape shape = input.shape.value_or(Shape{});
      if (!shape.empty() && shape[0] < 0) shape[0] = 1;
      program_.inputs.push_back({input.name, known_.type(input.name), std::move(shape)});
    }
    for (const auto& node : model_.nodes) add_node(node);
    for (const auto& output : model_.outputs) {
      keep_constant(output.name);
      program_.outputs.emplace_back(output.name, known_.type(output.name));
    }
    return std::move(program_);
  }

 private:
  void add_node(const Model::Node& node) {
    if (!node.fused()) {
      throw BundleError(describe(node.name, node.type) +
                        " is a standard op, which only ONNX Runtime can run. Use " +
                        "the runner onnxruntime, or a network of fused ops.");
    }
    const ModelNode info(node, known_);
    DirectProgram::Node result{node.name, node.type, make_op(info), {}, {}};
    for (std::size_t i = 0; i < node.inputs.size(); ++i) {
      const auto* const initializer = known_.initializer(node.inputs[i]);
      const bool is_packed = initializer != nullptr && info.was_read(i);
      if (!is_packed) keep_constant(node.inputs[i]);
      result.inputs.push_back({node.inputs[i], info.input_type(i), is_packed,
                               initializer != nullptr ? initializer->shape : Shape{}});
    }
    for (std::size_t i = 0; i < node.outputs.size(); ++i) {
      result.outputs.push_back({node.outputs[i], info.output_type(i)});
    }
    program_.nodes.push_back(std::move(result));
  }

  void keep_constant(const std::string& name) {
    const auto* const initializer = known_.initializer(name);
    if (initializer == nullptr || !kept_.insert(name).second) return;
    PackedBytes data(initializer->data.size());
    std::ranges::copy(initializer->data, data.as<std::byte>());
    program_.constants.emplace_back(
        name, DirectProgram::Constant{known_.type(name), initializer->shape, std::move(data)});
  }

  const Model& model_;
  ModelTensors known_;
  std::set<std::string> kept_;
  DirectProgram program_;
};

class Planner {
 public:
  Planner(const DirectProgram& program, std::span<const Shape> inputs, Workspace& workspace)
      : program_(program), input_shapes_(inputs), workspace_(workspace) {}

  DirectPlan plan() {
    for (std::size_t i = 0; i < program_.inputs.size(); ++i) add_input(i);
    for (const auto& [name, constant] : program_.constants) add_constant(name, constant);
    for (const auto& node : program_.nodes) add_step(node);
    for (const auto& [name, type] : program_.outputs) {
      plan_.outputs.push_back({name, type, use(name, last_step())});
    }
    place();
    for (auto& step : plan_.steps) {
      set_addresses(step.node->inputs, step.inputs);
      set_addresses(step.node->outputs, step.outputs);
    }
    for (const auto& info : plan_.inputs) plan_.input_views.push_back(view(info));
    for (const auto& info : plan_.outputs) plan_.output_views.push_back(view(info));
    return std::move(plan_);
  }

 private:
  struct Tensor {
    Shape shape;
    Tenancy tenancy;
    std::byte* data = nullptr;
  };

  void add(const std::string& name, DataType type, const Shape& shape, std::size_t step) {
    if (!is_sound(shape)) {
      throw BundleError("Tensor '" + name + "' has no fixed size, or one that is out of range.");
    }
    const std::size_t bytes = static_cast<std::size_t>(element_count(shape)) * size_of(type);
    tensors_.emplace(name, Tensor{shape, {bytes, step, step}});
  }

  // Lies with the program, and takes no memory of the workspace.
  void add_constant(const std::string& name, const DirectProgram::Constant& constant) {
    add(name, constant.type, constant.shape, 0);
    tensors_.at(name).data = const_cast<std::byte*>(constant.data.data());  // no op writes to it
  }

  void add_input(std::size_t index) {
    const TensorInfo& input = program_.inputs[index];
    add(input.name, input.type, input_shapes_[index], 0);
    plan_.inputs.push_back({input.name, input.type, input_shapes_[index]});
  }

  void add_step(const DirectProgram::Node& node) {
    const std::size_t step = plan_.steps.size();
    DirectPlan::Step result{&node, {}, {}, 0};
    result.inputs.reserve(node.inputs.size());
    result.outputs.reserve(node.outputs.size());
    std::vector<Shape> shapes;
    for (const auto& input : node.inputs) {
      shapes.push_back(input.is_packed ? input.shape : use(input.name, step));
      result.inputs.push_back({input.type, input.is_packed ? Shape{} : shapes.back(), nullptr});
    }
    const auto output_shapes = node.op->infer(shapes);
    for (std::size_t i = 0; i < node.outputs.size(); ++i) {
      if (i >= output_shapes.size()) {
        throw BundleError(describe(node.name, node.type) + " has more outputs than its op makes.");
      }
      const auto& [name, type, is_packed, shape] = node.outputs[i];
      result.outputs.push_back({type, output_shapes[i], nullptr});
      if (!name.empty()) add(name, type, output_shapes[i], step);
    }
    result.scratch_bytes = node.op->scratch_bytes(shapes, workspace_.threads().threads());
    scratch_bytes_ = std::max(scratch_bytes_, result.scratch_bytes);
    plan_.steps.push_back(std::move(result));
  }

  // Notes that a step reads a tensor, and returns its shape.
  Shape use(const std::string& name, std::size_t step) {
    const auto found = tensors_.find(name);
    if (found == tensors_.end()) throw BundleError("Tensor '" + name + "' is used but not made.");
    auto& last = found->second.tenancy.last_step;
    last = std::max(last, step);
    return found->second.shape;
  }

  // One step after the last, when the caller reads the outputs.
  std::size_t last_step() const { return program_.nodes.size(); }

  void place() {
    std::vector<Tenancy> tenancies;
    for (const auto& [name, tensor] : tensors_)
      if (tensor.data == nullptr) tenancies.push_back(tensor.tenancy);
    const MemoryPlan places = plan_memory(tenancies);
    plan_.memory = workspace_.memory().reserve((Checked(places.bytes) + scratch_bytes_).value());
    plan_.scratch = plan_.memory.get() + places.bytes;
    auto offset = places.offsets.begin();
    for (auto& [name, tensor] : tensors_)
      if (tensor.data == nullptr) tensor.data = plan_.memory.get() + *offset++;
  }

  // A tensor that is absent or was packed has none.
  void set_addresses(const std::vector<DirectProgram::Tensor>& tensors,
                     std::vector<TensorView>& views) const {
    for (std::size_t i = 0; i < tensors.size(); ++i) {
      const auto found = tensors_.find(tensors[i].name);
      if (found != tensors_.end()) views[i].data = found->second.data;
    }
  }

  TensorView view(const TensorInfo& info) const {
    return {info.type, info.shape, tensors_.at(info.name).data};
  }

  const DirectProgram& program_;
  std::span<const Shape> input_shapes_;
  Workspace& workspace_;
  std::map<std::string, Tensor> tensors_;
  std::size_t scratch_bytes_ = 0;
  DirectPlan plan_;
};

}  // namespace

DirectProgram make_program(const Model& model) {
  const WeightArena::Scope weights;
  return ProgramMaker(model).make();
}

DirectPlan plan_direct(const DirectProgram& program, std::span<const Shape> inputs,
                       Workspace& workspace) {
  return Planner(program, inputs, workspace).plan();
}

}  // namespace camclassify
