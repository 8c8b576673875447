#pragma once

#include <exception>
#include <memory>
#include <optional>
#include <string>

#include "camclassify/tensor.hpp"
#include "runner/onnxruntime/library.hpp"

namespace camclassify {

// What custom ops ask of ONNX Runtime, in terms of its C interface: there may be several of it in
// one process, and an op belongs to the one that created it, while the classes of namespace Ort
// know one only. `api` must have the functions of version kOnnxRuntimeApi.

// Throws Error with what the status says, unless it is a success.
void check(const OrtApi& api, OrtStatus* status);

// Runs function(); what that throws becomes a status, as no exception may cross into ONNX Runtime.
template <class Function>
OrtStatus* guarded(const OrtApi& api, Function function) noexcept {
  try {
    function();
    return nullptr;
  } catch (const std::exception& error) {
    return api.CreateStatus(ORT_FAIL, error.what());
  } catch (...) {
    return api.CreateStatus(ORT_FAIL, "an unknown error in a fused op");
  }
}

// What get(nullptr or room, size) writes with its final zero, without that.
template <class Get>
std::string text_of(const OrtApi& api, Get get) {
  std::size_t size = 0;
  check(api, get(nullptr, &size));
  std::string text(size, '\0');
  check(api, get(text.data(), &size));
  text.resize(size > 0 ? size - 1 : 0);
  return text;
}

// Type of the elements (none that a fused op knows: nothing) and shape, -1 where that is open.
struct DeclaredTensor {
  std::optional<DataType> type;
  Shape shape;
};
DeclaredTensor declared_tensor(const OrtApi& api, const OrtTensorTypeAndShapeInfo* info);

// Reads the shape into one that is there already, so that nothing is allocated.
void read_shape(const OrtApi& api, const OrtTensorTypeAndShapeInfo* info, Shape& shape);

// An object of ONNX Runtime's, released with the function of its name.
template <class T>
using Owned = std::unique_ptr<T, void (*)(T*)>;

}  // namespace camclassify
