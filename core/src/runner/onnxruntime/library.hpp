#pragma once

#ifndef ORT_API_MANUAL_INIT
#error "ONNX Runtime is loaded, not linked: define ORT_API_MANUAL_INIT"
#endif
#include <onnxruntime_cxx_api.h>

namespace camclassify {

// The oldest interface that has all we use: ONNX Runtime 1.17 and everything newer offer it.
inline constexpr int kOnnxRuntimeApi = 17;

// Finds and loads libonnxruntime if that has not happened yet, so that the classes of namespace Ort
// work. The library is never unloaded. Throws Error saying where it was looked for and what to do.
void load_onnxruntime();

}  // namespace camclassify
