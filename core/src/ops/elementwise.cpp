#include <algorithm>
#include <array>
#include <cmath>
#include <functional>
#include <string>
#include <string_view>

#include "ops/any_shape.hpp"
#include "ops/node_reader.hpp"
#include "ops/op_table.hpp"

namespace camclassify {
namespace {

// A row of results. Steps are 1, or 0 where an operand has one element for the row.
using Row = void (*)(const float* a, std::int64_t a_step, const float* b, std::int64_t b_step,
                     float* dst, std::int64_t length);

// The compiler makes vectors of loops whose steps it knows.
template <class Operator>
void binary_row(const float* a, std::int64_t a_step, const float* b, std::int64_t b_step,
                float* dst, std::int64_t length) {
  const Operator apply;
  if (a_step == 1 && b_step == 1) {
    for (std::int64_t i = 0; i < length; ++i) dst[i] = apply(a[i], b[i]);
  } else if (a_step == 1) {
    for (std::int64_t i = 0; i < length; ++i) dst[i] = apply(a[i], *b);
  } else {
    for (std::int64_t i = 0; i < length; ++i) dst[i] = apply(*a, b[i * b_step]);
  }
}

struct Larger {
  float operator()(float a, float b) const { return std::max(a, b); }
};
struct Smaller {
  float operator()(float a, float b) const { return std::min(a, b); }
};

template <float (*kFunction)(float)>
void unary_row(const float* a, std::int64_t, const float*, std::int64_t, float* dst,
               std::int64_t length) {
  std::transform(a, a + length, dst, kFunction);
}

void sigmoid_row(const float* a, std::int64_t, const float*, std::int64_t, float* dst,
                 std::int64_t length) {
  std::copy_n(a, length, dst);
  kernel_set().sigmoid(dst, static_cast<std::size_t>(length), false);
}

float exponential(float x) { return std::exp(x); }
float logarithm(float x) { return std::log(x); }

struct Kind {
  std::string_view name;
  std::size_t operands;
  Row row;
};

constexpr std::array<Kind, 9> kKinds = {{
    {"add", 2, binary_row<std::plus<float>>},
    {"subtract", 2, binary_row<std::minus<float>>},
    {"multiply", 2, binary_row<std::multiplies<float>>},
    {"divide", 2, binary_row<std::divides<float>>},
    {"maximum", 2, binary_row<Larger>},
    {"minimum", 2, binary_row<Smaller>},
    {"sigmoid", 1, sigmoid_row},
    {"exponential", 1, unary_row<exponential>},
    {"logarithm", 1, unary_row<logarithm>},
}};

// Arithmetic of one or two tensors; axes of one element are repeated, missing ones stand in front.
class Elementwise final : public AnyShapeOp {
 public:
  explicit Elementwise(const NodeInfo& node) : AnyShapeOp(node) {
    const std::string name = node.text("kind", "");
    const auto* const kind = std::ranges::find(kKinds, name, &Kind::name);
    if (kind == kKinds.end()) fail(node, "kind '" + name + "' is none that this op knows");
    kind_ = kind;
    if (inputs_.count() != kind_->operands || node.output_count() != 1) {
      fail(node, "it has too many inputs or outputs, or too few");
    }
  }

  std::vector<Shape> infer_shapes(std::span<const Shape> inputs) const override {
    Shape shape = inputs_.shape(inputs, 0);
    if (kind_->operands == 1) return {shape};
    Shape other = inputs_.shape(inputs, 1);
    const std::size_t axes = std::max(shape.size(), other.size());
    shape.insert(shape.begin(), axes - shape.size(), 1);
    other.insert(other.begin(), axes - other.size(), 1);
    for (std::size_t axis = 0; axis < axes; ++axis) {
      if (shape[axis] != other[axis] && shape[axis] != 1 && other[axis] != 1) {
        throw BundleError("An Elementwise node's inputs differ in shape.");
      }
      shape[axis] = std::max(shape[axis], other[axis]);
    }
    return {shape};
  }

  void compute(std::span<const TensorView> inputs, std::span<const TensorView> outputs,
               std::span<std::byte>, Parallel&) const override {
    const Shape& whole = outputs[0].shape;
    auto* dst = reinterpret_cast<float*>(outputs[0].data);
    const float* first = inputs_.data(inputs, 0);
    if (kind_->operands == 1) {
      return kind_->row(first, 1, nullptr, 0, dst, element_count(whole));
    }
    const float* second = inputs_.data(inputs, 1);
    const Shape a = strides_in(whole, inputs_.shape(inputs, 0));
    const Shape b = strides_in(whole, inputs_.shape(inputs, 1));
    const std::int64_t length = whole.empty() ? 1 : whole.back();
    const std::int64_t a_step = whole.empty() ? 0 : a.back();
    const std::int64_t b_step = whole.empty() ? 0 : b.back();
    for_each_row<2>(whole, {a, b}, [&](const std::array<std::int64_t, 2>& offsets) {
      kind_->row(first + offsets[0], a_step, second + offsets[1], b_step, dst, length);
      dst += length;
    });
  }

 private:
  // Of a tensor whose elements are repeated to fill `whole`.
  static Shape strides_in(const Shape& whole, const Shape& shape) {
    Shape strides = dense_strides(shape);
    for (std::size_t axis = 0; axis < shape.size(); ++axis) {
      if (shape[axis] == 1) strides[axis] = 0;
    }
    strides.insert(strides.begin(), whole.size() - shape.size(), 0);
    return strides;
  }

  const Kind* kind_ = nullptr;
};

}  // namespace

constinit const OpType kElementwise = {"Elementwise", make<Elementwise>};

}  // namespace camclassify
