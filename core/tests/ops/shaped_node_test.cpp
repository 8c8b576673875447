#include <doctest/doctest.h>

#include "camclassify/error.hpp"
#include "camclassify/work.hpp"
#include "kernels/kernel_set.hpp"
#include "ops/constants.hpp"
#include "ops/node.hpp"

namespace camclassify::testing {
namespace {

const OpShape kPointwise{"Pointwise", false, {{1, 14, 14, 64}}, {{128, 64}}};

std::int64_t weight_bytes(const OpShape& op, const NamedLayout& set) {
  return op_work(op, 1, set.name).weight_bytes;
}

TEST_CASE("An op that is asked by shapes says what the same op with weights says") {
  Random random(40);
  for (const bool int8 : {false, true}) {
    const DataType src = int8 ? DataType::kU8 : DataType::kF32;
    Node node;
    node.op = "Pointwise";
    node.activations.push_back(random_tensor(random, src, {1, 14, 14, 64}));
    node.outputs = {src};
    add_convolution(random, node, src, {128, 64}, node.outputs, "none");
    if (int8) limit_pairs(node.constants[0]);
    OpShape shape = kPointwise;
    shape.int8 = int8;
    const OpWork asked = op_work(shape, 2, kernel_set().name), made = work(node, 2);
    CHECK(tiled_multiply_adds(asked) == tiled_multiply_adds(made));
    CHECK(asked.weight_bytes == made.weight_bytes);
    CHECK(asked.read_bytes == made.read_bytes);
    CHECK(asked.written_bytes == made.written_bytes);
    CHECK(asked.parts == made.parts);
  }
}

TEST_CASE("Every instruction set can be asked about on any machine") {
  for (const NamedLayout& set : kLayouts) {
    CHECK(weight_bytes(kPointwise, set) == 128 * 64 * 4);
  }
  CHECK_THROWS_AS(op_work(kPointwise, 1, "mmx"), Error);
}

TEST_CASE("Weights of small sums are not limited in pairs, and are multiplied by another kernel") {
  OpShape op = kPointwise;
  op.int8 = true;
  op.limited_from = 64;
  CHECK(op_work(op, 1, "avx2").products[0].pairs);
  op.limited_from = 65;
  CHECK_FALSE(op_work(op, 1, "avx2").products[0].pairs);
  CHECK_FALSE(op_work(kPointwise, 1, "vnni").products[0].pairs);
}

TEST_CASE("An op that does not exist, or not with these shapes and attributes, is refused") {
  const auto refused = [](const OpShape& op) {
    CHECK_THROWS_AS(op_work(op, 1, "avx2"), BundleError);
  };
  OpShape op = kPointwise;
  op.type = "Transformer";
  refused(op);
  op = kPointwise;
  op.inputs = {{1, 14, 14, 65}};
  refused(op);
  op.inputs = {};
  refused(op);
  op = kPointwise;
  op.weights = {{}};
  refused(op);
  op.weights = {{1 << 16, 1 << 16}};
  refused(op);
  op = kPointwise;
  op.attributes["residual"] = std::int64_t{1};
  refused(op);
}

}  // namespace
}  // namespace camclassify::testing
