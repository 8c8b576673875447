#include <doctest/doctest.h>

#include "ops/constants.hpp"
#include "ops/node.hpp"

namespace camclassify::testing {
namespace {

TEST_CASE("SpatialPyramidPool takes the maxima of 5x5, 9x9 and 13x13 windows") {
  Random random(7);
  for (int round = 0; round < 40; ++round) {
    Node node;
    node.op = "SpatialPyramidPool";
    const DataType type = kPixelTypes[round % 3];
    node.activations.push_back(random_tensor(random, type,
                                             {uniform(random, 1, 2), uniform(random, 1, 15),
                                              uniform(random, 1, 15), uniform(random, 1, 70)}));
    node.outputs = {type, type, type};
    CAPTURE(round);
    check_against_reference(node);
  }
}

TEST_CASE("The work of a SpatialPyramidPool goes along rows and columns for each of its outputs") {
  Random random(36);
  Node node;
  node.op = "SpatialPyramidPool";
  node.activations.push_back(random_tensor(random, DataType::kU8, {1, 13, 13, 512}));
  node.outputs = {DataType::kU8, DataType::kU8, DataType::kU8};
  const OpWork found = work(node, 2);
  CHECK(found.rows == 13 * 3 * 2);
  CHECK(found.read_bytes == 13 * 13 * 512);
  CHECK(found.written_bytes == 3 * found.read_bytes);
  CHECK(found.parts == 2);
}

}  // namespace
}  // namespace camclassify::testing
