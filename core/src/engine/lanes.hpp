#pragma once

#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <numeric>
#include <vector>

namespace camclassify {

// The numbers of lanes, lent to whoever answers a snapshot, in the order in which they ask. The one
// that was given back last is lent first, so what lanes work in is touched only where so many are
// needed at a time.
class Lanes {
 public:
  // A lane that is nobody else's; at its end it is free again.
  class Loan {
   public:
    Loan(Lanes& lanes, int number) : lanes_(lanes), number_(number) {}
    ~Loan() { lanes_.give_back(number_); }
    Loan(const Loan&) = delete;
    Loan& operator=(const Loan&) = delete;

    int number() const { return number_; }

   private:
    Lanes& lanes_;
    int number_;
  };

  explicit Lanes(int count) : free_(static_cast<std::size_t>(count)) {
    std::iota(free_.rbegin(), free_.rend(), 0);
  }

  // Waits until there is one, and until those who asked before have theirs: who has just given one
  // back would else be there before who is woken by that, again and again.
  Loan take() {
    std::unique_lock lock(mutex_);
    const std::uint64_t turn = asked_++;
    changed_.wait(lock, [&] { return turn == served_ && !free_.empty(); });
    ++served_;
    if (served_ != asked_ && !free_.empty()) changed_.notify_all();
    const int number = free_.back();
    free_.pop_back();
    return {*this, number};
  }

 private:
  void give_back(int number) {
    {
      const std::scoped_lock lock(mutex_);
      free_.push_back(number);  // never grows beyond what there was at first
    }
    changed_.notify_all();
  }

  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<int> free_;
  std::uint64_t asked_ = 0, served_ = 0;
};

}  // namespace camclassify
