#include "camclassify/confinement.hpp"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/shm.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iterator>
#include <span>
#include <string>
#include <thread>

#include "camclassify/network.hpp"
#include "confinement/landlock.hpp"
#include "confinement/seccomp_filter.hpp"

namespace camclassify {
namespace {

const std::string kBundle = CAMCLASSIFY_REPOSITORY "/bindings/camclassify_core/default_bundle/";

// How a child process ended that did this, as waitpid tells it.
int end_of_a_child(const std::function<bool()>& holds) {
  const pid_t child = fork();
  if (child == 0) _exit(holds() ? 0 : 1);
  int status = 0;
  waitpid(child, &status, 0);
  return status;
}

// Whether `holds` in a child process, which may give up what it likes.
bool in_a_child(const std::function<bool()>& holds) {
  const int status = end_of_a_child(holds);
  return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

bool in_a_confined_child(const std::function<bool()>& holds) {
  return in_a_child([&] {
    confine();
    return holds();
  });
}

bool was_refused(long result) { return result < 0 && (errno == EPERM || errno == EACCES); }

std::filesystem::path existing_file() {
  auto path = std::filesystem::temp_directory_path() /
              ("camclassify-confinement-" + std::to_string(getpid()));
  std::ofstream(path) << "as it was";
  return path;
}

std::string content(const std::filesystem::path& path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), {}};
}

// Whether this kernel has what a test is about: a user-mode emulator has neither, and Landlock is
// not in every kernel.
bool can_be_confined() {
  return in_a_child([] { return confine().seccomp; });
}

bool has_landlock() {
  return in_a_child([] { return confine().landlock > 0; });
}

bool loads_and_runs(const std::string& name, int threads) {
  const std::string file = content(kBundle + name);
  const auto network =
      open_network(std::as_bytes(std::span(file)), {.runner = Runner::kDirect, .threads = threads});
  network->run();
  return !network->outputs().empty();
}

}  // namespace

TEST_CASE("what holds is told") {
  MESSAGE("a filter of system calls: ", can_be_confined(), ", Landlock: ", has_landlock());
  if (!can_be_confined()) return;
  CHECK(in_a_child([] {
    const Confinement holds = confine();
    return holds.privileges && holds.programs && holds.network && holds.writing &&
           holds.memory_bytes >= std::uint64_t{512} << 20 &&
           holds.memory_bytes <= std::uint64_t{2} << 30;
  }));
}

TEST_CASE("nothing is refused before") {
  CHECK(in_a_child([] {
    const auto path = existing_file();
    const bool works = socket(AF_INET, SOCK_STREAM, 0) >= 0 && open(path.c_str(), O_RDWR) >= 0 &&
                       unlink(path.c_str()) == 0 && in_a_child([] { return true; });
    return works;
  }));
}

TEST_CASE("sockets cannot be opened") {
  if (!can_be_confined()) return;
  for (const int family : {AF_INET, AF_INET6, AF_UNIX, AF_NETLINK})
    CHECK(in_a_confined_child([&] { return was_refused(socket(family, SOCK_STREAM, 0)); }));
  CHECK(in_a_confined_child([] {
    std::array<int, 2> pair{};
    return was_refused(socketpair(AF_UNIX, SOCK_STREAM, 0, pair.data()));
  }));
}

TEST_CASE("who reads a stream may connect to an address, and nothing else of a network") {
  if (!can_be_confined()) return;
  const auto in_a_reader = [](const std::function<bool()>& holds) {
    return in_a_child([&] {
      const Confinement confined = confine(Connections::kOpened);
      return !confined.network && confined.programs && confined.writing && holds();
    });
  };
  for (const int family : {AF_INET, AF_INET6})
    CHECK(in_a_reader([&] { return socket(family, SOCK_STREAM, 0) >= 0; }));
  CHECK(in_a_reader([] {
    const int connection = socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in nobody{};
    nobody.sin_family = AF_INET;
    nobody.sin_port = htons(9);
    nobody.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (connection < 0) return false;
    const int connected =
        connect(connection, reinterpret_cast<const sockaddr*>(&nobody), sizeof nobody);
    return connected < 0 && errno == ECONNREFUSED && was_refused(listen(connection, 1));
  }));
  for (const int family : {AF_UNIX, AF_PACKET})
    CHECK(in_a_reader([&] { return was_refused(socket(family, SOCK_STREAM, 0)); }));
}

TEST_CASE("programs and processes cannot be started") {
  if (!can_be_confined()) return;
  CHECK(in_a_confined_child([] {
    std::array<char*, 1> none = {nullptr};
    return was_refused(execve("/proc/self/exe", none.data(), none.data()));
  }));
  CHECK(in_a_confined_child([] {
    const pid_t child = fork();
    if (child == 0) _exit(0);
    return was_refused(child);
  }));
  // NOLINTNEXTLINE(bugprone-command-processor): what is tested is that there is none
  CHECK(in_a_confined_child([] { return std::system("true") != 0; }));
}

TEST_CASE("files cannot be written, made or removed") {
  if (!can_be_confined()) return;
  const auto path = existing_file();
  const std::string name = path.string(), other = name + ".new";
  const std::function<bool()> attempts[] = {
      [&] { return was_refused(open(name.c_str(), O_WRONLY)); },
      [&] { return was_refused(open(name.c_str(), O_RDWR)); },
      [&] { return was_refused(open(name.c_str(), O_RDONLY | O_TRUNC)); },
      [&] { return was_refused(open(other.c_str(), O_RDONLY | O_CREAT, 0600)); },
      [&] { return was_refused(truncate(name.c_str(), 0)); },
      [&] { return was_refused(unlink(name.c_str())); },
      [&] { return was_refused(rename(name.c_str(), other.c_str())); },
      [&] { return was_refused(symlink(name.c_str(), other.c_str())); },
      [&] { return was_refused(link(name.c_str(), other.c_str())); },
      [&] { return was_refused(mkdir(other.c_str(), 0700)); },
      [&] { return was_refused(chmod(name.c_str(), 0777)); },
      [&] { return was_refused(setxattr(name.c_str(), "user.note", "", 0, 0)); },
      [&] { return was_refused(syscall(463 /* setxattrat */, AT_FDCWD, name.c_str(), 0)); },
      [&] { return was_refused(syscall(466 /* removexattrat */, AT_FDCWD, name.c_str(), 0)); },
      [&] { return was_refused(syscall(469 /* file_setattr */, AT_FDCWD, name.c_str(), 0)); },
  };
  for (const auto& attempt : attempts) CHECK(in_a_confined_child(attempt));
  CHECK(content(path) == "as it was");
  CHECK(!std::filesystem::exists(other));
  std::filesystem::remove(path);
}

TEST_CASE("either of Landlock and the filter alone keeps files from being written") {
  if (!can_be_confined()) return;
  const auto path = existing_file();
  const auto written = [&] { return was_refused(open(path.c_str(), O_WRONLY)); };
  CHECK(in_a_child([&] {
    prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
    return refuse_system_calls() && written();
  }));
  if (has_landlock()) {
    CHECK(in_a_child([&] {
      prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
      return deny_writing() > 0 && written();
    }));
    CHECK(in_a_child([&] {
      prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
      std::array<char*, 1> none = {nullptr};
      return deny_writing() > 0 && was_refused(execve("/proc/self/exe", none.data(), none.data()));
    }));
  }
  std::filesystem::remove(path);
}

TEST_CASE("more memory than the limit cannot be mapped, and the limit cannot be raised") {
  CHECK(in_a_child([] {
    const auto bytes = static_cast<std::size_t>(confine().memory_bytes);
    constexpr int kPrivate = MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE;
    return mmap(nullptr, bytes, PROT_READ | PROT_WRITE, kPrivate, -1, 0) == MAP_FAILED &&
           mmap(nullptr, bytes / 2, PROT_READ | PROT_WRITE, kPrivate, -1, 0) != MAP_FAILED;
  }));
  if (!can_be_confined()) return;
  CHECK(in_a_confined_child([] {
    const rlimit more = {RLIM_INFINITY, RLIM_INFINITY};
    rlimit now{};
    return was_refused(setrlimit(RLIMIT_DATA, &more)) && getrlimit(RLIMIT_DATA, &now) == 0 &&
           now.rlim_max != RLIM_INFINITY;
  }));
}

TEST_CASE("memory that no limit counts cannot be had") {
  if (!can_be_confined()) return;
  for (const int shared : {MAP_SHARED, MAP_SHARED | MAP_NORESERVE, MAP_SHARED_VALIDATE})
    CHECK(in_a_confined_child([&] {
      return mmap(nullptr, 4096, PROT_READ, shared | MAP_ANONYMOUS, -1, 0) == MAP_FAILED &&
             errno == ENOMEM;
    }));
  CHECK(
      in_a_confined_child([] { return was_refused(shmget(IPC_PRIVATE, 4096, IPC_CREAT | 0600)); }));
  CHECK(in_a_confined_child([] { return was_refused(syscall(SYS_memfd_create, "", 0)); }));
}

TEST_CASE("other processes cannot be signalled, this one can") {
  if (!can_be_confined()) return;
  const pid_t other = getpid();
  CHECK(in_a_confined_child([&] { return was_refused(kill(other, 0)); }));
  CHECK(in_a_confined_child([&] { return was_refused(sigqueue(other, 0, {})); }));
  CHECK(in_a_confined_child([&] {
    siginfo_t information{};
    information.si_code = SI_QUEUE;
    return was_refused(syscall(SYS_rt_tgsigqueueinfo, other, other, 0, &information));
  }));
  CHECK(in_a_confined_child([&] { return was_refused(syscall(SYS_tkill, other, 0)); }));
  CHECK(in_a_confined_child([&] { return was_refused(syscall(SYS_tgkill, other, other, 0)); }));
  CHECK(in_a_confined_child([] { return kill(getpid(), 0) == 0 && raise(SIGURG) == 0; }));
}

TEST_CASE("what fails in any thread still ends the process") {
  const auto abort_in_a_thread = [] {
    for (const int reported : {SIGABRT, SIGSEGV}) std::signal(reported, SIG_DFL);
    confine();
    std::thread([] { std::abort(); }).join();
    return true;
  };
  CHECK(WIFSIGNALED(end_of_a_child(abort_in_a_thread)));
}

TEST_CASE("a thread made before and one made after are confined alike") {
  if (!can_be_confined()) return;
  CHECK(in_a_child([] {
    bool go = false, before = false, after = false;
    std::thread early([&] {
      while (!std::atomic_ref(go).load()) std::this_thread::yield();
      before = was_refused(socket(AF_INET, SOCK_STREAM, 0));
    });
    confine();
    std::atomic_ref(go).store(true);
    early.join();
    std::thread([&] { after = was_refused(open("/tmp/x", O_WRONLY | O_CREAT, 0600)); }).join();
    return before && after;
  }));
}

TEST_CASE("files are still read, threads made, and one network after another loaded and run") {
  for (const int threads : {1, 2})
    CHECK(in_a_confined_child([&] {
      return loads_and_runs("scene.int8.onnx", threads) &&
             loads_and_runs("object.int8.onnx", threads);
    }));
}

}  // namespace camclassify
