#include "kernels/kernel_set.hpp"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include "camclassify/error.hpp"
#include "camclassify/instruction_set.hpp"
#include "kernels/processor.hpp"

namespace camclassify {

// Visible, as these may be in another library: that of the custom ops.
#if defined(__x86_64__)

[[gnu::visibility("default")]] extern const KernelSet kernel_set_sse4, kernel_set_avx2,
    kernel_set_avxvnni, kernel_set_avx512, kernel_set_vnni;

#elif defined(__aarch64__)

[[gnu::visibility("default")]] extern const KernelSet kernel_set_neon, kernel_set_neon_dot;

#endif

namespace {

struct Candidate {
  const KernelSet* set;
  bool runs_here;
};

#if defined(__x86_64__)

// Fastest first.
std::array<Candidate, 5> candidates() {
  const Cpuid cpuid = read_cpuid();
  return {{
      {&kernel_set_vnni, has_avx512_vnni(cpuid)},
      {&kernel_set_avxvnni, has_avx_vnni(cpuid)},
      {&kernel_set_avx512, has_avx512(cpuid)},
      {&kernel_set_avx2, has_avx2(cpuid)},
      {&kernel_set_sse4, has_sse4(cpuid)},
  }};
}

#elif defined(__aarch64__)

std::array<Candidate, 2> candidates() {
  return {{
      {&kernel_set_neon_dot, has_dot_product()},
      {&kernel_set_neon, true},
  }};
}

#endif

std::vector<const KernelSet*> find_sets() {
  std::vector<const KernelSet*> sets;
  for (const Candidate& candidate : candidates()) {
    if (candidate.runs_here) sets.push_back(candidate.set);
  }
  return sets;
}

const KernelSet& choose() {
  const char* wanted = std::getenv("CAMCLASSIFY_TARGET");
  std::string available;
  for (const KernelSet* set : kernel_sets()) {
    if (!wanted || std::string_view(wanted) == set->name) return *set;
    available += std::string(available.empty() ? "" : ", ") + set->name;
  }
  if (!wanted) {
    throw UnsupportedProcessor(
        "This processor lacks instructions that CamClassify needs: SSE4.2 and POPCNT (x86-64-v2) "
        "at least. In a virtual machine, choose a processor type that has them, such as 'host'.");
  }
  throw Error("CAMCLASSIFY_TARGET is '" + std::string(wanted) +
              "', which this machine cannot execute. It can: " + available + ".");
}

thread_local const KernelSet* described = nullptr;

}  // namespace

std::span<const KernelSet* const> kernel_sets() {
  static const std::vector<const KernelSet*> sets = find_sets();
  return sets;
}

const KernelSet& kernel_set() {
  if (described) return *described;
  static const KernelSet& chosen = choose();
  return chosen;
}

DescribedSet::DescribedSet(std::string_view name) : outer_(described) {
  const auto* const found = std::ranges::find(kLayouts, name, &NamedLayout::name);
  if (found == kLayouts.end()) {
    throw Error("There are no kernels for the instruction set '" + std::string(name) + "'.");
  }
  set_.layout = found->layout;
  described = &set_;
}

DescribedSet::~DescribedSet() { described = outer_; }

std::string_view instruction_set() { return kernel_set().name; }

}  // namespace camclassify
