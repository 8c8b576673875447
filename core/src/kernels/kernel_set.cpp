#include "kernels/kernel_set.hpp"

#include <array>
#include <cstdlib>
#include <string>
#include <string_view>

#include "camclassify/error.hpp"
#include "camclassify/instruction_set.hpp"
#include "kernels/processor.hpp"

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

// Fastest first.
const std::array<Candidate, 5>& candidates() {
  static const Cpuid cpuid = read_cpuid();
  static const std::array<Candidate, 5> all = {{
      {&kernel_set_vnni, has_avx512_vnni(cpuid)},
      {&kernel_set_avxvnni, has_avx_vnni(cpuid)},
      {&kernel_set_avx512, has_avx512(cpuid)},
      {&kernel_set_avx2, has_avx2(cpuid)},
      {&kernel_set_sse4, has_sse4(cpuid)},
  }};
  return all;
}

#elif defined(__aarch64__)

const std::array<Candidate, 2>& candidates() {
  static const std::array<Candidate, 2> all = {{
      {&kernel_set_neon_dot, has_dot_product()},
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
    throw UnsupportedProcessor(
        "This processor lacks instructions that CamClassify needs: SSE4.2 and POPCNT (x86-64-v2) "
        "at least. In a virtual machine, choose a processor type that has them, such as 'host'.");
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
