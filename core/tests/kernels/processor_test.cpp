#include "kernels/processor.hpp"

#include <doctest/doctest.h>

#include <array>

#if defined(__x86_64__)

namespace {

using namespace camclassify;

constexpr std::uint64_t kSse = 0b11, kAvx = 0b111, kAvx512 = 0b1110'0111;  // x87, XMM, YMM, ZMM

// As Linux on an Ice Lake server reports it.
constexpr Cpuid kIceLake = {.leaf1_ecx = 0xfffa3203,
                            .leaf7_ebx = 0xf1bf07ab,
                            .leaf7_ecx = 0x00405f5e,
                            .leaf7_1_eax = 0,
                            .extended1_ecx = 0x121,
                            .saved_state = kAvx512};

Cpuid without(Cpuid cpuid, std::uint32_t Cpuid::*word, int bit) {
  cpuid.*word &= ~(1U << bit);
  return cpuid;
}

}  // namespace

TEST_CASE("A processor that has everything executes everything that it names") {
  CHECK(has_sse4(kIceLake));
  CHECK(has_avx2(kIceLake));
  CHECK(has_avx512(kIceLake));
  CHECK(has_avx512_vnni(kIceLake));
  CHECK_FALSE(has_avx_vnni(kIceLake));
}

TEST_CASE("An operating system that does not save the wide registers forbids them") {
  Cpuid cpuid = kIceLake;
  cpuid.saved_state = kAvx;
  CHECK(has_avx2(cpuid));
  CHECK_FALSE(has_avx512(cpuid));
  CHECK_FALSE(has_avx512_vnni(cpuid));
  for (const std::uint64_t state : std::array<std::uint64_t, 2>{kSse, 0}) {
    cpuid.saved_state = state;
    CHECK(has_sse4(cpuid));
    CHECK_FALSE(has_avx2(cpuid));
    CHECK_FALSE(has_avx512(cpuid));
  }
}

TEST_CASE("A missing instruction forbids the set that needs it and those above, not those below") {
  const Cpuid no_fma = without(kIceLake, &Cpuid::leaf1_ecx, 12);
  CHECK(has_sse4(no_fma));
  CHECK_FALSE(has_avx2(no_fma));
  CHECK_FALSE(has_avx512_vnni(no_fma));
  const Cpuid no_vnni = without(kIceLake, &Cpuid::leaf7_ecx, 11);
  CHECK(has_avx512(no_vnni));
  CHECK_FALSE(has_avx512_vnni(no_vnni));
  CHECK_FALSE(has_sse4(without(kIceLake, &Cpuid::leaf1_ecx, 20)));
}

TEST_CASE("AVX-VNNI needs AVX2, not AVX-512") {
  Cpuid cpuid = kIceLake;
  cpuid.leaf7_ebx &= 0xffff;
  cpuid.leaf7_1_eax = 1U << 4;
  cpuid.saved_state = kAvx;
  CHECK(has_avx_vnni(cpuid));
  CHECK_FALSE(has_avx512(cpuid));
  cpuid.saved_state = kSse;
  CHECK_FALSE(has_avx_vnni(cpuid));
}

TEST_CASE("This machine executes at least what every kernel needs") {
  CHECK(has_sse4(read_cpuid()));
}

#endif
