// Stands in for the onnxruntime runner in a build without it.
#include "camclassify/error.hpp"
#include "camclassify/network.hpp"
#include "runner/onnxruntime/onnxruntime_network.hpp"

namespace camclassify {

void set_onnxruntime_library(const std::filesystem::path& /*path*/) {}

OnnxRuntimeStatus onnxruntime_status() {
  return {false, "", "", "This build runs networks of fused ops only, without ONNX Runtime."};
}

std::unique_ptr<Network> open_onnxruntime_network(const Model& /*model*/,
                                                  std::shared_ptr<Workspace> /*workspace*/,
                                                  bool /*any_size*/) {
  throw OnnxRuntimeMissing(onnxruntime_status().problem);
}

}  // namespace camclassify
