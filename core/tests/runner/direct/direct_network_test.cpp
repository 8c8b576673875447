#include <doctest/doctest.h>

#include <array>
#include <filesystem>
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
using test::OnnxBuilder;
using test::run;
using test::sample_networks;

std::unique_ptr<Network> open(const std::string& file, std::optional<Runner> runner,
                              int threads = 1, const std::vector<std::string>& outputs = {}) {
  return open_network(bytes_of(file), {runner, threads, outputs});
}

// Large enough for every op that can be split to be split over three threads.
constexpr std::int64_t kSplitSize = 512;

TEST_CASE("networks of fused ops run directly unless another runner is asked for") {
  for (const auto& sample : sample_networks()) {
    CAPTURE(sample.name);
    CHECK(open(sample.file, std::nullopt)->runner() == Runner::kDirect);
  }
}

TEST_CASE("any number of threads gives the same bytes, frame after frame") {
  for (const auto& sample : sample_networks(kSplitSize)) {
    CAPTURE(sample.name);
    const auto one = open(sample.file, Runner::kDirect, 1);
    const std::array expected{run(*one, 0), run(*one, 1)};
    CHECK(expected[0] != expected[1]);
    for (const int threads : {2, 3}) {
      const auto several = open(sample.file, Runner::kDirect, threads);
      for (const unsigned seed : {0U, 1U, 0U}) CHECK(run(*several, seed) == expected[seed]);
    }
  }
}

TEST_CASE("both runners give the same bytes on 1, 2 and 3 threads" *
          doctest::skip(!onnxruntime_status().available)) {
  for (const auto& sample : sample_networks(kSplitSize)) {
    CAPTURE(sample.name);
    const auto direct = open(sample.file, Runner::kDirect);
    const std::array expected{run(*direct, 0), run(*direct, 1)};
    for (const int threads : {1, 2, 3}) {
      const auto other = open(sample.file, Runner::kOnnxRuntime, threads);
      for (const unsigned seed : {0U, 1U}) CHECK(run(*other, seed) == expected[seed]);
    }
  }
}

// What a network gives for a picture of that size when it was opened for it.
std::vector<Bytes> run_at(std::int64_t size, const test::SampleNetwork& sample) {
  for (const auto& other : test::sample_networks(size)) {
    if (other.name == sample.name) return run(*open(other.file, Runner::kDirect), 7);
  }
  FAIL("no such network");
  return {};
}

TEST_CASE("a network gives at another size what it gives when it was made for it") {
  for (const auto runner : {Runner::kDirect, Runner::kOnnxRuntime}) {
    if (runner == Runner::kOnnxRuntime && !onnxruntime_status().available) continue;
    for (const auto& sample : sample_networks(16)) {
      CAPTURE(sample.name);
      const auto network =
          open_network(bytes_of(sample.file), {.runner = runner, .threads = 2, .any_size = true});
      const auto before = run(*network, 3);
      for (const std::int64_t size : {32, 8}) {
        const Shape shape = {1, size, size, 3};
        const auto resized = network->with_inputs(std::span(&shape, 1));
        CHECK(resized->runner() == runner);
        CHECK(resized->inputs()[0].shape == shape);
        CHECK(run(*resized, 7) == run_at(size, sample));
        CHECK(run(*network, 3) == before);
      }
    }
  }
}

TEST_CASE("a network at another size outlives the one that it came from") {
  const auto sample = sample_networks(16).front();
  auto network = open(sample.file, Runner::kDirect);
  const Shape shape = {1, 32, 32, 3};
  const auto resized = network->with_inputs(std::span(&shape, 1));
  const auto outputs = run(*resized, 7);
  network.reset();
  CHECK(run(*resized, 7) == outputs);
}

TEST_CASE(
    "a network in another workspace gives the same bytes, and leaves alone what this one gave") {
  for (const auto runner : {Runner::kDirect, Runner::kOnnxRuntime}) {
    if (runner == Runner::kOnnxRuntime && !onnxruntime_status().available) continue;
    for (const auto& sample : sample_networks()) {
      CAPTURE(sample.name);
      auto network = open(sample.file, runner);
      const auto expected = run(*network, 3), other = run(*network, 4);
      const auto beside = network->in(make_workspace(2));
      CHECK(run(*beside, 3) == expected);
      CHECK(copy(network->output(0)) == other[0]);
      network.reset();
      CHECK(run(*beside, 4) == other);
    }
  }
}

TEST_CASE("networks in one workspace take turns in the same memory") {
  const auto workspace = make_workspace(1);
  const auto sample = sample_networks().front();
  const auto opened = [&] {
    return open_network(bytes_of(sample.file), {.runner = Runner::kDirect, .workspace = workspace});
  };
  const auto first = opened(), second = opened();
  CHECK(first->input(0).data == second->input(0).data);
  const auto expected = run(*first, 1);
  run(*second, 2);
  CHECK(run(*first, 1) == expected);
}

TEST_CASE("inputs that a network does not have are refused") {
  const auto network = open(sample_networks(16).front().file, Runner::kDirect);
  const std::vector<Shape> two(2, Shape{1, 16, 16, 3});
  CHECK_THROWS_WITH_AS(network->with_inputs(two), "The network has 1 inputs, not 2.", Error);
  const Shape flat = {1, 16};
  CHECK_THROWS_WITH_AS(network->with_inputs(std::span(&flat, 1)),
                       doctest::Contains("has 4 dimensions, not 2"), Error);
  for (const Shape& bad : {Shape{1, 0, 16, 3}, Shape{1, -1, 16, 3}, Shape{1, 16, 16, 4},
                           Shape{1, std::int64_t{1} << 40, std::int64_t{1} << 40, 3}})
    CHECK_THROWS_AS(network->with_inputs(std::span(&bad, 1)), BundleError);
}

TEST_CASE("ONNX Runtime must know beforehand that other sizes come" *
          doctest::skip(!onnxruntime_status().available)) {
  const auto network = open(sample_networks(16).front().file, Runner::kOnnxRuntime);
  const Shape shape = {1, 32, 32, 3};
  CHECK_THROWS_WITH_AS(network->with_inputs(std::span(&shape, 1)),
                       doctest::Contains("not opened for"), Error);
}

TEST_CASE("an output that nobody asked for changes nothing for the others") {
  for (const auto runner : {Runner::kDirect, Runner::kOnnxRuntime}) {
    if (runner == Runner::kOnnxRuntime && !onnxruntime_status().available) continue;
    for (const auto& sample : sample_networks()) {
      CAPTURE(sample.name);
      const auto whole = open(sample.file, runner);
      const auto expected = run(*whole, 1);
      for (std::size_t i = 0; i < expected.size(); ++i) {
        const auto part = open(sample.file, runner, 1, {whole->outputs()[i].name});
        REQUIRE(part->outputs().size() == 1);
        CHECK(run(*part, 1)[0] == expected[i]);
      }
    }
  }
}

// Maxima over three windows of which the file names one, after a quantised convolution with three
// outputs, of which it names the last, and a table for each.
std::string network_with_absent_outputs(bool all) {
  std::vector<std::uint8_t> u8_table(256);
  for (std::size_t i = 0; i < 256; ++i) u8_table[i] = static_cast<std::uint8_t>(255 - i);
  std::vector<std::int16_t> i16_table(131);
  i16_table[128] = 1;
  const auto only = [&](const char* name) { return std::string(all ? name : ""); };
  OnnxBuilder onnx;
  onnx.input("x", DataType::kU8, {1, 5, 5, 2}).output("y", DataType::kU8, {1, 5, 5, 2});
  if (all) {
    onnx.inner("a", DataType::kU8, {1, 5, 5, 1}).inner("b", DataType::kI16, {1, 5, 5, 1});
    onnx.inner("m5", DataType::kU8, {1, 5, 5, 2}).inner("m13", DataType::kU8, {1, 5, 5, 2});
  }
  return onnx.inner("c", DataType::kU8, {1, 5, 5, 2})
      .initializer<std::int8_t>("w", DataType::kS8, {4, 2}, {1, 2, 3, 4, 5, 6, 7, 8})
      .initializer<std::int32_t>("bias", DataType::kI32, {4}, {0, 100, 200, 300})
      .initializer<float>("scale", DataType::kF32, {4}, {0.1F, 0.1F, 0.1F, 0.1F})
      .initializer("ta", DataType::kU8, {256}, u8_table)
      .initializer("tb", DataType::kI16, {131}, i16_table)
      .initializer("tc", DataType::kU8, {256}, u8_table)
      .node("camclassify", "Pointwise", "mix", {"x", "w", "bias", "scale", "ta", "tb", "tc"},
            {only("a"), only("b"), "c"},
            {{"outputs", std::vector<std::int64_t>{1, 1, 2}}, {"activation", std::string("table")}})
      .node("camclassify", "SpatialPyramidPool", "pool", {"c"}, {only("m5"), "y", only("m13")})
      .file();
}

TEST_CASE("a file may leave out any outputs of a node") {
  const auto expected = run(*open(network_with_absent_outputs(true), Runner::kDirect), 1);
  CHECK(expected[0] != Bytes(expected[0].size()));
  for (const auto runner : {Runner::kDirect, Runner::kOnnxRuntime}) {
    if (runner == Runner::kOnnxRuntime && !onnxruntime_status().available) continue;
    CHECK(run(*open(network_with_absent_outputs(false), runner), 1) == expected);
  }
}

TEST_CASE("an input that the file leaves out is an error, whoever runs the network") {
  for (const std::string absent : {"x", "more", "w", "bias"}) {
    CAPTURE(absent);
    const auto input = [&](const char* name) { return name == absent ? std::string() : name; };
    const auto file =
        OnnxBuilder()
            .input("x", DataType::kF32, {1, 5, 5, 2})
            .input("more", DataType::kF32, {1, 5, 5, 2})
            .output("y", DataType::kF32, {1, 5, 5, 2})
            .initializer<float>("w", DataType::kF32, {2, 4}, std::vector<float>(8, 0.5F))
            .initializer<float>("bias", DataType::kF32, {2}, {0, 0})
            .node("camclassify", "Pointwise", "mix",
                  {input("x"), input("more"), input("w"), input("bias")}, {"y"},
                  {{"upsample", std::vector<std::int64_t>{1, 1}}})
            .file();
    for (const auto runner : {Runner::kDirect, Runner::kOnnxRuntime}) {
      if (runner == Runner::kOnnxRuntime && !onnxruntime_status().available) continue;
      CHECK_THROWS_AS(open(file, runner)->run(), Error);
    }
  }
}

TEST_CASE("an attribute of the wrong kind is an error that names it, whoever runs the network") {
  const auto file = [](const OnnxBuilder::Attribute& attribute) {
    return OnnxBuilder()
        .input("x", DataType::kF32, {1, 5, 5, 2})
        .output("y", DataType::kF32, {1, 5, 5, 2})
        .initializer<float>("w", DataType::kF32, {2, 3, 3}, std::vector<float>(18, 0.5F))
        .initializer<float>("bias", DataType::kF32, {2}, {0, 0})
        .node("camclassify", "Depthwise", "filter", {"x", "w", "bias"}, {"y"},
              {attribute, {"pads", std::vector<std::int64_t>{1, 1, 1, 1}}})
        .file();
  };
  for (const auto runner : {Runner::kDirect, Runner::kOnnxRuntime}) {
    if (runner == Runner::kOnnxRuntime && !onnxruntime_status().available) continue;
    CHECK_NOTHROW(open(file({"stride", std::int64_t{1}}), runner));
    for (const OnnxBuilder::Attribute& wrong : std::vector<OnnxBuilder::Attribute>{
             {"stride", 1.F},
             {"stride", std::string("1")},
             {"stride", std::vector<std::int64_t>{1}},
             {"stride", std::vector<float>{1}},
             {"activation", std::int64_t{0}},
             {"activation", 0.F},
             {"pad_value", std::vector<std::string>{"0"}},
         }) {
      CAPTURE(wrong.first);
      CHECK_THROWS_WITH_AS(open(file(wrong), runner),
                           doctest::Contains(("Attribute '" + wrong.first +
                                              "' of node 'filter' (Depthwise) is of the wrong kind")
                                                 .c_str()),
                           BundleError);
    }
  }
}

TEST_CASE("a run allocates nothing") {
  for (const auto& sample : sample_networks(kSplitSize)) {
    CAPTURE(sample.name);
    for (const int threads : {1, 2}) {
      const auto network = open(sample.file, Runner::kDirect, threads);
      const std::size_t before = test::allocation_count();
      for (int frame = 0; frame < 3; ++frame) network->run();
      CHECK(test::allocation_count() == before);
    }
  }
}

TEST_CASE("buffers stay at their address, however often a network runs") {
  const auto network = open(sample_networks()[0].file, Runner::kDirect);
  const auto *const picture = network->input(0).data, *const answer = network->output(0).data;
  const auto first = run(*network, 1);
  CHECK(run(*network, 1) == first);
  CHECK(network->input(0).data == picture);
  CHECK(network->output(0).data == answer);
}

TEST_CASE("an input's memory serves what is computed once it was read") {
  const Shape shape = {1, 8, 8, 4};
  const auto file = OnnxBuilder()
                        .input("x", DataType::kU8, shape)
                        .output("z", DataType::kU8, shape)
                        .inner("y", DataType::kU8, shape)
                        .node("camclassify", "SpatialPyramidPool", "first", {"x"}, {"y", "", ""})
                        .node("camclassify", "SpatialPyramidPool", "second", {"y"}, {"z", "", ""})
                        .file();
  const auto network = open(file, Runner::kDirect);
  CHECK(network->output(0).data == network->input(0).data);
}

TEST_CASE("the profile names every op in its order") {
  const auto profile = open(sample_networks()[2].file, Runner::kDirect)->profile(3);
  REQUIRE(profile.size() == 3);
  CHECK(profile[0].type == "Stem");
  CHECK(profile[1].type == "Block");
  CHECK(profile[2].type == "PooledHead");
  for (const auto& op : profile) CHECK(op.milliseconds > 0);
}

TEST_CASE("a profile of no rounds is refused") {
  for (const int rounds : {0, -1}) {
    const auto network = open(sample_networks()[2].file, Runner::kDirect);
    CHECK_THROWS_WITH_AS(network->profile(rounds), doctest::Contains("round"), Error);
  }
}

TEST_CASE("a number of threads that nobody has is refused at once, by either runner") {
  for (const auto runner : {Runner::kDirect, Runner::kOnnxRuntime}) {
    for (const int threads : {-1, 0, kMostThreads + 1, 100'000}) {
      CHECK_THROWS_WITH_AS(open(sample_networks()[2].file, runner, threads),
                           doctest::Contains("between 1 and 64"), Error);
    }
  }
}

TEST_CASE("a network that needs endless memory is refused before it is there") {
  const Shape shape = {1, 8192, 8192, 4};
  const auto file = OnnxBuilder()
                        .input("x", DataType::kF32, shape)
                        .output("a", DataType::kF32, shape)
                        .output("b", DataType::kF32, shape)
                        .output("c", DataType::kF32, shape)
                        .node("camclassify", "SpatialPyramidPool", "pool", {"x"}, {"a", "b", "c"})
                        .file();
  CHECK_THROWS_WITH_AS(open(file, Runner::kDirect), doctest::Contains("MB"), BundleError);
}

TEST_CASE("a folder is no network") {
  CHECK_THROWS_WITH_AS(open_network(std::filesystem::path("/"), {}),
                       doctest::Contains("cannot be opened"), BundleError);
}

TEST_CASE("the direct runner refuses a standard op and names it") {
  const auto file = OnnxBuilder()
                        .input("x", DataType::kF32, {1})
                        .output("y", DataType::kF32, {1})
                        .node("", "Conv", "/stem/conv", {"x"}, {"y"})
                        .file();
  CHECK_THROWS_WITH_AS(open(file, Runner::kDirect), doctest::Contains("'/stem/conv' (Conv)"),
                       BundleError);
}

TEST_CASE("an op of our domain that does not exist is named") {
  const auto file = OnnxBuilder()
                        .input("x", DataType::kF32, {1})
                        .output("y", DataType::kF32, {1})
                        .node("camclassify", "Teleport", "beam", {"x"}, {"y"})
                        .file();
  CHECK_THROWS_WITH_AS(open(file, std::nullopt), doctest::Contains("Teleport"), BundleError);
}

TEST_CASE("a fused node without outputs or inputs is refused") {
  const auto no_output = OnnxBuilder()
                             .input("x", DataType::kU8, {1, 4, 4, 1})
                             .node("camclassify", "SpatialPyramidPool", "pool", {"x"}, {})
                             .file();
  CHECK_THROWS_AS(open(no_output, Runner::kDirect), BundleError);
  const auto no_input = OnnxBuilder()
                            .output("y", DataType::kU8, {1, 4, 4, 1})
                            .node("camclassify", "SpatialPyramidPool", "pool", {}, {"y"})
                            .file();
  CHECK_THROWS_AS(open(no_input, Runner::kDirect), BundleError);
}

TEST_CASE("an input of open or mad size is refused") {
  for (const Shape& shape :
       {Shape{1, -1, 16, 3}, Shape{1, 0, 16, 3}, Shape{1, 1 << 30, 1 << 30, 3}}) {
    const auto file = OnnxBuilder()
                          .input("x", DataType::kU8, shape)
                          .output("y", DataType::kU8, shape)
                          .node("camclassify", "SpatialPyramidPool", "pool", {"x"}, {"y"})
                          .file();
    CHECK_THROWS_AS(open(file, Runner::kDirect), BundleError);
  }
}

}  // namespace
}  // namespace camclassify
