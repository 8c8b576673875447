// What ONNX Runtime calls of a library of custom ops: SessionOptions.register_custom_ops_library in
// Python, OrtApi::RegisterCustomOpsLibrary_V2 in C, and servers that load such libraries.

#include <algorithm>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <utility>

#include "camclassify/error.hpp"
#include "camclassify/network.hpp"
#include "runner/onnxruntime/custom_ops.hpp"

namespace camclassify {
namespace {

// The configuration entry of a session that says how many threads it has: ONNX Runtime itself does
// not tell its ops.
constexpr const char* kThreadsEntry = "camclassify.threads";

int usable_threads() {
  return std::clamp(static_cast<int>(std::thread::hardware_concurrency()), 1, kMostThreads);
}

int threads_of(const OrtApi& api, const OrtSessionOptions* options) {
  int is_there = 0;
  check(api, api.HasSessionConfigEntry(options, kThreadsEntry, &is_there));
  if (is_there == 0) return usable_threads();
  const std::string text = text_of(api, [&](char* value, std::size_t* size) {
    return api.GetSessionConfigEntry(options, kThreadsEntry, value, size);
  });
  int threads = 0;
  for (const char digit : text) {
    if (digit < '0' || digit > '9' || threads > kMostThreads)
      threads = kMostThreads + 1;
    else
      threads = threads * 10 + (digit - '0');
  }
  if (threads >= 1 && threads <= kMostThreads) return threads;
  throw Error(std::string(kThreadsEntry) + " is '" + text + "': it must be a number from 1 to " +
              std::to_string(kMostThreads) + ", that of the session's threads.");
}

// For each ONNX Runtime in the process and number of threads, made once and kept: nobody says when
// the last session is gone.
const CustomOps& custom_ops(const OrtApi& api, int threads) {
  static std::mutex mutex;
  static auto& all = *new std::map<std::pair<const OrtApi*, int>, std::unique_ptr<CustomOps>>;
  const std::scoped_lock lock(mutex);
  auto& ops = all[{&api, threads}];
  if (ops == nullptr) ops = std::make_unique<CustomOps>(api, threads);
  return *ops;
}

}  // namespace
}  // namespace camclassify

extern "C" [[gnu::visibility("default")]] OrtStatus* RegisterCustomOps(OrtSessionOptions* options,
                                                                       const OrtApiBase* base) {
  using namespace camclassify;
  const OrtApi* const api = base->GetApi(kOnnxRuntimeApi);
  if (api == nullptr) {
    // Every release has the first version of the interface.
    return base->GetApi(1)->CreateStatus(ORT_FAIL,
                                         "CamClassify's ops need ONNX Runtime 1.17 or newer.");
  }
  return guarded(*api, [&] { custom_ops(*api, threads_of(*api, options)).add_to(*options); });
}
