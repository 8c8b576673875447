#include <doctest/doctest.h>

#include <array>
#include <memory>

#include "camclassify/error.hpp"
#include "camclassify/network.hpp"
#include "memory/allocation_count.hpp"
#include "onnx/onnx_builder.hpp"
#include "runner/random_frames.hpp"
#include "runner/sample_networks.hpp"

namespace camclassify {
namespace {

using test::Bytes;
using test::bytes_of;
using test::copy;
using test::fill;
using test::outputs_of;
using test::run;
using Heads = std::vector<std::vector<std::string>>;

const Heads kHeads = {{"left"}, {"right"}};

std::unique_ptr<Network> open(bool is_int8, Runner runner, int threads, const Heads& heads = {}) {
  const std::string file = test::two_headed_network(is_int8);
  return open_network(bytes_of(file),
                      {.runner = runner, .threads = threads, .outputs = {}, .heads = heads});
}

TEST_CASE("heads run apart give the bytes of the whole network, on any number of threads") {
  for (const auto runner : {Runner::kDirect, Runner::kOnnxRuntime}) {
    if (runner == Runner::kOnnxRuntime && !onnxruntime_status().available) continue;
    for (const bool is_int8 : {false, true}) {
      CAPTURE(is_int8);
      const auto whole = open(is_int8, runner, 1);
      CHECK(run(*whole, 1) != run(*whole, 2));
      for (const int threads : {1, 2, 3}) {
        const auto split = open(is_int8, runner, threads, kHeads);
        CHECK(split->runner() == runner);
        for (const unsigned seed : {1U, 2U, 1U}) CHECK(run(*split, seed) == run(*whole, seed));
      }
    }
  }
}

TEST_CASE("heads run apart in another workspace give the bytes of the whole network") {
  for (const auto runner : {Runner::kDirect, Runner::kOnnxRuntime}) {
    if (runner == Runner::kOnnxRuntime && !onnxruntime_status().available) continue;
    const auto whole = open(true, runner, 1);
    const auto split = open(true, runner, 2, kHeads);
    const auto beside = split->in(make_workspace(2));
    const auto here = run(*split, 1);
    CHECK(run(*beside, 2) == run(*whole, 2));
    CHECK(outputs_of(*split) == here);
  }
}

TEST_CASE("a head that is not wanted keeps what it said before") {
  const auto network = open(false, Runner::kDirect, 1, kHeads);
  const auto before = run(*network, 1);
  const auto after = run(*open(false, Runner::kDirect, 1), 2);
  fill(*network, 2);
  network->run_trunk();
  network->run_heads(std::array<std::size_t, 1>{1});
  CHECK(outputs_of(*network) == std::vector<Bytes>{before[0], after[1], after[2]});
}

TEST_CASE("heads that nothing can be cut from run with the trunk") {
  const auto sample = test::sample_networks()[0];
  const auto whole = open_network(bytes_of(sample.file), {.runner = Runner::kDirect});
  const auto split = open_network(
      bytes_of(sample.file),
      {.runner = Runner::kDirect, .threads = 2, .outputs = {}, .heads = {{"people"}, {"animals"}}});
  CHECK(run(*split, 1) == run(*whole, 1));
}

TEST_CASE("a head that reads something else than the file declares is refused") {
  for (const Shape& declared : {Shape{1, 4, 4, 4}, Shape{1, 16, 4, 4}, Shape{1, 8, 8, 4, 1}}) {
    const std::string file = test::two_headed_network(false, declared);
    CHECK_THROWS_AS(open_network(bytes_of(file), {.runner = Runner::kDirect, .heads = kHeads}),
                    BundleError);
  }
}

TEST_CASE("running trunk and heads allocates nothing") {
  const auto network = open(true, Runner::kDirect, 2, kHeads);
  const std::size_t before = test::allocation_count();
  for (int frame = 0; frame < 3; ++frame) network->run();
  CHECK(test::allocation_count() == before);
}

TEST_CASE("the ops of a network say their shapes, those of its heads last") {
  const auto ops = open(false, Runner::kDirect, 1, kHeads)->ops();
  REQUIRE(ops.size() == 5);
  CHECK(ops[0].type == "Stem");
  CHECK(ops[0].inputs.at(0) == Shape{1, 16, 16, 3});
  CHECK(ops[0].inputs.at(1) == Shape{4, 3, 3, 3});
  CHECK(ops[0].outputs.at(0) == Shape{1, 8, 8, 4});
  CHECK(ops.back().type == "PooledHead");
}

TEST_CASE("heads run apart at another size give the bytes of the whole network there") {
  const Shape shape = {1, 32, 24, 3};
  for (const auto runner : {Runner::kDirect, Runner::kOnnxRuntime}) {
    if (runner == Runner::kOnnxRuntime && !onnxruntime_status().available) continue;
    for (const bool is_int8 : {false, true}) {
      const std::string file = test::two_headed_network(is_int8);
      const auto opened = [&](const Heads& heads) {
        return open_network(
            bytes_of(file),
            {.runner = runner, .threads = 2, .outputs = {}, .heads = heads, .any_size = true});
      };
      const auto whole = opened({})->with_inputs(std::span(&shape, 1));
      const auto split = opened(kHeads)->with_inputs(std::span(&shape, 1));
      CHECK(run(*split, 1) == run(*whole, 1));
      fill(*split, 2);
      split->run_trunk();
      const std::array<std::size_t, 1> right = {1};
      split->run_heads(right);
      const auto expected = run(*whole, 2);
      CHECK(copy(split->output(1)) == expected[1]);
    }
  }
}

}  // namespace
}  // namespace camclassify
