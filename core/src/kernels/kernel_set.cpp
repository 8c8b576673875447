#include "kernels/kernel_set.hpp"

#include <array>
#include <cstdlib>
#include <string>
#include <string_view>

#include "camclassify/error.hpp"
#include "camclassify/instruction_set.hpp"

#if defined(__x86_64__)
#include <cpuid.h>
#elif defined(__aarch64__)
#include <sys/auxv.h>
#endif

namespace camclassify {

#if defined(__x86_64__)

extern const KernelSet kernel_set_sse4, kernel_set_avx2, kernel_set_avxvnni, kernel_set_avx512,
    kernel_set_vnni;

#elif defined(__aarch64__)

extern const KernelSet kernel_set_neon, kernel_set_neon_dot;

#endif

namespace {

struct Candidate {
  const KernelSet* set;
  bool runs_here;
};

#if defined(__x86_64__)

bool has_avx2() {
  return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") &&
         __builtin_cpu_supports("bmi2");
}

bool has_avx512() {
  return has_avx2() && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
         __builtin_cpu_supports("avx512cd") && __builtin_cpu_supports("avx512dq") &&
         __builtin_cpu_supports("avx512vl");
}

// Ice Lake: what -march=icelake-server lets the compiler use on top.
bool has_avx512_vnni() {
  return has_avx512() && __builtin_cpu_supports("avx512vnni") &&
         __builtin_cpu_supports("avx512vbmi") && __builtin_cpu_supports("avx512vbmi2") &&
         __builtin_cpu_supports("avx512bitalg") && __builtin_cpu_supports("avx512vpopcntdq") &&
         __builtin_cpu_supports("avx512ifma") && __builtin_cpu_supports("gfni") &&
         __builtin_cpu_supports("vpclmulqdq");
}

bool has_avx_vnni() {
  unsigned eax = 0, ebx = 0, ecx = 0, edx = 0;
  return has_avx2() && __get_cpuid_count(7, 1, &eax, &ebx, &ecx, &edx) && (eax >> 4 & 1U) != 0;
}

// Fastest first.
const std::array<Candidate, 5>& candidates() {
  static const std::array<Candidate, 5> all = {{
      {&kernel_set_vnni, has_avx512_vnni()},
      {&kernel_set_avxvnni, has_avx_vnni()},
      {&kernel_set_avx512, has_avx512()},
      {&kernel_set_avx2, has_avx2()},
      {&kernel_set_sse4, static_cast<bool>(__builtin_cpu_supports("sse4.2"))},
  }};
  return all;
}

#elif defined(__aarch64__)

const std::array<Candidate, 2>& candidates() {
  constexpr unsigned long kDotProduct = 1UL << 20;  // HWCAP_ASIMDDP
  static const std::array<Candidate, 2> all = {{
      {&kernel_set_neon_dot, (getauxval(AT_HWCAP) & kDotProduct) != 0},
      {&kernel_set_neon, true},
  }};
  return all;
}

#endif

const KernelSet& choose() {
  const char* wanted = std::getenv("CAMCLASSIFY_TARGET");
  std::string available;
  for (const Candidate& candidate : candidates()) {
    if (!candidate.runs_here) continue;
    if (!wanted || std::string_view(wanted) == candidate.set->name) return *candidate.set;
    available += std::string(available.empty() ? "" : ", ") + candidate.set->name;
  }
  if (!wanted) {
    throw Error(
        "This processor has none of the instruction sets that CamClassify needs: SSE4.2 at "
        "least.");
  }
  throw Error("CAMCLASSIFY_TARGET is '" + std::string(wanted) +
              "', which this machine cannot execute. It can: " + available + ".");
}

}  // namespace

const KernelSet& kernel_set() {
  static const KernelSet& chosen = choose();
  return chosen;
}

std::string_view instruction_set() { return kernel_set().name; }

}  // namespace camclassify
