#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <mutex>
#include <utility>
#include <vector>

namespace camclassify {

// Objects that are costly to make, lent to whoever needs one: there are as many as were ever needed
// at the same time, and none is made while one is idle.
template <class T>
class Pool {
 public:
  struct GiveBack {
    Pool* pool;
    void operator()(T* object) const noexcept { pool->give_back(object); }
  };
  using Loan = std::unique_ptr<T, GiveBack>;  // at its end the object is idle again

  // `make` may be called by several threads at the same time. The pool must outlive its loans.
  explicit Pool(std::function<std::unique_ptr<T>()> make) : make_(std::move(make)) {}

  // Throws what `make` throws.
  Loan take() {
    {
      const std::scoped_lock lock(mutex_);
      if (!idle_.empty()) {
        Loan loan(idle_.back().release(), {this});
        idle_.pop_back();
        return loan;
      }
      idle_.reserve(++made_);  // so that giving it back cannot fail
    }
    return Loan(make_().release(), {this});
  }

 private:
  void give_back(T* object) noexcept {
    const std::scoped_lock lock(mutex_);
    idle_.emplace_back(object);
  }

  std::function<std::unique_ptr<T>()> make_;
  std::mutex mutex_;
  std::vector<std::unique_ptr<T>> idle_;
  std::size_t made_ = 0;
};

}  // namespace camclassify
