#pragma once

#include <cstdint>

namespace camclassify {

#if defined(__x86_64__)

// What an x86 processor says about itself: registers of the instruction cpuid, named after leaf,
// subleaf and register, and which registers the operating system saves when it switches threads.
// Source: Intel 64 and IA-32 Architectures Software Developer's Manual, volume 2, CPUID, and volume
// 1, 13.3.
struct Cpuid {
  std::uint32_t leaf1_ecx = 0;
  std::uint32_t leaf7_ebx = 0, leaf7_ecx = 0;
  std::uint32_t leaf7_1_eax = 0;
  std::uint32_t extended1_ecx = 0;  // leaf 0x80000001
  std::uint64_t saved_state = 0;    // XCR0; 0 if the operating system saves no more than SSE's
};

// Of this machine. Asks the processor itself: the compiler's __builtin_cpu_supports needs a runtime
// that musl builds do not have.
Cpuid read_cpuid();

bool has_sse4(const Cpuid& cpuid);
bool has_avx2(const Cpuid& cpuid);
bool has_avx_vnni(const Cpuid& cpuid);
bool has_avx512(const Cpuid& cpuid);
bool has_avx512_vnni(const Cpuid& cpuid);

#elif defined(__aarch64__)

bool has_dot_product();

#endif

}  // namespace camclassify
