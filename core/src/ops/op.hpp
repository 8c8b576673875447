#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "camclassify/tensor.hpp"
#include "memory/checked.hpp"

namespace camclassify {

// A callable of an index that is only borrowed: unlike std::function it never allocates.
class Task {
 public:
  template <std::invocable<int> Function>
  requires(!std::same_as<Function, Task>)
      Task(const Function& function)  // NOLINT: implicit, so that a lambda can be passed
      : function_(&function),
        call_([](const void* self, int index) { (*static_cast<const Function*>(self))(index); }) {}

  void operator()(int index) const { call_(function_, index); }

 private:
  const void* function_;
  void (*call_)(const void*, int);
};

// Splits work over threads. Both runners provide one: ONNX Runtime's own pool
// (KernelContext_ParallelFor) or the direct runner's. Ops split rows or batch, never the reduction,
// so results do not depend on the number of threads.
class Parallel {
 public:
  virtual ~Parallel() = default;
  virtual int threads() const = 0;
  // Multiply-adds below which handing a part to a thread costs more than doing it: about 5 us.
  virtual std::int64_t smallest_part() const { return 250'000; }
  // Calls task(0) .. task(count - 1), possibly at once; returns when all are done.
  virtual void run(int count, Task task) = 0;
};

// What an op is made from, whichever runner reads the file.
class NodeInfo {
 public:
  virtual ~NodeInfo() = default;
  virtual std::string_view type() const = 0;  // "Pointwise"
  virtual std::string_view name() const = 0;
  virtual std::size_t input_count() const = 0;
  virtual std::size_t output_count() const = 0;
  // Declared type of an input or output.
  virtual DataType input_type(std::size_t index) const = 0;
  virtual DataType output_type(std::size_t index) const = 0;
  // False for an output that is absent: nobody wants it, and its type is not known.
  virtual bool has_output(std::size_t /*index*/) const { return true; }
  // The value of an input that is an initializer, else nothing. Valid during make_op only.
  virtual std::optional<TensorView> constant(std::size_t index) const = 0;
  // Attributes; absent ones have a default.
  virtual std::int64_t integer(std::string_view key, std::int64_t absent) const = 0;
  virtual float real(std::string_view key, float absent) const = 0;
  virtual std::vector<std::int64_t> integers(std::string_view key) const = 0;
  virtual std::string text(std::string_view key, std::string_view absent) const = 0;
};

// One fused block, its weights packed for this machine's instruction set when it is made.
class Op {
 public:
  virtual ~Op() = default;
  // Shapes of the outputs for these inputs (constants have an entry too, ignored). Throws
  // BundleError if they do not fit, or an output had more than kMostElements.
  std::vector<Shape> infer(std::span<const Shape> inputs) const;
  // Bytes of scratch that run() needs, for all its threads together, 64-byte aligned. Throws
  // BundleError if that is more than kMostBufferBytes.
  std::size_t scratch_bytes(std::span<const Shape> inputs, int threads) const;
  // Outputs whose view has no data are not written. Threads may run one op at the same time, each
  // with scratch of its own.
  void run(std::span<const TensorView> inputs, std::span<const TensorView> outputs,
           std::span<std::byte> scratch, Parallel& parallel) const;

 private:
  virtual std::vector<Shape> infer_shapes(std::span<const Shape> inputs) const = 0;
  virtual Checked needed_scratch(std::span<const Shape> inputs, int threads) const = 0;
  // There is an output that is wanted.
  virtual void compute(std::span<const TensorView> inputs, std::span<const TensorView> outputs,
                       std::span<std::byte> scratch, Parallel& parallel) const = 0;
};

// Makes the op for a node of the domain `camclassify`. Throws BundleError for an unknown type or
// attributes and constants that do not fit.
std::unique_ptr<Op> make_op(const NodeInfo& node);

// The types that make_op knows.
std::span<const std::string_view> op_types();

}  // namespace camclassify
