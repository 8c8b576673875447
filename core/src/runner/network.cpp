#include "camclassify/network.hpp"

#include <fstream>
#include <string>
#include <system_error>
#include <utility>

#include "camclassify/error.hpp"
#include "onnx/fp32_twin.hpp"
#include "onnx/graph.hpp"
#include "onnx/model.hpp"
#include "runner/direct/direct_network.hpp"
#include "runner/onnxruntime/onnxruntime_network.hpp"
#include "runner/split_network.hpp"
#include "runner/workspace.hpp"

namespace camclassify {
namespace {

std::vector<std::byte> read_file(const std::filesystem::path& file) {
  std::ifstream stream(file, std::ios::binary | std::ios::ate);
  std::error_code error;  // a folder can be opened, and has no end
  if (!stream || !std::filesystem::is_regular_file(file, error))
    throw BundleError("The network " + file.string() + " cannot be opened.");
  std::vector<std::byte> bytes(static_cast<std::size_t>(stream.tellg()));
  stream.seekg(0);
  stream.read(reinterpret_cast<char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
  if (!stream) throw BundleError("The network " + file.string() + " cannot be read.");
  return bytes;
}

void check_threads(int threads) {
  if (threads >= 1 && threads <= kMostThreads) return;
  throw Error("A network cannot run on " + std::to_string(threads) +
              " threads; choose between 1 and " + std::to_string(kMostThreads) + ".");
}

}  // namespace

void Network::check_inputs(std::span<const TensorInfo> inputs, std::span<const Shape> shapes) {
  if (inputs.size() != shapes.size())
    throw Error("The network has " + std::to_string(inputs.size()) + " inputs, not " +
                std::to_string(shapes.size()) + ".");
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    if (inputs[i].shape.size() != shapes[i].size())
      throw Error("The network's input '" + inputs[i].name + "' has " +
                  std::to_string(inputs[i].shape.size()) + " dimensions, not " +
                  std::to_string(shapes[i].size()) + ".");
  }
}

void Network::check_rounds(int rounds) {
  if (rounds < 1) throw Error("A network is profiled in at least one round.");
}

std::shared_ptr<Workspace> make_workspace(int threads) {
  check_threads(threads);
  return std::make_shared<Workspace>(threads);
}

std::unique_ptr<Network> open_network(const std::filesystem::path& file,
                                      const NetworkOptions& options) {
  const auto bytes = read_file(file);
  try {
    return open_network(bytes, options);
  } catch (const BundleError& error) {
    throw BundleError(file.string() + ": " + error.what());
  }
}

std::unique_ptr<Network> open_network(std::span<const std::byte> onnx,
                                      const NetworkOptions& options) {
  auto workspace = options.workspace ? options.workspace : make_workspace(options.threads);
  Model model = read_onnx(onnx);
  if (!options.outputs.empty()) prune(model, options.outputs);
  if (options.fp32_twin) make_fp32_twin(model);
  const bool direct = options.runner ? *options.runner == Runner::kDirect : is_direct(model);
  OpenModel& open = direct ? open_direct_network : open_onnxruntime_network;
  return options.heads.empty() ? open(model, std::move(workspace), options.any_size)
                               : open_split_network(model, options.heads, std::move(workspace),
                                                    options.any_size, open);
}

}  // namespace camclassify
