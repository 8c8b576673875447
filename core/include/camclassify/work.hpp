#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "camclassify/tensor.hpp"

namespace camclassify {

// What an op does for given shapes, counted as its kernels do it: what a model of costs multiplies
// with the time that each piece takes. Bytes and counts are of one run, all threads together.

// Equal blocks of a product's output channels. All but `count` is of one of them.
struct BlockWork {
  struct Tiles {
    int pixels = 0;  // of each
    std::int64_t count = 0;
  };
  int count = 0;
  int vectors = 0;  // of channels
  std::int64_t weight_bytes = 0;
  std::vector<Tiles> tiles;
  std::int64_t copied = 0;  // pixels whose bytes do not go straight to where they belong
};

// Products of pixels with packed weights. All but `times` is of one of them.
struct ProductWork {
  std::int64_t times = 0;
  DataType read = DataType::kF32, written = DataType::kF32;
  bool planes = false;  // whether it writes to where a depthwise convolution reads in planes
  bool pairs = false;   // whether u8 are multiplied in limited pairs (docs/ops.md), which is faster
  int pixels = 0;
  std::int64_t operand_bytes = 0;
  int steps = 0;      // over the reduction, of each tile
  bool rest = false;  // whether the channels leave a part of the last vector empty
  std::vector<BlockWork> blocks;
};

// The rows of a depthwise convolution.
struct DepthwiseWork {
  int kernel = 0, stride = 0;
  std::int64_t rows = 0;     // of output, a vector of channels or a plane wide
  std::int64_t outputs = 0;  // vectors
  std::int64_t tiles = 0;    // that these come in
  std::int64_t loaded_bytes = 0;
  std::int64_t window_bytes = 0;  // of the rows that one row of output is computed from
  std::int64_t rest = 0;          // pixels that leave a part of a vector empty
};

struct OpWork {
  int parts = 1;  // that threads do at the same time
  std::int64_t weight_bytes = 0;
  std::int64_t read_bytes = 0, written_bytes = 0;  // of activations
  std::vector<ProductWork> products;
  std::optional<DepthwiseWork> depthwise;
  std::int64_t rows = 0;          // handled one after the other, each with calls of its own
  std::int64_t turns = 0;         // of a block: from a ring of rows to some rows of output
  std::int64_t padded_bytes = 0;  // written to surround a picture or rows with padding
  std::int64_t copied_bytes = 0;  // from one layout to another
  std::int64_t inside_bytes = 0;  // written between the convolutions of a block, or sums of tiles
  std::int64_t part_scratch_bytes = 0;
  std::int64_t residual = 0;  // values added
  std::int64_t pooled = 0;    // values added up
};

// An op without its weights. In int8 it reads and writes u8, but a PooledHead, which has one
// classifier, writes f32 and a Stem always reads u8.
struct OpShape {
  using Attribute = std::variant<std::int64_t, std::string, std::vector<std::int64_t>>;
  std::string type;            // "Pointwise"
  bool int8 = false;           // else fp32
  std::vector<Shape> inputs;   // its activations
  std::vector<Shape> weights;  // of its convolutions
  // Sums of so many inputs or more have weights that are limited in pairs (docs/ops.md).
  int limited_from = 0;
  std::map<std::string, Attribute, std::less<>> attributes = {};
};

// The work of an op on kernels for an instruction set, which this machine need not have. Throws
// BundleError if the op is not as docs/ops.md describes it, Error for an instruction set that there
// are no kernels for.
OpWork op_work(const OpShape& op, int threads, std::string_view instruction_set);

}  // namespace camclassify
