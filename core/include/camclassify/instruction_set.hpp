#pragma once

#include <string_view>

namespace camclassify {

// The instruction set that the kernels use on this machine, in the words of CAMCLASSIFY_TARGET:
// "sse4", "avx2", "avxvnni", "avx512", "vnni", "neon" or "neon_dot".
std::string_view instruction_set();

}  // namespace camclassify
