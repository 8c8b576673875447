// The kernels for one instruction set. CMakeLists.txt compiles this file once for each, with that
// set's compiler flags and CAMCLASSIFY_KERNEL_SET naming it.

#include "kernels/depthwise_f32.hpp"
#include "kernels/depthwise_i16.hpp"
#include "kernels/depthwise_u8.hpp"
#include "kernels/elementwise.hpp"
#include "kernels/gemm.hpp"
#include "kernels/winograd.hpp"

#define CAMCLASSIFY_JOIN(a, b) a##b
#define CAMCLASSIFY_SYMBOL(name) CAMCLASSIFY_JOIN(kernel_set_, name)
#define CAMCLASSIFY_TEXT(name) #name
#define CAMCLASSIFY_NAME(name) CAMCLASSIFY_TEXT(name)

namespace camclassify {

static_assert(HWY_TARGET == CAMCLASSIFY_HIGHWAY_TARGET,
              "the compiler flags do not select Highway's vectors for this instruction set");

consteval bool is_described() {
  for (const auto& [name, layout] : kLayouts) {
    if (name != CAMCLASSIFY_NAME(CAMCLASSIFY_KERNEL_SET)) continue;
    return layout.lanes == kLanes && layout.max_vectors == kMaxVectors &&
           layout.native_quads == kNativeQuads && layout.signed_pixels == (HWY_ARCH_ARM_A64 != 0) &&
           layout.multiplies_pairs == kMultipliesPairs &&
           layout.reads_blocks == ReadsBlocks<F32Product> && layout.pairs_taps == kPairsTaps;
  }
  return false;
}
static_assert(is_described(), "layouts.hpp describes other kernels than these");

[[gnu::visibility("default")]] extern const KernelSet CAMCLASSIFY_SYMBOL(CAMCLASSIFY_KERNEL_SET);

constinit const KernelSet CAMCLASSIFY_SYMBOL(CAMCLASSIFY_KERNEL_SET) = {
    CAMCLASSIFY_NAME(CAMCLASSIFY_KERNEL_SET),
    {.lanes = kLanes,
     .max_vectors = kMaxVectors,
     .native_quads = kNativeQuads,
     .signed_pixels = HWY_ARCH_ARM_A64,
     .multiplies_pairs = kMultipliesPairs,
     .reads_blocks = ReadsBlocks<F32Product>,
     .pairs_taps = kPairsTaps,
     .table_differences = Table::kDifferences,
     .curve_planes = kCurvePlanes},
    gemm<F32Product>,
    gemm<U8Product>,
    gemm<std::conditional_t<kMultipliesPairs, U8PairsProduct, U8Product>>,
    gemm<I16Product>,
    winograd<WinogradF32>,
    winograd_u8(),
    depthwise_f32,
    depthwise_i16,
    depthwise_u8,
    u8_to_planes,
    f32_to_planes,
    widen_u8,
    widen_u8_to_f32,
    sigmoid,
    maximum,
    sum_f32,
    sum_u8,
};

}  // namespace camclassify
