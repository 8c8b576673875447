/* A plugin of qemu's user mode (interface 1: qemu 7.2 to 8.2) that counts how often blocks of instructions are
 * executed:
 *
 *   qemu-aarch64 -plugin executed_blocks.so,out=FILE PROGRAM
 *
 * The program marks what is counted: it closes MARK, which is no open file, before and after. FILE has a line for
 * each block that was executed in between: how often, its address, and its instructions, all but the first number
 * in hexadecimal.
 *
 * Debian packages no header for plugins: these declarations are those of qemu/qemu-plugin.h. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef uint64_t qemu_plugin_id_t;
struct qemu_plugin_tb;
struct qemu_plugin_insn;
enum qemu_plugin_op { QEMU_PLUGIN_INLINE_ADD_U64 };
typedef void (*translated_t)(qemu_plugin_id_t, struct qemu_plugin_tb *);
typedef void (*system_call_t)(qemu_plugin_id_t, unsigned, int64_t, uint64_t, uint64_t, uint64_t, uint64_t, uint64_t,
                              uint64_t, uint64_t, uint64_t);
uint64_t qemu_plugin_tb_vaddr(const struct qemu_plugin_tb *);
size_t qemu_plugin_tb_n_insns(const struct qemu_plugin_tb *);
struct qemu_plugin_insn *qemu_plugin_tb_get_insn(const struct qemu_plugin_tb *, size_t);
const void *qemu_plugin_insn_data(const struct qemu_plugin_insn *);
void qemu_plugin_register_vcpu_tb_trans_cb(qemu_plugin_id_t, translated_t);
void qemu_plugin_register_vcpu_tb_exec_inline(struct qemu_plugin_tb *, enum qemu_plugin_op, void *, uint64_t);
void qemu_plugin_register_vcpu_syscall_cb(qemu_plugin_id_t, system_call_t);

#define EXPORTED __attribute__((visibility("default")))

EXPORTED int qemu_plugin_version = 1;

enum { CLOSE = 57, MARK = 1 << 24 };

struct block {
  struct block *next;
  uint64_t executions, address;
  size_t size;
  uint32_t instructions[];
};

static struct block *blocks;
static const char *file;
static int marks;

static void translated(qemu_plugin_id_t id, struct qemu_plugin_tb *tb) {
  (void)id;
  size_t size = qemu_plugin_tb_n_insns(tb);
  struct block *block = malloc(sizeof *block + size * sizeof block->instructions[0]);
  if (!block) abort();
  block->executions = 0;
  block->address = qemu_plugin_tb_vaddr(tb);
  block->size = size;
  for (size_t i = 0; i < size; i++)
    memcpy(&block->instructions[i], qemu_plugin_insn_data(qemu_plugin_tb_get_insn(tb, i)), 4);
  /* Several threads may translate at once. */
  block->next = __atomic_load_n(&blocks, __ATOMIC_ACQUIRE);
  while (!__atomic_compare_exchange_n(&blocks, &block->next, block, 0, __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE)) continue;
  qemu_plugin_register_vcpu_tb_exec_inline(tb, QEMU_PLUGIN_INLINE_ADD_U64, &block->executions, 1);
}

static void forget(void) {
  for (struct block *block = blocks; block; block = block->next) block->executions = 0;
}

static void write_counts(void) {
  FILE *out = fopen(file, "w");
  if (!out) {
    perror(file);
    abort();
  }
  for (const struct block *block = blocks; block; block = block->next) {
    if (block->executions == 0) continue;
    fprintf(out, "%" PRIu64 " %" PRIx64, block->executions, block->address);
    for (size_t i = 0; i < block->size; i++) fprintf(out, " %08" PRIx32, block->instructions[i]);
    fputc('\n', out);
  }
  if (fclose(out) != 0) abort();
}

static void system_call(qemu_plugin_id_t id, unsigned cpu, int64_t number, uint64_t descriptor, uint64_t b, uint64_t c,
                        uint64_t d, uint64_t e, uint64_t f, uint64_t g, uint64_t h) {
  (void)id, (void)cpu, (void)b, (void)c, (void)d, (void)e, (void)f, (void)g, (void)h;
  if (number != CLOSE || (uint32_t)descriptor != MARK) return;
  if (marks++ == 0) {
    forget();
  } else {
    write_counts();
  }
}

EXPORTED int qemu_plugin_install(qemu_plugin_id_t id, const void *info, int count, char **words) {
  (void)info;
  if (count != 1 || strncmp(words[0], "out=", 4) != 0) return 1;
  file = words[0] + 4;
  qemu_plugin_register_vcpu_tb_trans_cb(id, translated);
  qemu_plugin_register_vcpu_syscall_cb(id, system_call);
  return 0;
}
