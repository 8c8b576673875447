#pragma once

#include "onnx/model.hpp"

namespace camclassify {

// Throws BundleError if any tensor of an ONNX file, wherever in it, has its data in another file:
// ONNX Runtime would read whatever file is named, and some releases also those outside the bundle.
void refuse_external_data(Model::Bytes file);

}  // namespace camclassify
