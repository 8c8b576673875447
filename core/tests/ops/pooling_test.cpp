#include <doctest/doctest.h>

#include "camclassify/error.hpp"
#include "ops/constants.hpp"
#include "ops/node.hpp"
#include "ops/op_table.hpp"

namespace camclassify::testing {
namespace {

Node pool(Random& random, DataType type, int rows, int columns, const Shape& shape) {
  Node node;
  node.op = "Pooling";
  node.list_attributes["kernel"] = {rows, columns};
  node.activations.push_back(random_tensor(random, type, shape));
  node.outputs = {type};
  return node;
}

TEST_CASE("Pooling equals the reference for any kernel, stride, padding and type") {
  Random random(50);
  for (int round = 0; round < 120; ++round) {
    CAPTURE(round);
    const int rows = uniform(random, 1, 5), columns = uniform(random, 1, 5);
    const DataType type = kPixelTypes[round % 3];
    Node node = pool(random, type, rows, columns,
                     {uniform(random, 1, 2), uniform(random, rows, 12),
                      uniform(random, columns, 12), uniform(random, 1, 70)});
    node.integer_attributes["stride"] = uniform(random, 1, std::min(rows, columns));
    node.list_attributes["pads"] = {uniform(random, 0, rows - 1), uniform(random, 0, columns - 1),
                                    uniform(random, 0, rows - 1), uniform(random, 0, columns - 1)};
    if (round % 2 == 0) node.text_attributes["kind"] = "average";
    if (round % 4 == 0) node.integer_attributes["count_pads"] = 1;
    if (type != DataType::kF32) node.integer_attributes["pad_value"] = uniform(random, 0, 255);
    check_against_reference(node);
  }
}

TEST_CASE("What is outside the picture is no maximum, however small all inside is") {
  Random random(51);
  Node node = pool(random, DataType::kI16, 3, 3, {1, 1, 1, 1});
  node.activations[0].set(0, -32768);
  node.list_attributes["pads"] = {1, 1, 1, 1};
  CHECK(run(node)[0][0] == -32768);
}

TEST_CASE("A Pooling that has no kernel, another type or a window beside its picture is refused") {
  Random random(52);
  Node without = pool(random, DataType::kU8, 2, 2, {1, 4, 4, 3});
  without.list_attributes.clear();
  CHECK_THROWS_WITH_AS(make_op(without), doctest::Contains("kernel"), BundleError);
  Node other = pool(random, DataType::kU8, 2, 2, {1, 4, 4, 3});
  other.outputs = {DataType::kF32};
  CHECK_THROWS_WITH_AS(make_op(other), doctest::Contains("type"), BundleError);
  Node unknown = pool(random, DataType::kU8, 2, 2, {1, 4, 4, 3});
  unknown.text_attributes["kind"] = "median";
  CHECK_THROWS_WITH_AS(make_op(unknown), doctest::Contains("kind"), BundleError);
  Node beside = pool(random, DataType::kU8, 3, 3, {1, 1, 4, 3});
  beside.list_attributes["pads"] = {0, 0, 2, 0};
  CHECK(run(beside)[0].shape()[1] == 1);
  beside.list_attributes["pads"] = {2, 0, 2, 0};
  beside.integer_attributes["stride"] = 2;
  CHECK_NOTHROW(run(beside));
  const Node small = pool(random, DataType::kU8, 5, 5, {1, 4, 4, 3});
  CHECK_THROWS_WITH_AS(run(small), doctest::Contains("smaller"), BundleError);
}

}  // namespace
}  // namespace camclassify::testing
