#pragma once

#include <chrono>

namespace camclassify {

// Adds the milliseconds of wall time of its life to a sum.
class Stopwatch {
 public:
  explicit Stopwatch(double& sum_ms) : sum_ms_(sum_ms) {}
  ~Stopwatch() {
    const std::chrono::duration<double, std::milli> passed = Clock::now() - start_;
    sum_ms_ += passed.count();
  }
  Stopwatch(const Stopwatch&) = delete;
  Stopwatch& operator=(const Stopwatch&) = delete;

 private:
  using Clock = std::chrono::steady_clock;
  double& sum_ms_;
  Clock::time_point start_ = Clock::now();
};

}  // namespace camclassify
