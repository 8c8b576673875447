#include "camclassify/network.hpp"

#include <algorithm>
#include <fstream>

#include "camclassify/error.hpp"
#include "runner/direct_network.hpp"
#include "runner/onnx_model.hpp"
#include "runner/onnxruntime_network.hpp"
#include "runner/split_network.hpp"

namespace camclassify {
namespace {

std::vector<std::byte> read_file(const std::filesystem::path& file) {
  std::ifstream stream(file, std::ios::binary | std::ios::ate);
  if (!stream) throw BundleError("The network " + file.string() + " cannot be opened.");
  std::vector<std::byte> bytes(static_cast<std::size_t>(stream.tellg()));
  stream.seekg(0);
  stream.read(reinterpret_cast<char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
  if (!stream) throw BundleError("The network " + file.string() + " cannot be read.");
  return bytes;
}

}  // namespace

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
  Model model = read_onnx(onnx);
  if (!options.outputs.empty()) prune(model, options.outputs);
  const bool direct =
      options.runner == Runner::kDirect || (options.runner == Runner::kAuto && is_direct(model));
  OpenModel& open = direct ? open_direct_network : open_onnxruntime_network;
  const int threads = std::max(options.threads, 1);
  return options.heads.empty() ? open(model, threads)
                               : open_split_network(model, options.heads, threads, open);
}

}  // namespace camclassify
