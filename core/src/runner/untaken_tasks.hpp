#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <optional>

#include "camclassify/network.hpp"

namespace camclassify {

// The tasks 0 .. count - 1 that no thread has taken yet. Each thread has a share, of tasks that
// follow on each other, and takes them from the first on, so that what it wrote of one op is in its
// cache when it does the same share of the next. Then it takes the others' last. R. D. Blumofe and
// C. E. Leiserson, "Scheduling multithreaded computations by work stealing", 1999.
class UntakenTasks {
 public:
  explicit UntakenTasks(int threads) : threads_(threads) {}

  // When all are taken, even if somebody still looks for one. Publishes what was written before it
  // to whoever takes one.
  void fill(int count) {
    for (int i = 0; i < threads_; ++i) {
      const auto first = static_cast<std::uint64_t>(std::int64_t{count} * i / threads_);
      const auto behind = static_cast<std::uint64_t>(std::int64_t{count} * (i + 1) / threads_);
      share_of(i).store(first | behind << 32, std::memory_order_release);
    }
  }

  // For a thread in 0 .. threads - 1; none if there are no more.
  std::optional<int> take(int thread) {
    if (const auto own = take(share_of(thread), true)) return own;
    for (int i = 1; i < threads_; ++i) {
      if (const auto other = take(share_of((thread + i) % threads_), false)) return other;
    }
    return {};
  }

 private:
  // The first task, and in the upper half the one behind the last.
  struct alignas(64) Share {
    std::atomic<std::uint64_t> ends{0};
  };

  std::atomic<std::uint64_t>& share_of(int thread) {
    return shares_[static_cast<std::size_t>(thread)].ends;
  }

  static std::optional<int> take(std::atomic<std::uint64_t>& share, bool the_first) {
    for (auto ends = share.load(std::memory_order_acquire);;) {
      const auto first = static_cast<std::uint32_t>(ends);
      const auto behind = static_cast<std::uint32_t>(ends >> 32);
      if (first == behind) return {};
      const std::uint64_t left = the_first ? ends + 1 : ends - (std::uint64_t{1} << 32);
      if (share.compare_exchange_weak(ends, left, std::memory_order_acq_rel)) {
        return static_cast<int>(the_first ? first : behind - 1);
      }
    }
  }

  int threads_;  // up to kMostThreads
  std::array<Share, kMostThreads> shares_;
};

}  // namespace camclassify
