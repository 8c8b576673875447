#pragma once

#include <cstddef>
#include <memory>

#include "memory/checked.hpp"
#include "memory/weight_arena.hpp"

namespace camclassify {

inline constexpr std::size_t kAlignment = 64;  // of a cache line, and of the widest vector

constexpr std::size_t aligned(std::size_t bytes) {
  return (bytes + kAlignment - 1) / kAlignment * kAlignment;
}

// What no limit allows is so afterwards too.
constexpr Checked aligned(Checked bytes) {
  return (bytes + (kAlignment - 1)).value() / kAlignment * kAlignment;
}

// Zero-filled memory for packed constants.
class AlignedBytes {
 public:
  AlignedBytes() = default;
  explicit AlignedBytes(std::size_t bytes)
      : size_(aligned(bytes)), data_(size_ > 0 ? WeightArena::allocate(size_) : nullptr) {}

  std::size_t size() const { return size_; }
  const std::byte* data() const { return data_.get(); }
  template <class T>
  T* as() {
    return reinterpret_cast<T*>(data_.get());
  }
  template <class T>
  const T* as() const {
    return reinterpret_cast<const T*>(data_.get());
  }

 private:
  std::size_t size_ = 0;
  std::shared_ptr<std::byte> data_;
};

}  // namespace camclassify
