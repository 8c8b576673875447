#include "runner/thread_pool.hpp"

#include <string>
#include <system_error>
#include <utility>

#include "camclassify/error.hpp"

namespace camclassify {
namespace {

void relax() {
#if defined(__x86_64__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  asm volatile("yield");
#endif
}

// Until `value` is no longer `old`.
void wait_for_change(const std::atomic<std::uint32_t>& value, std::uint32_t old) {
  constexpr int kLooksBetweenTimes = 32;  // reading the clock takes longer than a look
  const auto until = std::chrono::steady_clock::now() + ThreadPool::kPatience;
  do {
    for (int look = 0; look < kLooksBetweenTimes; ++look) {
      if (value.load(std::memory_order_acquire) != old) return;
      relax();
    }
  } while (std::chrono::steady_clock::now() < until);
  value.wait(old, std::memory_order_acquire);
}

}  // namespace

ThreadPool::ThreadPool(int threads) : untaken_(threads) {
  try {
    for (int i = 1; i < threads; ++i) workers_.emplace_back([this, i] { serve(i); });
  } catch (const std::system_error& error) {
    const std::size_t started = workers_.size();
    stop();
    throw Error("This machine gives the process no more than " + std::to_string(started + 1) +
                " of " + std::to_string(threads) + " threads (" + error.what() +
                "). Ask for fewer.");
  }
}

ThreadPool::~ThreadPool() { stop(); }

// The workers are joined when they are destroyed.
void ThreadPool::stop() {
  stopping_ = true;
  runs_.fetch_add(1);
  runs_.notify_all();
}

void ThreadPool::run(int count, Task task) {
  if (workers_.empty() || count <= 1) {
    for (int i = 0; i < count; ++i) task(i, 0);
    return;
  }
  task_ = &task;
  unfinished_.store(static_cast<std::uint32_t>(count), std::memory_order_relaxed);
  untaken_.fill(count);
  runs_.fetch_add(1, std::memory_order_release);
  runs_.notify_all();
  take_tasks(0);
  for (auto left = unfinished_.load(std::memory_order_acquire); left != 0;
       left = unfinished_.load(std::memory_order_acquire)) {
    wait_for_change(unfinished_, left);
  }
  if (error_) std::rethrow_exception(std::exchange(error_, nullptr));
}

void ThreadPool::serve(int thread) {
  for (std::uint32_t seen = 0;;) {
    wait_for_change(runs_, seen);
    seen = runs_.load(std::memory_order_acquire);
    if (stopping_) return;
    take_tasks(thread);
  }
}

void ThreadPool::take_tasks(int thread) {
  while (const std::optional<int> index = untaken_.take(thread)) call(*index, thread);
}

void ThreadPool::call(int index, int thread) {
  try {
    (*task_)(index, thread);
  } catch (...) {
    const std::scoped_lock lock(error_mutex_);
    if (!error_) error_ = std::current_exception();
  }
  if (unfinished_.fetch_sub(1, std::memory_order_acq_rel) == 1) unfinished_.notify_one();
}

}  // namespace camclassify
