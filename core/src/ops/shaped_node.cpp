#include <algorithm>

#include "camclassify/work.hpp"
#include "kernels/kernel_set.hpp"
#include "memory/checked.hpp"
#include "ops/node_reader.hpp"
#include "ops/op_table.hpp"

namespace camclassify {
namespace {

constexpr std::int8_t kLargest = 127;  // two of which are not limited

// A node of which only the shapes are known: biases are zeros, multipliers small, and weights zeros
// unless they are not limited.
class ShapedNode final : public NodeInfo {
 public:
  explicit ShapedNode(const OpShape& op) : op_(op) {
    std::int64_t weights = 0, outputs = 0;
    for (const Shape& shape : op.weights) {
      if (shape.empty() || !is_sound(shape))
        fail(*this, "its weights have no size, or too large a one");
      weights = std::max(weights, element_count(shape));
      outputs = std::max(outputs, shape[0]);
    }
    zeros_.resize(static_cast<std::size_t>(std::max(weights, outputs)));
    large_.assign(static_cast<std::size_t>(weights), kLargest);
    multipliers_.assign(static_cast<std::size_t>(outputs), 1e-6F);
    for (const Shape& shape : op.weights) {
      const Shape vector = {shape[0]};
      const bool limited = !op.int8 || element_count(shape) / shape[0] >= op.limited_from;
      void* zeros = zeros_.data();
      add(op.int8 ? DataType::kS8 : DataType::kF32, shape, limited ? zeros : large_.data());
      add(op.int8 ? DataType::kI32 : DataType::kF32, vector, zeros_.data());
      if (op.int8) add(DataType::kF32, vector, multipliers_.data());
    }
  }

  std::string_view type() const override { return op_.type; }
  std::string_view name() const override { return "described"; }
  std::size_t input_count() const override { return op_.inputs.size() + constants_.size(); }
  std::size_t output_count() const override { return is_head() ? 2 : 1; }
  DataType input_type(std::size_t i) const override {
    if (i >= op_.inputs.size()) return constants_.at(i - op_.inputs.size()).type;
    return op_.int8 || op_.type == "Stem" ? DataType::kU8 : DataType::kF32;
  }
  DataType output_type(std::size_t) const override {
    return op_.int8 && !is_head() ? DataType::kU8 : DataType::kF32;
  }
  std::optional<TensorView> constant(std::size_t i) const override {
    if (i < op_.inputs.size()) return std::nullopt;
    return constants_.at(i - op_.inputs.size());
  }
  std::int64_t integer(std::string_view key, std::int64_t absent) const override {
    return attribute(key, absent);
  }
  float real(std::string_view, float absent) const override { return absent; }
  std::vector<std::int64_t> integers(std::string_view key) const override {
    return attribute(key, std::vector<std::int64_t>());
  }
  std::string text(std::string_view key, std::string_view absent) const override {
    return attribute(key, std::string(absent));
  }

  // As for Op::infer(): the constants have an entry too.
  std::vector<Shape> inputs() const {
    std::vector<Shape> shapes = op_.inputs;
    for (const TensorView& constant : constants_) shapes.push_back(constant.shape);
    return shapes;
  }

 private:
  bool is_head() const { return op_.type == "PooledHead"; }

  void add(DataType type, const Shape& shape, void* data) {
    constants_.push_back({type, shape, static_cast<std::byte*>(data)});
  }

  template <class T>
  T attribute(std::string_view key, T absent) const {
    const auto found = op_.attributes.find(key);
    if (found == op_.attributes.end()) return absent;
    const T* value = std::get_if<T>(&found->second);
    if (!value) fail(*this, "its attribute " + std::string(key) + " has the wrong type");
    return *value;
  }

  const OpShape& op_;
  std::vector<float> zeros_, multipliers_;  // a float holds any element
  std::vector<std::int8_t> large_;
  std::vector<TensorView> constants_;
};

}  // namespace

OpWork op_work(const OpShape& op, int threads, std::string_view instruction_set) {
  const DescribedSet described(instruction_set);
  const ShapedNode node(op);
  return make_op(node)->work(node.inputs(), threads);
}

}  // namespace camclassify
