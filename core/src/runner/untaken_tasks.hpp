#pragma once

#include <atomic>
#include <cstdint>
#include <optional>

namespace camclassify {

// The tasks 0 .. count - 1 that no thread has taken yet. The caller takes the first and all others
// the last, so that what a chunk of one op wrote is in the cache of the thread that does the same
// rows of the next.
class UntakenTasks {
 public:
  // While nobody takes any. Publishes what was written before it to whoever takes one.
  void fill(int count) {
    ends_.store(static_cast<std::uint64_t>(count) << 32, std::memory_order_release);
  }

  // For thread 0, which is the caller, or another; none if there are no more.
  std::optional<int> take(int thread) {
    for (auto ends = ends_.load(std::memory_order_acquire);;) {
      const auto first = static_cast<std::uint32_t>(ends);
      const auto behind = static_cast<std::uint32_t>(ends >> 32);
      if (first == behind) return {};
      const std::uint64_t left = thread == 0 ? ends + 1 : ends - (std::uint64_t{1} << 32);
      if (ends_.compare_exchange_weak(ends, left, std::memory_order_acq_rel)) {
        return static_cast<int>(thread == 0 ? first : behind - 1);
      }
    }
  }

 private:
  // The first, and in the upper half the one behind the last.
  std::atomic<std::uint64_t> ends_{0};
};

}  // namespace camclassify
