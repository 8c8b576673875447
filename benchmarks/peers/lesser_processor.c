/* Preloaded, it lets a process see a lesser processor: none with AVX-512 or AMX, and without AVX-VNNI where
 * CAMCLASSIFY_AS=avx2 (lesser_processor.py).
 *
 * Each CPUID instruction must trap. Where the processor can fault at them (Intel), it is told to. Elsewhere they have been
 * overwritten in copies of the libraries by PATCHED, which is no instruction in 64 bits and which no compiler emits. */
#define _GNU_SOURCE
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <ucontext.h>
#include <unistd.h>

enum { ARCH_SET_CPUID = 0x1012 };
static const uint8_t CPUID[] = {0x0f, 0xa2}, PATCHED[] = {0x0e, 0xa2};
static int hides_avx_vnni, faults;

static int allow_cpuid(unsigned long allowed) { return (int)syscall(SYS_arch_prctl, ARCH_SET_CPUID, allowed); }

static uint32_t bits(int count, const int* numbers) {
  uint32_t all = 0;
  for (int i = 0; i < count; ++i) all |= 1u << numbers[i];
  return all;
}
#define BITS(...) bits(sizeof((int[]){__VA_ARGS__}) / sizeof(int), (int[]){__VA_ARGS__})

static void on_cpuid(int number, siginfo_t* info, void* context) {
  (void)info;
  greg_t* r = ((ucontext_t*)context)->uc_mcontext.gregs;
  if (memcmp((const void*)r[REG_RIP], number == SIGSEGV ? CPUID : PATCHED, sizeof CPUID) != 0) {
    signal(number, SIG_DFL); /* a real fault: it happens again, unhandled */
    return;
  }
  uint32_t a = (uint32_t)r[REG_RAX], b, c = (uint32_t)r[REG_RCX], d;
  const uint32_t leaf = a, subleaf = c;
  if (faults) allow_cpuid(1);
  __asm__ volatile("cpuid" : "+a"(a), "=b"(b), "+c"(c), "=d"(d));
  if (faults) allow_cpuid(0);
  if (leaf == 7 && subleaf == 0) {
    b &= ~BITS(16, 17, 21, 26, 27, 28, 30, 31); /* AVX-512 F, DQ, IFMA, PF, ER, CD, BW, VL */
    c &= ~BITS(1, 6, 11, 12, 14);               /* its VBMI, VBMI2, VNNI, BITALG, VPOPCNTDQ */
    d &= ~BITS(2, 3, 8, 22, 23, 24, 25);        /* its 4VNNIW, 4FMAPS, VP2INTERSECT, FP16; AMX */
  }
  if (leaf == 7 && subleaf == 1) {
    a &= ~BITS(5, 21, 23); /* AVX-512 BF16, AMX FP16, AVX-IFMA */
    if (hides_avx_vnni) a &= ~BITS(4);
    d &= ~BITS(4, 5, 8, 10, 19); /* AVX-VNNI-INT8, AVX-NE-CONVERT, AMX COMPLEX, AVX-VNNI-INT16, AVX10 */
  }
  r[REG_RAX] = a, r[REG_RBX] = b, r[REG_RCX] = c, r[REG_RDX] = d, r[REG_RIP] += sizeof CPUID;
}

__attribute__((constructor)) static void start(void) {
  const char* as = getenv("CAMCLASSIFY_AS");
  if (!as) return;
  hides_avx_vnni = !strcmp(as, "avx2");
  struct sigaction action = {0};
  action.sa_sigaction = on_cpuid;
  action.sa_flags = SA_SIGINFO | SA_NODEFER;
  sigaction(SIGSEGV, &action, NULL);
  faults = allow_cpuid(0) == 0;
  if (!faults) signal(SIGSEGV, SIG_DFL), sigaction(SIGILL, &action, NULL);
}
