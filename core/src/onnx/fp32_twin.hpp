#pragma once

#include "onnx/model.hpp"

namespace camclassify {

// Turns a network of int8 ops into what it would be in fp32: the same ops of the same shapes, with
// numbers of no meaning for weights. It takes as long as if they had one. An activation that is a
// table becomes SiLU.
void make_fp32_twin(Model& model);

}  // namespace camclassify
