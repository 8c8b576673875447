#include "runner/onnxruntime/library.hpp"

#include <dlfcn.h>

#include <cstdlib>
#include <mutex>
#include <vector>

#include "camclassify/error.hpp"
#include "camclassify/network.hpp"

namespace camclassify {
namespace {

constexpr const char* kRemedy =
    "Install it with `pip install onnxruntime`, or set CAMCLASSIFY_ONNXRUNTIME to the path of "
    "libonnxruntime.so.";

// Newer releases keep telemetry files in the user's cache unless the environment tells them not to.
// It is changed once, while this program or extension is being loaded: later there are threads,
// and others may read it at any time.
[[maybe_unused]] const int kTold = setenv("ORT_DISABLE_TELEMETRY", "1", 1);

struct Library {
  std::mutex mutex;
  std::filesystem::path given;  // by set_onnxruntime_library
  OnnxRuntimeStatus status;
};

Library& library() {
  static Library instance;
  return instance;
}

std::vector<std::string> candidates(const std::filesystem::path& given) {
  if (const char* path = std::getenv("CAMCLASSIFY_ONNXRUNTIME"); path != nullptr && *path != 0) {
    return {path};
  }
  if (!given.empty()) return {given.string()};
  return {"libonnxruntime.so.1", "libonnxruntime.so"};
}

std::string path_of(const void* symbol, const std::string& otherwise) {
  Dl_info info;
  return dladdr(symbol, &info) != 0 && info.dli_fname != nullptr ? info.dli_fname : otherwise;
}

// Returns why this library will not do, or "" after loading it into `status`.
std::string try_load(const std::string& path, OnnxRuntimeStatus& status) {
  void* const handle = dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (handle == nullptr) return dlerror();
  using GetApiBase = const OrtApiBase* (*)();
  const auto get_api_base = reinterpret_cast<GetApiBase>(dlsym(handle, "OrtGetApiBase"));
  if (get_api_base == nullptr) return path + " is not ONNX Runtime";
  const OrtApiBase* const base = get_api_base();
  const OrtApi* const api = base->GetApi(kOnnxRuntimeApi);
  if (api == nullptr) {
    return path + " is version " + base->GetVersionString() + ", but 1.17 or newer is needed";
  }
  Ort::InitApi(api);
  status.available = true;
  status.version = base->GetVersionString();
  status.path = path_of(reinterpret_cast<const void*>(get_api_base), path);
  return "";
}

}  // namespace

void set_onnxruntime_library(const std::filesystem::path& path) {
  const std::scoped_lock lock(library().mutex);
  library().given = path;
}

OnnxRuntimeStatus onnxruntime_status() {
  const std::scoped_lock lock(library().mutex);
  OnnxRuntimeStatus& status = library().status;
  if (status.available) return status;
  std::string problems;
  for (const auto& path : candidates(library().given)) {
    const std::string problem = try_load(path, status);
    if (problem.empty()) {
      status.problem.clear();
      return status;
    }
    problems += (problems.empty() ? "" : "; ") + problem;
  }
  status.problem = "ONNX Runtime cannot be loaded (" + problems + "). " + kRemedy;
  return status;
}

void load_onnxruntime() {
  const OnnxRuntimeStatus status = onnxruntime_status();
  if (!status.available) throw OnnxRuntimeMissing(status.problem);
}

}  // namespace camclassify
