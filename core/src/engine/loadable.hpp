#pragma once

#include <chrono>
#include <functional>
#include <future>
#include <memory>
#include <mutex>
#include <utility>

namespace camclassify {

// Something that takes a while to load: absent, being loaded, or there. Threads may ask at the same
// time; none waits for another's loading but in get(). What was dropped lives on as long as
// somebody has it.
template <class T>
class Loadable {
 public:
  // `load` may be called in another thread, and again after drop().
  explicit Loadable(std::function<std::shared_ptr<T>()> load) : load_(std::move(load)) {}

  // Loads it, or waits until it is loaded. Throws what `load` throws.
  std::shared_ptr<T> get() { return value_of(begin(std::launch::deferred)); }

  // Whether get() will not wait; if it would, sees to it that it is loaded in the background.
  // Throws what `load` throws.
  bool is_ready() {
    const Loading loading = begin(std::launch::async);
    if (!is_done(loading)) return false;
    value_of(loading);
    return true;
  }

  std::shared_ptr<T> get_if_loaded() {
    const Loading loading = now();
    return loading.valid() && is_done(loading) ? value_of(loading) : nullptr;
  }

  void drop() {
    const std::scoped_lock lock(mutex_);
    if (loading_.valid() && is_done(loading_)) loading_ = {};
  }

 private:
  using Loading = std::shared_future<std::shared_ptr<T>>;

  static bool is_done(const Loading& loading) {
    return loading.wait_for(std::chrono::seconds(0)) == std::future_status::ready;
  }

  Loading now() {
    const std::scoped_lock lock(mutex_);
    return loading_;
  }

  Loading begin(std::launch where) {
    const std::scoped_lock lock(mutex_);
    if (!loading_.valid()) loading_ = std::async(where, load_).share();
    return loading_;
  }

  // The next one who asks after a failure tries again.
  std::shared_ptr<T> value_of(const Loading& loading) {
    try {
      return loading.get();
    } catch (...) {
      drop();
      throw;
    }
  }

  std::function<std::shared_ptr<T>()> load_;
  std::mutex mutex_;  // never held while it loads
  Loading loading_;
};

}  // namespace camclassify
