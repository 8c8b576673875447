#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "camclassify/tensor.hpp"
#include "camclassify/work.hpp"

namespace camclassify {

struct TensorInfo {
  std::string name;
  DataType type = DataType::kF32;
  Shape shape;  // static; the batch dimension is 1 unless the file says otherwise
};

// How a network is executed.
enum class Runner : std::uint8_t {
  kOnnxRuntime,  // needs libonnxruntime
  kDirect,       // networks made of `camclassify` ops only; needs nothing
};

// More than any home's machine has, and few enough to be started.
inline constexpr int kMostThreads = 64;

// The memory and threads that networks run in: those that share a workspace run one at a time, and
// what one has read and computed is lost when another runs.
class Workspace;

// Throws Error: threads out of range, or more than the system gives.
std::shared_ptr<Workspace> make_workspace(int threads);

struct NetworkOptions {
  // Absent: direct where the network is made of `camclassify` ops only, else onnxruntime.
  std::optional<Runner> runner = {};
  int threads = 1;  // 1..kMostThreads
  // Outputs wanted; nodes that only feed others are not run. Empty: all outputs.
  std::vector<std::string> outputs = {};
  // Heads that are run apart from the trunk: the wanted outputs of each. What several of them need,
  // or an output that is in none of them, is the trunk's.
  std::vector<std::vector<std::string>> heads = {};
  // Whether with_inputs() will be called: ONNX Runtime must know beforehand.
  bool any_size = false;
  // Absent: one of its own, with so many threads.
  std::shared_ptr<Workspace> workspace = {};
  // Of an int8 network, what it would be in fp32, with weights that mean nothing and our own
  // runner: to see how long it would take.
  bool fp32_twin = false;
};

// An op of a network, as far as its cost depends on it. Constants count as inputs.
struct OpInfo {
  std::string name;  // of the node in the file
  std::string type;  // "Pointwise"
  std::vector<Shape> inputs, outputs;
  OpWork work;
};

// How long one op of a network takes.
struct OpTime {
  std::string name;  // of the node in the file
  std::string type;  // "Pointwise"
  double milliseconds = 0;
};

// A network that is loaded and ready: a trunk with those of its heads that were asked for.
// Not thread-safe: one call of run() at a time.
class Network {
 public:
  virtual ~Network() = default;
  virtual std::span<const TensorInfo> inputs() const = 0;
  virtual std::span<const TensorInfo> outputs() const = 0;
  // Buffers that stay at their address as long as the network lives. Fill the inputs before every
  // run(), which may write over them, unless only its time matters; read the outputs before another
  // network runs in the same workspace.
  virtual TensorView input(std::size_t index) = 0;
  virtual TensorView output(std::size_t index) = 0;
  virtual void run() = 0;
  // Runs the trunk alone: all of the network but NetworkOptions::heads.
  virtual void run_trunk() { run(); }
  // Runs these of NetworkOptions::heads, by number, on what the trunk made last: side by side on
  // the network's threads, each on one.
  virtual void run_heads(std::span<const std::size_t> /*heads*/) {}
  virtual Runner runner() const = 0;
  // The same network for inputs of these shapes, in the same workspace: only one of them runs at a
  // time. Throws BundleError if the network does not fit them, Error if it has other inputs or was
  // opened without any_size.
  virtual std::unique_ptr<Network> with_inputs(std::span<const Shape> shapes) const = 0;
  // The same network in another workspace: both may run at the same time, on the same weights.
  virtual std::unique_ptr<Network> in(std::shared_ptr<Workspace> workspace) const = 0;
  // In the order in which they run. Only the direct runner can tell; empty from the other.
  virtual std::vector<OpInfo> ops() const = 0;
  // Runs `rounds` times and returns each op's median time, in the order in which they run. Only the
  // direct runner can tell; empty from the other. Throws Error unless there is a round.
  virtual std::vector<OpTime> profile(int rounds) = 0;

 protected:
  static void check_rounds(int rounds);
  static void check_inputs(std::span<const TensorInfo> inputs, std::span<const Shape> shapes);
};

// Throws BundleError (file missing or malformed, an op that the runner does not know, by name),
// Error (no ONNX Runtime on this machine although the network needs it; threads out of range).
std::unique_ptr<Network> open_network(const std::filesystem::path& file,
                                      const NetworkOptions& options);
std::unique_ptr<Network> open_network(std::span<const std::byte> onnx,
                                      const NetworkOptions& options);

// The libonnxruntime in use, or which places were looked at and why none will do.
struct OnnxRuntimeStatus {
  bool available = false;
  std::string path;     // of the library, if available
  std::string version;  // "1.32.0"
  std::string problem;  // a sentence, if not available
};

// Where the Python package found the `onnxruntime` wheel's library; the environment variable
// CAMCLASSIFY_ONNXRUNTIME overrides it. Call before the first network is opened.
void set_onnxruntime_library(const std::filesystem::path& path);
OnnxRuntimeStatus onnxruntime_status();

}  // namespace camclassify
