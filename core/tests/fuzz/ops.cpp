// A fused op made from attributes, constants and shapes that nearly fit, or do not: made, asked for
// its outputs' shapes and its scratch, and, while it is small, run into memory of exactly the size
// that it asked for, with any of its outputs unwanted.

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <span>

#include "camclassify/error.hpp"
#include "input.hpp"
#include "node_maker.hpp"
#include "ops/op_table.hpp"

namespace {

using namespace camclassify;
namespace fuzz = camclassify::fuzz;

// What op.hpp promises.
constexpr std::size_t kAllowedElements = std::size_t{1} << 28;
constexpr std::size_t kAllowedScratch = std::size_t{2} << 30;
// What is run.
constexpr std::int64_t kSmallTensor = 1 << 14, kSmallScratch = 1 << 24, kSmallWork = 1 << 18;

// Gives one thread's share after the other, from the last to the first, and each thread its chunks
// in their order, so that an op may keep rows from one to the next: what is written must not depend
// on it.
class Parts final : public Parallel {
 public:
  explicit Parts(int count) : count_(count) {}
  int threads() const override { return count_; }
  std::int64_t smallest_part() const override { return 1; }
  void run(int count, Task task) override {
    for (int thread = count_; thread-- > 0;) {
      for (int i = count * thread / count_; i < count * (thread + 1) / count_; ++i) task(i, thread);
    }
  }

 private:
  int count_;
};

struct Free {
  void operator()(std::byte* p) const { std::free(p); }
};
using Memory = std::unique_ptr<std::byte, Free>;

Memory allocate(std::size_t bytes, int fill) {
  Memory memory(static_cast<std::byte*>(std::aligned_alloc(64, (bytes + 63) / 64 * 64)));
  std::memset(memory.get(), fill, bytes);
  return memory;
}

// Memory that ends where the elements end, so that the sanitizer sees one too many.
std::vector<std::byte> elements_of(DataType type, const Shape& shape) {
  return std::vector<std::byte>(static_cast<std::size_t>(element_count(shape)) * size_of(type));
}

bool is_allowed(const Shape& shape) {
  std::size_t count = 1;
  for (const std::int64_t extent : shape) {
    if (extent < 1 || static_cast<std::size_t>(extent) > kAllowedElements / count) return false;
    count *= static_cast<std::size_t>(extent);
  }
  return true;
}

using Results = std::vector<std::vector<std::byte>>;

Results run(const Op& op, const fuzz::Node& node, const std::vector<Shape>& inputs,
            const std::vector<Shape>& outputs, std::uint32_t wanted, int threads,
            std::size_t scratch_bytes) {
  std::vector<std::vector<std::byte>> given;
  std::vector<TensorView> input_views, output_views;
  for (std::size_t i = 0; i < node.input_count(); ++i) {
    // An activation, or a constant that was packed and is gone by now.
    const bool is_activation = i < node.activations.size();
    given.push_back(is_activation ? elements_of(node.activations[i], inputs[i])
                                  : std::vector<std::byte>());
    for (std::size_t k = 0; k < given.back().size(); ++k) {
      // Of a float the exponent stays low: sums of huge ones depend on nothing that is defined.
      const bool is_exponent = node.input_type(i) == DataType::kF32 && k % 4 == 3;
      given.back()[k] = static_cast<std::byte>(is_exponent ? 0x3E : (k + wanted) * 167);
    }
    input_views.push_back(
        {node.input_type(i), inputs[i], is_activation ? given.back().data() : nullptr});
  }
  Results results;
  for (std::size_t i = 0; i < outputs.size() && i < node.output_count(); ++i) {
    const bool is_wanted = i >= 32 || (wanted >> i & 1) != 0;
    results.push_back(is_wanted ? elements_of(node.outputs[i], outputs[i])
                                : std::vector<std::byte>());
    output_views.push_back(
        {node.outputs[i], outputs[i], is_wanted ? results.back().data() : nullptr});
  }
  const Memory scratch = allocate(scratch_bytes, threads == 1 ? 0xA5 : 0x5A);
  Parts parts(threads);
  op.run(input_views, output_views, {scratch.get(), scratch_bytes}, parts);
  return results;
}

void try_op(fuzz::Input& input) {
  const std::uint32_t wanted = input.one_in(2) ? input.seed() : 0xFFFFFFFF;
  const int threads = input.from(1, 4);
  fuzz::NodeMaker maker(input);
  fuzz::Node node = maker.make();
  if (input.one_in(2)) node.absent = ~wanted;
  std::vector<Shape> inputs = maker.shapes();
  const std::unique_ptr<Op> op = make_op(node);
  for (const fuzz::Constant& c : node.constants) inputs.push_back(c.shape);
  const std::vector<Shape> outputs = op->infer(inputs);
  if (!std::ranges::all_of(outputs, is_allowed)) std::abort();
  const std::size_t scratch = op->scratch_bytes(inputs, threads);
  if (scratch > kAllowedScratch) std::abort();

  if (outputs.size() < node.output_count()) return;  // as both runners refuse
  std::int64_t weights = 1, largest = 1, pixels = 1;
  for (const fuzz::Constant& c : node.constants)
    weights = std::max(weights, element_count(c.shape));
  const std::span<const Shape> pictures(inputs.data(), node.activations.size());
  for (const std::span<const Shape> shapes : {pictures, std::span<const Shape>(outputs)}) {
    for (const Shape& shape : shapes) {
      largest = std::max(largest, element_count(shape));
      if (shape.empty() || shape.back() < 1) continue;  // some ops take tensors without elements
      pixels = std::max(pixels, element_count(shape) / shape.back());
    }
  }
  if (largest > kSmallTensor || weights * pixels > kSmallWork ||
      static_cast<std::int64_t>(scratch) > kSmallScratch)
    return;
  const Results alone = run(*op, node, inputs, outputs, wanted, 1, op->scratch_bytes(inputs, 1));
  if (run(*op, node, inputs, outputs, wanted, threads, scratch) != alone) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  fuzz::Input input(data, size);
  try {
    try_op(input);
  } catch (const BundleError&) {
  }
  return 0;
}
