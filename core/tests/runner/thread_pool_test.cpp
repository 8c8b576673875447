#include "runner/thread_pool.hpp"

#include <doctest/doctest.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <chrono>
#include <ctime>
#include <stdexcept>
#include <thread>
#include <vector>

#include "camclassify/error.hpp"

namespace camclassify {
namespace {

// Sanitizers need more address space for themselves than make_pool_with_too_little_memory() leaves.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr bool kSanitized = true;
#elif defined(__has_feature)
constexpr bool kSanitized = __has_feature(address_sanitizer) || __has_feature(thread_sanitizer);
#else
constexpr bool kSanitized = false;
#endif

// Makes a pool of 64 threads in a process that may have memory for a few; 0 if that gives an error.
int make_pool_with_too_little_memory() {
  constexpr rlim_t kAddressSpace = rlim_t{256} << 20;  // a thread's stack takes 8 MB of it
  const rlimit limit = {kAddressSpace, kAddressSpace};
  alarm(20);  // a pool that waits for ever ends too
  if (setrlimit(RLIMIT_AS, &limit) != 0) return 1;
  // An emulator of programs does not hold them to it.
  if (mmap(nullptr, kAddressSpace, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) != MAP_FAILED)
    return 0;
  try {
    const ThreadPool pool(64);
  } catch (const Error&) {
    return 0;
  }
  return 2;
}

TEST_CASE("every task runs exactly once, on any number of threads") {
  for (const int threads : {1, 2, 3, 8}) {
    ThreadPool pool(threads);
    CHECK(pool.threads() == threads);
    for (const int count : {0, 1, 2, 3, 17, 1000}) {
      std::vector<int> calls(static_cast<std::size_t>(count));
      pool.run(count, [&](int index, int) { ++calls[static_cast<std::size_t>(index)]; });
      CHECK(calls == std::vector<int>(static_cast<std::size_t>(count), 1));
    }
  }
}

TEST_CASE("run returns when all tasks are done, run after run") {
  ThreadPool pool(3);
  for (int round = 0; round < 2000; ++round) {
    std::atomic<int> sum = 0;
    const int count = 2 + round % 5;
    pool.run(count, [&](int index, int) { sum += index + 1; });
    REQUIRE(sum == count * (count + 1) / 2);
  }
}

TEST_CASE("no two tasks at once are told of the same thread") {
  for (const int threads : {1, 2, 5}) {
    ThreadPool pool(threads);
    std::vector<std::atomic<bool>> taken(static_cast<std::size_t>(threads));
    std::atomic<int> clashes = 0;
    pool.run(500, [&](int, int thread) {
      if (taken.at(static_cast<std::size_t>(thread)).exchange(true)) ++clashes;
      std::this_thread::yield();
      taken.at(static_cast<std::size_t>(thread)) = false;
    });
    CHECK(clashes == 0);
  }
}

TEST_CASE("two threads work at the same time") {
  ThreadPool pool(2);
  std::atomic<int> arrived = 0;
  pool.run(2, [&](int, int) {
    ++arrived;
    while (arrived < 2) std::this_thread::yield();
  });
  CHECK(arrived == 2);
}

// Not always: a worker that still looks for tasks of the run before may see the caller's of the
// next before its own.
TEST_CASE(
    "the caller takes the first tasks and a worker the last, so that each finds its own data") {
  constexpr int kRounds = 200;
  ThreadPool pool(2);
  int own = 0;
  for (int round = 0; round < kRounds; ++round) {
    std::atomic<int> arrived = 0;
    std::array<std::thread::id, 2> doers;
    pool.run(2, [&](int index, int) {
      doers[static_cast<std::size_t>(index)] = std::this_thread::get_id();
      ++arrived;
      while (arrived < 2) std::this_thread::yield();
    });
    REQUIRE(doers[1] != doers[0]);
    if (doers[0] == std::this_thread::get_id()) ++own;
  }
  CHECK(own > kRounds * 9 / 10);
}

TEST_CASE("an exception of a task reaches the caller, and the pool goes on") {
  for (const int threads : {1, 2}) {
    ThreadPool pool(threads);
    std::atomic<int> done = 0;
    const auto fail = [&](int index, int) {
      if (index == 3) throw std::runtime_error("task 3");
      ++done;
    };
    CHECK_THROWS_WITH(pool.run(8, fail), "task 3");
    if (threads > 1) CHECK(done == 7);
    pool.run(4, [&](int, int) { ++done; });
    CHECK(done >= 4);
  }
}

TEST_CASE("a pool whose threads cannot all be started ends those that were, and says so" *
          doctest::skip(kSanitized)) {
  const pid_t child = fork();
  if (child == 0) _exit(make_pool_with_too_little_memory());
  int status = 0;
  waitpid(child, &status, 0);
  CHECK(status == 0);
}

TEST_CASE("threads that have nothing to do use no processor time") {
  ThreadPool pool(4);
  pool.run(4, [](int, int) {});
  timespec before{}, after{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &before);
  std::this_thread::sleep_for(std::chrono::milliseconds(200));
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &after);
  const double used = static_cast<double>(after.tv_sec - before.tv_sec) +
                      static_cast<double>(after.tv_nsec - before.tv_nsec) * 1e-9;
  CHECK(used < 0.1);  // three spinning threads would use 0.6
}

}  // namespace
}  // namespace camclassify
