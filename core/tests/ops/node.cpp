#include "ops/node.hpp"

#include <doctest/doctest.h>

#include <atomic>
#include <cmath>
#include <stdexcept>
#include <thread>

#include "kernels/kernel_set.hpp"
#include "ops/op_table.hpp"
#include "ops/reference.hpp"

namespace camclassify::testing {
namespace {

class Threads final : public Parallel {
 public:
  explicit Threads(int count) : count_(count) {}
  int threads() const override { return count_; }
  // Small tensors are split as large ones are.
  std::int64_t smallest_part() const override { return 1; }
  void run(int count, Task task) override {
    std::atomic<int> next = 0;
    std::vector<std::jthread> threads;
    for (int thread = 0; thread < count_; ++thread) {
      threads.emplace_back([&, thread] {
        for (int i = next++; i < count; i = next++) task(i, thread);
      });
    }
  }

 private:
  int count_;
};

struct AlignedFree {
  void operator()(std::byte* p) const { std::free(p); }
};

}  // namespace

std::vector<Tensor> run(const Op& op, const Node& node, int threads,
                        const std::vector<bool>& wanted) {
  std::vector<Shape> shapes;
  std::vector<TensorView> inputs, outputs;
  for (std::size_t i = 0; i < node.input_count(); ++i) {
    shapes.push_back(node.input(i).shape());
    inputs.push_back(node.input(i).view());
  }
  std::vector<Tensor> results;
  const std::vector<Shape> inferred = op.infer(shapes);
  if (inferred.size() != node.output_count()) throw std::logic_error("outputs are missing");
  for (std::size_t i = 0; i < inferred.size(); ++i) {
    results.emplace_back(node.outputs[i], inferred[i]);
    outputs.push_back(results.back().view());
    if (!wanted.empty() && !wanted[i]) outputs.back().data = nullptr;
  }
  const std::size_t bytes = (op.scratch_bytes(shapes, threads) + 63) / 64 * 64;
  const std::unique_ptr<std::byte, AlignedFree> scratch(
      static_cast<std::byte*>(std::aligned_alloc(64, bytes)));
  // What an earlier node left behind must not matter.
  if (bytes > 0) std::fill_n(scratch.get(), bytes, std::byte{0xA5});
  Threads parallel(threads);
  op.run(inputs, outputs, {scratch.get(), bytes}, parallel);
  return results;
}

std::vector<Tensor> run(const Node& node, int threads, const std::vector<bool>& wanted) {
  return run(*make_op(node), node, threads, wanted);
}

OpWork work(const Node& node, int threads) {
  std::vector<Shape> shapes;
  for (std::size_t i = 0; i < node.input_count(); ++i) shapes.push_back(node.input(i).shape());
  return make_op(node)->work(shapes, threads);
}

std::int64_t tiled_multiply_adds(const OpWork& work) {
  std::int64_t sum = 0;
  for (const ProductWork& product : work.products) {
    const int step = product.read == DataType::kF32 ? 1 : product.read == DataType::kU8 ? 4 : 2;
    const int lanes = kernel_set().layout.lanes;
    for (const BlockWork& block : product.blocks) {
      for (const auto& [pixels, count] : block.tiles) {
        sum += product.times * block.count * count * pixels * block.vectors * lanes *
               product.steps * step;
      }
    }
  }
  return sum;
}

void check_against_reference(const Node& node) {
  const std::vector<Tensor> expected = reference(node);
  const std::vector<Tensor> results = run(node);
  const bool int8 = node.constants.empty() ? node.activations[0].type() != DataType::kF32
                                           : node.constants[0].type() == DataType::kS8;
  REQUIRE(results.size() == expected.size());
  for (std::size_t i = 0; i < results.size(); ++i) {
    REQUIRE(results[i].shape() == expected[i].shape());
    if (int8) {
      CHECK_MESSAGE(results[i].bytes() == expected[i].bytes(), node.op << ", output " << i);
      continue;
    }
    double largest = 0, difference = 0;
    for (std::size_t k = 0; k < results[i].size(); ++k) {
      largest = std::max(largest, std::abs(expected[i][k]));
      difference = std::max(difference, std::abs(expected[i][k] - results[i][k]));
    }
    CHECK_MESSAGE(difference <= 1e-5 * largest,
                  node.op << ", output " << i << ": " << difference << " of " << largest);
  }
  for (const int threads : {2, 3}) {
    const std::vector<Tensor> others = run(node, threads);
    for (std::size_t i = 0; i < results.size(); ++i) CHECK(others[i].bytes() == results[i].bytes());
  }
}

}  // namespace camclassify::testing
