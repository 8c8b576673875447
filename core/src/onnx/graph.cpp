#include "onnx/graph.hpp"

#include <algorithm>
#include <queue>
#include <unordered_map>
#include <unordered_set>

#include "camclassify/error.hpp"

namespace camclassify {
namespace {

// Who makes a tensor: the index of a node, or this for an input or initializer.
constexpr std::size_t kGiven = SIZE_MAX;
using Makers = std::unordered_map<std::string_view, std::size_t>;

Makers find_makers(const Model& model) {
  Makers makers;
  const auto add = [&](std::string_view name, std::size_t maker) {
    if (!makers.emplace(name, maker).second) {
      throw BundleError("The network makes tensor '" + std::string(name) + "' twice.");
    }
  };
  for (const auto& initializer : model.initializers) add(initializer.name, kGiven);
  for (const auto& input : model.inputs) add(input.name, kGiven);
  for (std::size_t i = 0; i < model.nodes.size(); ++i) {
    for (const auto& output : model.nodes[i].outputs) {
      if (!output.empty()) add(output, i);
    }
  }
  return makers;
}

// Files before IR version 4 declare their initializers among the inputs.
void drop_declared_initializers(Model& model) {
  std::unordered_set<std::string_view> names;
  for (const auto& initializer : model.initializers) names.insert(initializer.name);
  std::erase_if(model.inputs, [&](const auto& input) { return names.contains(input.name); });
}

// Nodes whose results each node reads. A tensor captured by a subgraph need not be known: it may be
// the subgraph's own.
std::vector<std::vector<std::size_t>> find_sources(const Model& model, const Makers& makers,
                                                   bool sparse) {
  std::vector<std::vector<std::size_t>> sources(model.nodes.size());
  for (std::size_t i = 0; i < model.nodes.size(); ++i) {
    const auto& node = model.nodes[i];
    for (const auto& input : node.inputs) {
      if (input.empty()) continue;
      const auto maker = makers.find(input);
      if (maker == makers.end()) {
        if (sparse) continue;
        throw BundleError("The network uses tensor '" + input + "' in node '" + node.name + "' (" +
                          node.type + "), but nothing makes it.");
      }
      if (maker->second != kGiven) sources[i].push_back(maker->second);
    }
    for (const auto& tensor : node.captured) {
      const auto maker = makers.find(tensor);
      if (maker != makers.end() && maker->second != kGiven) sources[i].push_back(maker->second);
    }
  }
  return sources;
}

}  // namespace

void check_and_sort(Model& model) {
  drop_declared_initializers(model);
  const Makers makers = find_makers(model);
  for (const auto& output : model.outputs) {
    if (!makers.contains(output.name)) {
      throw BundleError("The network declares output '" + output.name + "', but nothing makes it.");
    }
  }
  const auto sources = find_sources(model, makers, !model.sparse_initializers.empty());
  std::vector<std::vector<std::size_t>> readers(model.nodes.size());
  std::vector<std::size_t> missing(model.nodes.size());
  std::priority_queue<std::size_t, std::vector<std::size_t>, std::greater<>> ready;
  for (std::size_t i = 0; i < sources.size(); ++i) {
    missing[i] = sources[i].size();
    for (const std::size_t source : sources[i]) readers[source].push_back(i);
    if (missing[i] == 0) ready.push(i);
  }
  std::vector<Model::Node> sorted;
  sorted.reserve(model.nodes.size());
  while (!ready.empty()) {
    const std::size_t next = ready.top();
    ready.pop();
    for (const std::size_t reader : readers[next]) {
      if (--missing[reader] == 0) ready.push(reader);
    }
    sorted.push_back(model.nodes[next]);
  }
  if (sorted.size() != model.nodes.size()) {
    const auto stuck = std::ranges::find_if(missing, [](std::size_t count) { return count > 0; });
    const auto& node = model.nodes[static_cast<std::size_t>(stuck - missing.begin())];
    throw BundleError("The network has a cycle that node '" + node.name + "' (" + node.type +
                      ") waits for.");
  }
  model.nodes = std::move(sorted);
}

void prune(Model& model, std::span<const std::string> outputs) {
  std::vector<Model::Value> kept;
  std::unordered_set<std::string_view> needed;
  for (const auto& name : outputs) {
    const auto output = std::ranges::find(model.outputs, name, &Model::Value::name);
    if (output == model.outputs.end()) {
      throw BundleError("The network has no output '" + name + "'.");
    }
    kept.push_back(*output);
    needed.insert(name);
  }
  std::unordered_set<std::string_view> declared;
  for (const auto& output : model.outputs) declared.insert(output.name);
  std::vector<Model::Node> nodes;
  for (std::size_t i = model.nodes.size(); i-- > 0;) {
    const Model::Node& node = model.nodes[i];
    const auto is_needed = [&](const auto& name) { return needed.contains(name); };
    if (std::ranges::none_of(node.outputs, is_needed)) continue;
    needed.insert(node.inputs.begin(), node.inputs.end());
    needed.insert(node.captured.begin(), node.captured.end());
    nodes.push_back(node);
    if (!node.fused()) continue;
    for (auto& name : nodes.back().outputs) {
      if (declared.contains(name) && !needed.contains(name)) name.clear();
    }
  }
  std::ranges::reverse(nodes);
  const auto unneeded = [&](const auto& tensor) { return !needed.contains(tensor.name); };
  std::erase_if(model.initializers, unneeded);
  std::erase_if(model.inputs, unneeded);
  model.nodes = std::move(nodes);
  std::unordered_set<std::string_view> made;
  for (const auto& node : model.nodes) made.insert(node.outputs.begin(), node.outputs.end());
  std::erase_if(model.values, [&](const auto& value) { return !made.contains(value.name); });
  model.outputs = std::move(kept);
}

void open_sizes(Model& model) {
  const auto open = [](Model::Value& value, std::size_t kept_at_ends) {
    if (!value.type || !value.shape) return;
    Shape& shape = *value.shape;
    for (std::size_t i = kept_at_ends; i + kept_at_ends < shape.size(); ++i) shape[i] = -1;
    value.message = {};
  };
  for (auto& input : model.inputs) open(input, 1);
  for (auto* values : {&model.outputs, &model.values})
    for (auto& value : *values) open(value, 0);
}

}  // namespace camclassify
