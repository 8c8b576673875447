#include "engine/loaded_network.hpp"

#include <algorithm>
#include <utility>

#include "camclassify/error.hpp"
#include "engine/fastest_file.hpp"

namespace camclassify {
namespace {

// The files that do what the options say, one of each precision, fused if there is such a one.
std::vector<const NetworkFile*> candidates(const std::vector<NetworkFile>& files,
                                           const EngineOptions& options) {
  std::vector<const NetworkFile*> found;
  for (const Precision precision : {Precision::kInt8, Precision::kFp32}) {
    if (precision != options.precision.value_or(precision)) continue;
    const auto rank = [&](const NetworkFile& file) {
      if (file.precision != precision || (file.fused && !options.fused)) return 0;
      return file.fused ? 2 : 1;
    };
    const auto best = std::ranges::max_element(files, {}, rank);
    if (best != files.end() && rank(*best) > 0) found.push_back(&*best);
  }
  return found;
}

}  // namespace

LoadedNetwork::LoadedNetwork(const std::string& name, const std::vector<NetworkFile>& files,
                             const InputInfo& input, const WantedOutputs& outputs,
                             const EngineOptions& options, std::shared_ptr<Workspace> workspace)
    : name_(name), input_(input) {
  const auto possible = candidates(files, options);
  if (possible.empty())
    throw BundleError("The bundle has no file of the network '" + name +
                      "' that is as asked for. Use the precision 'auto' and fused ops, or a bundle "
                      "that has one: 'camclassify bundle build DIR' writes all.");
  const auto open = [&](const NetworkFile& file, std::shared_ptr<Workspace> where) {
    return open_network(file.path, {.runner = options.runner,
                                    .threads = options.threads,
                                    .outputs = outputs.all,
                                    .heads = outputs.apart,
                                    .any_size = input.sides.has_value(),
                                    .workspace = std::move(where)});
  };
  const auto known = options.speeds.find(name);
  FastestFile fastest = fastest_file(
      possible, options.threads, known == options.speeds.end() ? Speeds{} : known->second, open);
  file_ = std::move(fastest.file);
  speeds_ = fastest.speeds;
  network_ =
      fastest.opened ? fastest.opened->in(std::move(workspace)) : open(file_, std::move(workspace));
  const Shape expected = {1, input.size.height, input.size.width, 3};
  if (network_->inputs().size() != 1 || network_->inputs()[0].name != input.name ||
      network_->inputs()[0].type != DataType::kU8 || network_->inputs()[0].shape != expected)
    fail("must have one input '" + input.name + "' of u8, 1 x " +
         std::to_string(input.size.height) + " x " + std::to_string(input.size.width) + " x 3");
}

LoadedNetwork::LoadedNetwork(std::string name, NetworkFile file, Speeds speeds, InputInfo input,
                             std::unique_ptr<Network> network)
    : name_(std::move(name)),
      file_(std::move(file)),
      speeds_(speeds),
      input_(std::move(input)),
      network_(std::move(network)) {}

LoadedNetwork LoadedNetwork::resized(Size size) const {
  InputInfo input = input_;
  input.size = size;
  const Shape shape = {1, size.height, size.width, 3};
  return {name_, file_, speeds_, std::move(input), network_->with_inputs(std::span(&shape, 1))};
}

LoadedNetwork LoadedNetwork::in(std::shared_ptr<Workspace> workspace) const {
  return {name_, file_, speeds_, input_, network_->in(std::move(workspace))};
}

Placement LoadedNetwork::run(const Frame& frame, const Box& region) {
  const Placement placement = preprocess(frame, region, input_.size, input_.fit, input_.order,
                                         input_.pad, network_->input(0).as<std::uint8_t>());
  network_->run_trunk();
  return placement;
}

std::span<const float> LoadedNetwork::output(const std::string& name, std::int64_t rows,
                                             std::int64_t last_dimension) const {
  const auto outputs = network_->outputs();
  const auto found = std::ranges::find(outputs, name, &TensorInfo::name);
  if (found == outputs.end()) fail("has no output '" + name + "'");
  const bool fits = found->type == DataType::kF32 && !found->shape.empty() &&
                    (last_dimension == 0 || found->shape.back() == last_dimension) &&
                    element_count(found->shape) == rows * found->shape.back();
  if (!fits)
    fail("must have an output '" + name + "' of f32 with " + std::to_string(rows) + " rows" +
         (last_dimension != 0 ? " of " + std::to_string(last_dimension) : ""));
  return network_->output(static_cast<std::size_t>(found - outputs.begin())).as<float>();
}

ActiveNetwork LoadedNetwork::description() const {
  return {name_, network_->runner(), file_.precision, file_.fused, speeds_};
}

void LoadedNetwork::fail(const std::string& problem) const {
  throw BundleError("The network '" + name_ + "' (" + file_.path.string() + ") " + problem + ".");
}

}  // namespace camclassify
