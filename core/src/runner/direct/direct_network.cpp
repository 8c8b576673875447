#include "runner/direct/direct_network.hpp"

#include <algorithm>
#include <chrono>

#include "runner/direct/direct_plan.hpp"
#include "runner/workspace.hpp"

namespace camclassify {
namespace {

class DirectNetwork final : public Network {
 public:
  DirectNetwork(std::shared_ptr<const DirectProgram> program, std::span<const Shape> inputs,
                std::shared_ptr<Workspace> workspace)
      : program_(std::move(program)),
        workspace_(std::move(workspace)),
        plan_(plan_direct(*program_, inputs, *workspace_)) {}

  std::span<const TensorInfo> inputs() const override { return plan_.inputs; }
  std::span<const TensorInfo> outputs() const override { return plan_.outputs; }
  TensorView input(std::size_t index) override { return plan_.input_views.at(index); }
  TensorView output(std::size_t index) override { return plan_.output_views.at(index); }
  Runner runner() const override { return Runner::kDirect; }

  std::unique_ptr<Network> with_inputs(std::span<const Shape> shapes) const override {
    check_inputs(inputs(), shapes);
    return std::make_unique<DirectNetwork>(program_, shapes, workspace_);
  }

  std::unique_ptr<Network> in(std::shared_ptr<Workspace> workspace) const override {
    std::vector<Shape> shapes;
    for (const auto& input : plan_.inputs) shapes.push_back(input.shape);
    return std::make_unique<DirectNetwork>(program_, shapes, std::move(workspace));
  }

  void run() override {
    for (const auto& step : plan_.steps) run(step);
  }

  std::vector<OpInfo> ops() const override {
    const auto shapes_of = [](const std::vector<DirectProgram::Tensor>& tensors,
                              const std::vector<TensorView>& views) {
      std::vector<Shape> shapes;
      shapes.reserve(views.size());
      for (std::size_t i = 0; i < views.size(); ++i) {
        shapes.push_back(tensors[i].is_packed ? tensors[i].shape : views[i].shape);
      }
      return shapes;
    };
    std::vector<OpInfo> ops;
    ops.reserve(plan_.steps.size());
    for (const auto& step : plan_.steps) {
      std::vector<Shape> inputs = shapes_of(step.node->inputs, step.inputs);
      OpWork work = step.node->op->work(inputs, workspace_->threads().threads());
      ops.push_back({step.node->name, step.node->type, std::move(inputs),
                     shapes_of(step.node->outputs, step.outputs), std::move(work)});
    }
    return ops;
  }

  std::vector<OpTime> profile(int rounds) override {
    check_rounds(rounds);
    std::vector<std::vector<double>> times(plan_.steps.size());
    for (int round = 0; round < rounds; ++round) {
      for (std::size_t i = 0; i < plan_.steps.size(); ++i) {
        const auto start = std::chrono::steady_clock::now();
        run(plan_.steps[i]);
        const std::chrono::duration<double, std::milli> time =
            std::chrono::steady_clock::now() - start;
        times[i].push_back(time.count());
      }
    }
    std::vector<OpTime> result;
    for (std::size_t i = 0; i < times.size(); ++i) {
      const auto middle = times[i].begin() + rounds / 2;
      std::ranges::nth_element(times[i], middle);
      result.push_back({plan_.steps[i].node->name, plan_.steps[i].node->type, *middle});
    }
    return result;
  }

 private:
  void run(const DirectPlan::Step& step) {
    step.node->op->run(step.inputs, step.outputs, {plan_.scratch, step.scratch_bytes},
                       workspace_->threads());
  }

  std::shared_ptr<const DirectProgram> program_;
  std::shared_ptr<Workspace> workspace_;
  DirectPlan plan_;
};

}  // namespace

bool is_direct(const Model& model) { return std::ranges::all_of(model.nodes, &Model::Node::fused); }

std::unique_ptr<Network> open_direct_network(const Model& model,
                                             std::shared_ptr<Workspace> workspace,
                                             bool /*any_size*/) {
  auto program = std::make_shared<const DirectProgram>(make_program(model));
  std::vector<Shape> shapes;
  shapes.reserve(program->inputs.size());
  for (const auto& input : program->inputs) shapes.push_back(input.shape);
  return std::make_unique<DirectNetwork>(std::move(program), shapes, std::move(workspace));
}

}  // namespace camclassify
