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

}  // namespace
}  // namespace camclassify::testing
