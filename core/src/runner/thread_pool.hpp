#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <exception>
#include <mutex>
#include <thread>
#include <vector>

#include "kernels/work_split.hpp"
#include "runner/untaken_tasks.hpp"

namespace camclassify {

// The threads of a direct runner: the caller and threads - 1 workers. Who waits looks for kPatience
// whether there is something to do, as the next op of a network comes sooner than a sleeping thread
// wakes up, and sleeps then. Never allocates after it was made.
class ThreadPool final : public Parallel {
 public:
  // Throws Error if the system does not give that many.
  explicit ThreadPool(int threads);
  ~ThreadPool() override;
  ThreadPool(const ThreadPool&) = delete;
  ThreadPool& operator=(const ThreadPool&) = delete;

  int threads() const override { return static_cast<int>(workers_.size()) + 1; }

  static constexpr std::chrono::microseconds kPatience{50};

  // One caller at a time. Rethrows the first exception of a task, when all are done.
  void run(int count, Task task) override;

 private:
  void stop();
  void serve(int thread);
  void take_tasks(int thread);
  void call(int index, int thread);

  // Written by run() before it hands out tasks, so constant for whoever holds one.
  const Task* task_ = nullptr;
  // A worker that wakes up late finds none, or the next run's: run() never waits for workers, only
  // for tasks.
  UntakenTasks untaken_;
  std::atomic<std::uint32_t> unfinished_{0};
  std::atomic<std::uint32_t> runs_{0};  // what sleeping workers watch
  std::atomic<bool> stopping_{false};
  std::mutex error_mutex_;
  std::exception_ptr error_;
  std::vector<std::jthread> workers_;
};

}  // namespace camclassify
