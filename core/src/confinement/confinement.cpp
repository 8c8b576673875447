#include "camclassify/confinement.hpp"

#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>

#include "confinement/landlock.hpp"
#include "confinement/seccomp_filter.hpp"

namespace camclassify {
namespace {

constexpr std::uint64_t kMiB = 1024 * 1024;
constexpr std::uint64_t kLeastMemory = 512 * kMiB, kMostMemory = 2048 * kMiB;
// Beyond private memory: files and libraries that are mapped, and address space that C libraries
// only reserve, 128 MiB for each thread.
constexpr std::uint64_t kAddressSpace = 16384 * kMiB;
constexpr rlim_t kDescriptors = 256;
constexpr rlim_t kProcesses =
    4096;  // of the same user, threads included: this only ends an avalanche

std::uint64_t memory_limit() {
  const auto pages = static_cast<std::uint64_t>(std::max(0L, sysconf(_SC_PHYS_PAGES)));
  const auto page = static_cast<std::uint64_t>(std::max(0L, sysconf(_SC_PAGESIZE)));
  return std::clamp(pages * page / 2, kLeastMemory, kMostMemory);
}

// Lowers a limit, never raises it; returns whether it holds.
bool limit(int resource, rlim_t most) {
  rlimit now{};
  if (getrlimit(resource, &now) != 0) return false;
  const rlim_t lowered = std::min(now.rlim_max, most);
  const rlimit wanted = {lowered, lowered};
  return setrlimit(resource, &wanted) == 0;
}

bool was_refused() { return errno == EPERM || errno == EACCES; }

bool cannot_open_sockets() {
  const int descriptor = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (descriptor < 0) return was_refused();
  close(descriptor);
  return false;
}

// There is no program without a name: this fails for that reason, unless the attempt itself is
// refused.
bool cannot_start_processes() {
  std::array<char*, 1> none = {nullptr};
  return execve("", none.data(), none.data()) != 0 && was_refused();
}

bool cannot_write() {
  const int descriptor = open("/tmp", O_TMPFILE | O_WRONLY | O_CLOEXEC, 0600);
  if (descriptor < 0) return was_refused() || errno == EROFS;
  close(descriptor);
  return false;
}

}  // namespace

Confinement confine(Connections connections) {
  Confinement result;
  result.privileges = prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0;
  const std::uint64_t memory = memory_limit();
  limit(RLIMIT_AS, memory + kAddressSpace);
  if (limit(RLIMIT_DATA, memory)) result.memory_bytes = memory;
  limit(RLIMIT_NOFILE, kDescriptors);
  limit(RLIMIT_NPROC, kProcesses);
  limit(RLIMIT_CORE, 0);  // a dump would hold pictures
  limit(RLIMIT_FSIZE, 0);
  if (result.privileges) {
    result.landlock = deny_writing(connections);
    result.seccomp = refuse_system_calls(connections);
  }
  result.programs = cannot_start_processes() || result.landlock > 0;
  result.network = cannot_open_sockets();
  result.writing = cannot_write();
  return result;
}

}  // namespace camclassify
