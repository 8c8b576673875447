#pragma once

#include <chrono>
#include <functional>
#include <future>
#include <memory>
#include <utility>

namespace camclassify {

// Something that takes a while to load: absent, being loaded in the background, or there.
template <class T>
class Loadable {
 public:
  // `load` may be called in another thread, and again after drop().
  explicit Loadable(std::function<std::unique_ptr<T>()> load) : load_(std::move(load)) {}

  // Loads it, or waits until it is loaded. Throws what `load` throws.
  T& get() {
    if (!value_) value_ = loading_.valid() ? loading_.get() : load_();
    return *value_;
  }

  // Whether get() will not wait; if it would, sees to it that it is loaded in the background.
  // Throws what `load` throws.
  bool is_ready() {
    if (value_) return true;
    if (!loading_.valid()) loading_ = std::async(std::launch::async, load_);
    if (loading_.wait_for(std::chrono::seconds(0)) != std::future_status::ready) return false;
    get();
    return true;
  }

  T* get_if_loaded() const { return value_.get(); }

  void drop() { value_.reset(); }

 private:
  std::function<std::unique_ptr<T>()> load_;
  std::unique_ptr<T> value_;
  std::future<std::unique_ptr<T>> loading_;
};

}  // namespace camclassify
