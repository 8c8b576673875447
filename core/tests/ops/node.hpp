#pragma once

#include <map>
#include <string>
#include <vector>

#include "ops/op.hpp"
#include "ops/tensor.hpp"

namespace camclassify::testing {

// A node of a network, as a test writes it down.
struct Node final : NodeInfo {
  std::string op;
  std::vector<Tensor> activations;
  std::vector<Tensor> constants;
  std::vector<DataType> outputs;
  std::map<std::string, std::int64_t, std::less<>> integer_attributes;
  std::map<std::string, float, std::less<>> real_attributes;
  std::map<std::string, std::vector<std::int64_t>, std::less<>> list_attributes;
  std::map<std::string, std::string, std::less<>> text_attributes;

  std::string_view type() const override { return op; }
  std::string_view name() const override { return "tested"; }
  std::size_t input_count() const override { return activations.size() + constants.size(); }
  std::size_t output_count() const override { return outputs.size(); }
  DataType input_type(std::size_t i) const override { return input(i).type(); }
  DataType output_type(std::size_t i) const override { return outputs.at(i); }
  std::optional<TensorView> constant(std::size_t i) const override {
    if (i < activations.size()) return std::nullopt;
    return input(i).view();
  }
  std::int64_t integer(std::string_view key, std::int64_t absent) const override {
    const auto found = integer_attributes.find(key);
    return found == integer_attributes.end() ? absent : found->second;
  }
  float real(std::string_view key, float absent) const override {
    const auto found = real_attributes.find(key);
    return found == real_attributes.end() ? absent : found->second;
  }
  std::vector<std::int64_t> integers(std::string_view key) const override {
    const auto found = list_attributes.find(key);
    return found == list_attributes.end() ? std::vector<std::int64_t>{} : found->second;
  }
  std::string text(std::string_view key, std::string_view absent) const override {
    const auto found = text_attributes.find(key);
    return found == text_attributes.end() ? std::string(absent) : found->second;
  }

  const Tensor& input(std::size_t i) const {
    return i < activations.size() ? activations[i] : constants.at(i - activations.size());
  }
};

// Runs the node's op on its activations. Outputs that are not `wanted` stay zero.
std::vector<Tensor> run(const Op& op, const Node& node, int threads = 1,
                        const std::vector<bool>& wanted = {});

// What the node's op says that it does.
OpWork work(const Node& node, int threads = 1);

// Multiply-adds of an op's products as their tiles do them, those of empty lanes included.
std::int64_t tiled_multiply_adds(const OpWork& work);

// Makes the op and runs it.
std::vector<Tensor> run(const Node& node, int threads = 1, const std::vector<bool>& wanted = {});

// Checks that the op gives what the reference gives, int8 exactly and fp32 within 1e-5 of the
// largest magnitude, and the same bytes with 1, 2 and 3 threads.
void check_against_reference(const Node& node);

}  // namespace camclassify::testing
