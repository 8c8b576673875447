#include "runner/onnxruntime/c_api.hpp"

#include "camclassify/error.hpp"
#include "onnx/element_type.hpp"

namespace camclassify {

void check(const OrtApi& api, OrtStatus* status) {
  if (status == nullptr) return;
  const Owned<OrtStatus> owned(status, api.ReleaseStatus);
  throw Error(api.GetErrorMessage(status));
}

void read_shape(const OrtApi& api, const OrtTensorTypeAndShapeInfo* info, Shape& shape) {
  std::size_t rank = 0;
  check(api, api.GetDimensionsCount(info, &rank));
  shape.resize(rank);
  check(api, api.GetDimensions(info, shape.data(), rank));
}

DeclaredTensor declared_tensor(const OrtApi& api, const OrtTensorTypeAndShapeInfo* info) {
  ONNXTensorElementDataType type{};
  check(api, api.GetTensorElementType(info, &type));
  DeclaredTensor tensor{data_type(type), {}};
  read_shape(api, info, tensor.shape);
  return tensor;
}

}  // namespace camclassify
