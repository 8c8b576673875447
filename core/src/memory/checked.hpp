#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <utility>

namespace camclassify {

// Elements of one tensor and bytes of one buffer: far above what any network needs, and few enough
// for the ops' indices, which are ints.
inline constexpr std::size_t kMostElements = std::size_t{1} << 28;
inline constexpr std::size_t kMostBufferBytes = std::size_t{2} << 30;

// A size worked out from foreign numbers. A sum or product that does not fit, or a number below
// zero, is the largest size there is, whatever is done with it afterwards: no limit allows it.
class Checked {
 public:
  template <std::integral T>
  constexpr Checked(T value)  // NOLINT: implicit, so that formulas can be read
      : value_(std::in_range<std::size_t>(value) ? static_cast<std::size_t>(value) : kTooLarge) {}

  constexpr std::size_t value() const { return value_; }

  friend constexpr Checked operator+(Checked a, Checked b) {
    std::size_t sum = 0;
    return __builtin_add_overflow(a.value_, b.value_, &sum) ? kTooLarge : sum;
  }
  friend constexpr Checked operator*(Checked a, Checked b) {
    if (a.value_ == kTooLarge || b.value_ == kTooLarge) return kTooLarge;
    std::size_t product = 0;
    return __builtin_mul_overflow(a.value_, b.value_, &product) ? kTooLarge : product;
  }

 private:
  static constexpr std::size_t kTooLarge = std::numeric_limits<std::size_t>::max();

  std::size_t value_;
};

// Whether a tensor of this shape has at least one element and no more than kMostElements.
constexpr bool is_sound(std::span<const std::int64_t> shape) {
  Checked elements = 1;
  for (const std::int64_t extent : shape) elements = elements * extent;
  return elements.value() >= 1 && elements.value() <= kMostElements;
}

}  // namespace camclassify
