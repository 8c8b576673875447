#include "runner/thread_pool.hpp"

#include <string>
#include <system_error>
#include <utility>

#include "camclassify/error.hpp"

namespace camclassify {

ThreadPool::ThreadPool(int threads) {
  try {
    for (int i = 1; i < threads; ++i) workers_.emplace_back([this] { serve(); });
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
    for (int i = 0; i < count; ++i) task(i);
    return;
  }
  task_ = &task;
  unfinished_.store(static_cast<std::uint32_t>(count), std::memory_order_relaxed);
  untaken_.store(static_cast<std::uint32_t>(count), std::memory_order_release);
  runs_.fetch_add(1, std::memory_order_release);
  runs_.notify_all();
  take_tasks();
  for (auto left = unfinished_.load(std::memory_order_acquire); left != 0;
       left = unfinished_.load(std::memory_order_acquire)) {
    unfinished_.wait(left, std::memory_order_acquire);
  }
  if (error_) std::rethrow_exception(std::exchange(error_, nullptr));
}

void ThreadPool::serve() {
  for (std::uint32_t seen = 0;;) {
    runs_.wait(seen, std::memory_order_acquire);
    seen = runs_.load(std::memory_order_acquire);
    if (stopping_) return;
    take_tasks();
  }
}

void ThreadPool::take_tasks() {
  auto left = untaken_.load(std::memory_order_acquire);
  while (left != 0) {
    if (untaken_.compare_exchange_weak(left, left - 1, std::memory_order_acq_rel)) {
      call(left - 1);
      left = untaken_.load(std::memory_order_acquire);
    }
  }
}

void ThreadPool::call(std::uint32_t index) {
  try {
    (*task_)(static_cast<int>(index));
  } catch (...) {
    const std::lock_guard lock(error_mutex_);
    if (!error_) error_ = std::current_exception();
  }
  if (unfinished_.fetch_sub(1, std::memory_order_acq_rel) == 1) unfinished_.notify_one();
}

}  // namespace camclassify
