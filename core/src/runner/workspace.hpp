#pragma once

#include <cstddef>
#include <memory>
#include <mutex>
#include <vector>

#include "memory/work_memory.hpp"
#include "runner/thread_pool.hpp"

namespace camclassify {

// What networks run in: memory for what they compute, and threads. Those that share one run one at
// a time, and what one has read and computed is lost when another runs. They may be opened while
// one runs.
class Workspace {
 public:
  // Throws Error if the system does not give that many threads.
  explicit Workspace(int threads) : threads_(threads) {}

  ThreadPool& threads() { return threads_; }
  WorkMemory& memory() { return memory_; }

  // For a part of a network that runs beside others: one thread, and memory of its own.
  Workspace& part(std::size_t number) {
    const std::scoped_lock lock(mutex_);
    while (parts_.size() <= number) parts_.push_back(std::make_unique<Workspace>(1));
    return *parts_[number];
  }

 private:
  ThreadPool threads_;
  WorkMemory memory_;
  std::mutex mutex_;
  std::vector<std::unique_ptr<Workspace>> parts_;
};

}  // namespace camclassify
