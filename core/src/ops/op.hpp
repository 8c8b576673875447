#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "camclassify/tensor.hpp"
#include "camclassify/work.hpp"
#include "kernels/work_split.hpp"
#include "memory/checked.hpp"

namespace camclassify {

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
  // What run() does with so many threads when all outputs are wanted. Throws what infer() does.
  OpWork work(std::span<const Shape> inputs, int threads) const;
  // Outputs whose view has no data are not written. Threads may run one op at the same time, each
  // with scratch of its own.
  void run(std::span<const TensorView> inputs, std::span<const TensorView> outputs,
           std::span<std::byte> scratch, Parallel& parallel) const;

 private:
  virtual std::vector<Shape> infer_shapes(std::span<const Shape> inputs) const = 0;
  virtual Checked needed_scratch(std::span<const Shape> inputs, int threads) const = 0;
  virtual OpWork count(std::span<const Shape> inputs, int threads) const = 0;
  // There is an output that is wanted.
  virtual void compute(std::span<const TensorView> inputs, std::span<const TensorView> outputs,
                       std::span<std::byte> scratch, Parallel& parallel) const = 0;
};

}  // namespace camclassify
