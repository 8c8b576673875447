#include "kernels/processor.hpp"

#if defined(__x86_64__)
#include <cpuid.h>
#elif defined(__aarch64__)
#include <sys/auxv.h>
#endif

namespace camclassify {

#if defined(__x86_64__)

namespace {

constexpr std::uint32_t bit(int number) { return 1U << number; }

constexpr bool has_all(std::uint64_t value, std::uint64_t bits) { return (value & bits) == bits; }

constexpr std::uint32_t kSavesExtendedState = bit(27);  // OSXSAVE in leaf1_ecx
constexpr std::uint64_t kSavesAvx = bit(1) | bit(2);    // XMM, YMM
constexpr std::uint64_t kSavesAvx512 = kSavesAvx | bit(5) | bit(6) | bit(7);  // masks, ZMM

std::uint64_t read_saved_state() {
  std::uint32_t low = 0, high = 0;
  __asm__("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
  return std::uint64_t{high} << 32 | low;
}

}  // namespace

Cpuid read_cpuid() {
  Cpuid cpuid;
  std::uint32_t eax = 0, ebx = 0, ecx = 0, edx = 0;
  if (__get_cpuid(1, &eax, &ebx, &ecx, &edx) != 0) cpuid.leaf1_ecx = ecx;
  if (__get_cpuid_count(7, 0, &eax, &ebx, &ecx, &edx) != 0) {
    const std::uint32_t last_subleaf = eax;
    cpuid.leaf7_ebx = ebx;
    cpuid.leaf7_ecx = ecx;
    if (last_subleaf >= 1 && __get_cpuid_count(7, 1, &eax, &ebx, &ecx, &edx) != 0) {
      cpuid.leaf7_1_eax = eax;
    }
  }
  if (__get_cpuid(0x80000001, &eax, &ebx, &ecx, &edx) != 0) cpuid.extended1_ecx = ecx;
  if (has_all(cpuid.leaf1_ecx, kSavesExtendedState)) cpuid.saved_state = read_saved_state();
  return cpuid;
}

// Each names what its kernels are compiled for (CMakeLists.txt) as far as a compiler uses it
// unasked.

// Nehalem: SSE3, SSSE3, SSE4.1, SSE4.2, POPCNT.
bool has_sse4(const Cpuid& cpuid) {
  return has_all(cpuid.leaf1_ecx, bit(0) | bit(9) | bit(19) | bit(20) | bit(23));
}

// Haswell: FMA, MOVBE, AVX, F16C; BMI1, AVX2, BMI2; LZCNT.
bool has_avx2(const Cpuid& cpuid) {
  return has_sse4(cpuid) && has_all(cpuid.saved_state, kSavesAvx) &&
         has_all(cpuid.leaf1_ecx, bit(12) | bit(22) | bit(28) | bit(29)) &&
         has_all(cpuid.leaf7_ebx, bit(3) | bit(5) | bit(8)) && has_all(cpuid.extended1_ecx, bit(5));
}

bool has_avx_vnni(const Cpuid& cpuid) {
  return has_avx2(cpuid) && has_all(cpuid.leaf7_1_eax, bit(4));
}

// Skylake server: AVX-512 F, DQ, CD, BW, VL.
bool has_avx512(const Cpuid& cpuid) {
  return has_avx2(cpuid) && has_all(cpuid.saved_state, kSavesAvx512) &&
         has_all(cpuid.leaf7_ebx, bit(16) | bit(17) | bit(28) | bit(30) | bit(31));
}

// Ice Lake server: IFMA; VBMI, VBMI2, GFNI, VPCLMULQDQ, VNNI, BITALG, VPOPCNTDQ.
bool has_avx512_vnni(const Cpuid& cpuid) {
  return has_avx512(cpuid) && has_all(cpuid.leaf7_ebx, bit(21)) &&
         has_all(cpuid.leaf7_ecx, bit(1) | bit(6) | bit(8) | bit(10) | bit(11) | bit(12) | bit(14));
}

#elif defined(__aarch64__)

bool has_dot_product() {
  constexpr unsigned long kDotProduct = 1UL << 20;  // HWCAP_ASIMDDP
  return (getauxval(AT_HWCAP) & kDotProduct) != 0;
}

#endif

}  // namespace camclassify
