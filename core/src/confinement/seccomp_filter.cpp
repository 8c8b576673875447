#include "confinement/seccomp_filter.hpp"

#include <fcntl.h>
#include <sched.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace camclassify {
namespace {

// The kernel's interface (Documentation/userspace-api/seccomp_filter.rst): a program for classic
// BPF.
struct Instruction {
  std::uint16_t code;
  std::uint8_t if_true, if_false;  // instructions to skip
  std::uint32_t operand;
};

struct Program {
  std::uint16_t length;
  const Instruction* instructions;
};

// What the program reads.
struct SystemCall {
  std::int32_t number;
  std::uint32_t architecture;
  std::uint64_t address;
  std::array<std::uint64_t, 6> arguments;
};

constexpr std::uint16_t kLoad = 0x20, kIfEqual = 0x15, kIfAtLeast = 0x35, kIfAnyBit = 0x45,
                        kAnd = 0x54, kReturn = 0x06;
constexpr std::uint32_t kAllow = 0x7fff0000, kFailWith = 0x00050000;
constexpr unsigned kSetModeFilter = 1;
// All threads; and no slower branches for the sake of a filter, as kernels before 5.16 would have
// them.
constexpr unsigned kFlags = 0b001 | 0b100;

constexpr std::uint32_t kX86 = 0xc000003e;
#if defined(__x86_64__)
constexpr std::uint32_t kArchitecture = kX86;
#elif defined(__aarch64__)
constexpr std::uint32_t kArchitecture = 0xc00000b7;
#else
constexpr std::uint32_t kArchitecture = 0;  // not known here: no filter
#endif

constexpr std::uint32_t kWriting = O_WRONLY | O_RDWR | O_CREAT | O_TRUNC;
constexpr std::uint32_t kSharedMemory = MAP_SHARED | MAP_ANONYMOUS;

// Opening connections. Names are looked up over a socket that is bound.
constexpr long kConnecting[] = {SYS_socket, SYS_connect, SYS_bind};

constexpr long kRefused[] = {
    // Connections.
    SYS_socketpair,
    SYS_listen,
    SYS_accept,
    SYS_accept4,
    // Programs and processes.
    SYS_execve,
    SYS_execveat,
    SYS_ptrace,
    SYS_process_vm_readv,
    SYS_process_vm_writev,
    SYS_setrlimit,
    424 /* pidfd_send_signal */,
    434 /* pidfd_open */,
    438 /* pidfd_getfd */,
#ifdef SYS_fork
    SYS_fork,
    SYS_vfork,
#endif
    // Memory that the limit of private memory does not count.
    SYS_memfd_create,
    SYS_shmget,
    SYS_shmat,
    // The file system.
    SYS_truncate,
    SYS_mkdirat,
    SYS_mknodat,
    SYS_unlinkat,
    SYS_renameat2,
    SYS_linkat,
    SYS_symlinkat,
    SYS_fchmodat,
    SYS_fchmod,
    SYS_fchownat,
    SYS_fchown,
    SYS_utimensat,
    SYS_setxattr,
    SYS_lsetxattr,
    SYS_fsetxattr,
    SYS_removexattr,
    SYS_lremovexattr,
    SYS_fremovexattr,
    SYS_mount,
    SYS_umount2,
    SYS_pivot_root,
    SYS_chroot,
    SYS_swapon,
    SYS_swapoff,
    SYS_quotactl,
    SYS_acct,
    SYS_open_by_handle_at,
    428 /* open_tree */,
    429 /* move_mount */,
    430 /* fsopen */,
    433 /* fspick */,
    442 /* mount_setattr */,
    452 /* fchmodat2 */,
    463 /* setxattrat */,
    466 /* removexattrat */,
    467 /* open_tree_attr */,
    469 /* file_setattr */,
#ifdef SYS_renameat
    SYS_renameat,
#endif
#ifdef SYS_creat
    SYS_creat,
    SYS_mkdir,
    SYS_mknod,
    SYS_unlink,
    SYS_rmdir,
    SYS_rename,
    SYS_link,
    SYS_symlink,
    SYS_chmod,
    SYS_chown,
    SYS_lchown,
    SYS_utime,
    SYS_utimes,
    SYS_futimesat,
#endif
    // Parts of the kernel that are nobody's business here.
    SYS_bpf,
    SYS_perf_event_open,
    SYS_userfaultfd,
    SYS_keyctl,
    SYS_add_key,
    SYS_request_key,
    SYS_init_module,
    SYS_finit_module,
    SYS_delete_module,
    SYS_kexec_load,
    SYS_reboot,
    SYS_setns,
    SYS_unshare,
    SYS_settimeofday,
    SYS_clock_settime,
    SYS_adjtimex,
    SYS_clock_adjtime,
    SYS_sethostname,
    SYS_setdomainname,
    SYS_syslog,
    425 /* io_uring_setup */,
    426 /* io_uring_enter */,
    427 /* io_uring_register */,
#ifdef SYS_kexec_file_load
    SYS_kexec_file_load,
#endif
#ifdef SYS_ioperm
    SYS_ioperm,
    SYS_iopl,
#endif
};

class Filter {
 public:
  explicit Filter(Connections connections) {
    load(offsetof(SystemCall, architecture));
    unless(kIfEqual, kArchitecture, kFailWith | EPERM);
    load(offsetof(SystemCall, number));
    // The calls of x32, other numbers for the same.
    if (kArchitecture == kX86) when(kIfAtLeast, 0x40000000, kFailWith | EPERM);
    // What every frame does comes first: the program is gone through from its beginning each time.
    for (const long number : {SYS_read, SYS_write, SYS_futex, SYS_munmap, SYS_madvise, SYS_brk})
      when(kIfEqual, number, kAllow);
    argument(SYS_mmap, 3, [this] {
      program_.push_back({kAnd, 0, 0, kSharedMemory});
      when(kIfEqual, kSharedMemory, kFailWith | ENOMEM);
    });
    for (const long number : kRefused) when(kIfEqual, number, kFailWith | EPERM);
    if (connections == Connections::kRefused) {
      for (const long number : kConnecting) when(kIfEqual, number, kFailWith | EPERM);
    } else {
      argument(SYS_socket, 0, [this] {
        // C libraries ask the kernel itself which kinds of addresses there are.
        for (const std::uint32_t family : {AF_INET, AF_INET6, AF_NETLINK})
          when(kIfEqual, family, kAllow);
        program_.push_back({kReturn, 0, 0, kFailWith | EPERM});
      });
    }
    // What these ask for is in memory, where a filter cannot look; C libraries fall back to the
    // older calls, which say it in their arguments.
    when(kIfEqual, 435 /* clone3 */, kFailWith | ENOSYS);
    when(kIfEqual, 437 /* openat2 */, kFailWith | ENOSYS);
    argument(SYS_openat, 2, [this] { when(kIfAnyBit, kWriting, kFailWith | EPERM); });
#ifdef SYS_open
    argument(SYS_open, 1, [this] { when(kIfAnyBit, kWriting, kFailWith | EPERM); });
#endif
    argument(SYS_clone, 0, [this] { unless(kIfAnyBit, CLONE_THREAD, kFailWith | EPERM); });
    // Signals to this process alone. `tkill`, which musl's raise() calls, names only a thread; the
    // one with the process's number is the first.
    for (const long number :
         {SYS_kill, SYS_tgkill, SYS_tkill, SYS_rt_sigqueueinfo, SYS_rt_tgsigqueueinfo})
      argument(number, 0, [this] { unless(kIfEqual, getpid(), kFailWith | EPERM); });
    // Limits may be read, where no new one is given. The superuser could raise them again.
    argument(SYS_prlimit64, 2, [this] {
      when(kIfAnyBit, 0xffffffff, kFailWith | EPERM);
      load(offsetof(SystemCall, arguments) + 2 * sizeof(std::uint64_t) + sizeof(std::uint32_t));
      when(kIfAnyBit, 0xffffffff, kFailWith | EPERM);
    });
    program_.push_back({kReturn, 0, 0, kAllow});
  }

  bool install() const {
    const Program program = {static_cast<std::uint16_t>(program_.size()), program_.data()};
    return syscall(SYS_seccomp, kSetModeFilter, kFlags, &program) == 0 ||
           // Kernels that do not know the second flag.
           syscall(SYS_seccomp, kSetModeFilter, kFlags & 1, &program) == 0;
  }

 private:
  void load(std::size_t offset) {
    program_.push_back({kLoad, 0, 0, static_cast<std::uint32_t>(offset)});
  }

  void when(std::uint16_t condition, long operand, std::uint32_t answer) {
    program_.push_back({condition, 0, 1, static_cast<std::uint32_t>(operand)});
    program_.push_back({kReturn, 0, 0, answer});
  }

  void unless(std::uint16_t condition, long operand, std::uint32_t answer) {
    program_.push_back({condition, 1, 0, static_cast<std::uint32_t>(operand)});
    program_.push_back({kReturn, 0, 0, answer});
  }

  // Decides one system call by the low half of one of its arguments, where all flags are.
  template <class Decide>
  void argument(long number, std::size_t index, Decide decide) {
    const std::size_t jump = program_.size();
    program_.push_back({kIfEqual, 0, 0, static_cast<std::uint32_t>(number)});
    load(offsetof(SystemCall, arguments) + index * sizeof(std::uint64_t));
    decide();
    program_.push_back({kReturn, 0, 0, kAllow});
    program_[jump].if_false = static_cast<std::uint8_t>(program_.size() - jump - 1);
  }

  std::vector<Instruction> program_;
};

}  // namespace

bool refuse_system_calls(Connections connections) {
  return kArchitecture != 0 && Filter(connections).install();
}

}  // namespace camclassify
