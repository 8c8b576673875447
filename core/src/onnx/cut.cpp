#include "onnx/cut.hpp"

#include <algorithm>
#include <map>
#include <optional>
#include <set>

#include "camclassify/error.hpp"
#include "onnx/graph.hpp"

namespace camclassify {
namespace {

constexpr int kTrunk = -1;

// For each node, whose it is: a head's by number, the trunk's if several heads need it, nobody's.
class Owners {
 public:
  Owners(const Model& model, std::span<const std::vector<std::string>> heads)
      : nodes_(model.nodes.size()) {
    std::map<std::string_view, int> readers;  // of each tensor that is needed
    const auto claim = [&](std::string_view tensor, int owner) {
      const auto [place, is_new] = readers.emplace(tensor, owner);
      if (!is_new && place->second != owner) place->second = kTrunk;
    };
    for (const auto& output : model.outputs) claim(output.name, head_with(output.name, heads));
    for (std::size_t i = nodes_.size(); i-- > 0;) {
      const Model::Node& node = model.nodes[i];
      for (const auto& name : node.outputs) {
        const auto reader = name.empty() ? readers.end() : readers.find(name);
        if (reader == readers.end()) continue;
        nodes_[i] = nodes_[i].value_or(reader->second) == reader->second ? reader->second : kTrunk;
      }
      if (!nodes_[i]) continue;
      if (reads_picture(model, node)) nodes_[i] = kTrunk;
      for (const auto* const names : {&node.inputs, &node.captured}) {
        for (const auto& name : *names) claim(name, *nodes_[i]);
      }
    }
  }

  // The part of the model whose nodes one owner has.
  Model part(const Model& model, int owner) const {
    Model part = model;
    part.nodes.clear();
    for (std::size_t i = 0; i < nodes_.size(); ++i) {
      if (nodes_[i] == owner) part.nodes.push_back(model.nodes[i]);
    }
    return part;
  }

 private:
  static int head_with(const std::string& output, std::span<const std::vector<std::string>> heads) {
    for (std::size_t i = 0; i < heads.size(); ++i) {
      if (std::ranges::find(heads[i], output) != heads[i].end()) return static_cast<int>(i);
    }
    return kTrunk;
  }

  static bool reads_picture(const Model& model, const Model::Node& node) {
    return std::ranges::any_of(model.inputs, [&](const auto& input) {
      return std::ranges::find(node.inputs, input.name) != node.inputs.end();
    });
  }

  std::vector<std::optional<int>> nodes_;
};

void check_outputs(const Model& model, std::span<const std::vector<std::string>> heads) {
  for (const auto& outputs : heads) {
    for (const auto& name : outputs) {
      if (std::ranges::find(model.outputs, name, &Model::Value::name) == model.outputs.end()) {
        throw BundleError("The network has no output '" + name + "'.");
      }
    }
  }
}

std::set<std::string> made_by(const Model& part) {
  std::set<std::string> names;
  for (const auto& node : part.nodes) names.insert(node.outputs.begin(), node.outputs.end());
  names.erase("");
  return names;
}

// The tensors of the trunk that a head reads.
std::set<std::string> taps_of(const Model& head, const std::set<std::string>& trunk_made) {
  std::set<std::string> taps;
  for (const auto& node : head.nodes) {
    for (const auto* const names : {&node.inputs, &node.captured}) {
      for (const auto& name : *names) {
        if (trunk_made.contains(name)) taps.insert(name);
      }
    }
  }
  return taps;
}

bool is_declared(const Model& model, const std::string& name) {
  const auto* const value = find_value(model, name);
  return value != nullptr && value->type && value->shape;
}

void keep_outputs(Model& part, const std::set<std::string>& made) {
  std::erase_if(part.outputs, [&](const auto& output) { return !made.contains(output.name); });
  std::vector<std::string> names;
  for (const auto& output : part.outputs) names.push_back(output.name);
  prune(part, names);
}

// Cuts off these heads; those that read what the file does not describe are cleared instead.
CutModel try_to_cut(const Model& model, std::vector<std::vector<std::string>>& heads) {
  const Owners owners(model, heads);
  CutModel result{owners.part(model, kTrunk), {}};
  const auto trunk_made = made_by(result.trunk);
  std::set<std::string> all_taps;
  for (std::size_t i = 0; i < heads.size(); ++i) {
    Model head = owners.part(model, static_cast<int>(i));
    head.inputs.clear();
    for (const auto& name : taps_of(head, trunk_made)) {
      if (is_declared(model, name))
        head.inputs.push_back(*find_value(model, name));
      else
        heads[i].clear();
      all_taps.insert(name);
    }
    keep_outputs(head, made_by(head));
    result.heads.push_back(std::move(head));
  }
  for (const auto& name : all_taps) {
    const bool is_output =
        std::ranges::find(model.outputs, name, &Model::Value::name) != model.outputs.end();
    if (!is_output && is_declared(model, name))
      result.trunk.outputs.push_back(*find_value(model, name));
  }
  keep_outputs(result.trunk, trunk_made);
  return result;
}

}  // namespace

CutModel cut(const Model& model, std::span<const std::vector<std::string>> heads) {
  check_outputs(model, heads);
  std::vector<std::vector<std::string>> apart(heads.begin(), heads.end());
  for (;;) {
    const auto before = apart;
    CutModel result = try_to_cut(model, apart);
    if (apart == before) return result;
  }
}

}  // namespace camclassify
