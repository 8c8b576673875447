#pragma once

#include <cstddef>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <new>

namespace camclassify {

inline constexpr std::size_t kAlignment = 64;  // of a cache line, and of the widest vector

constexpr std::size_t aligned(std::size_t bytes) {
  return (bytes + kAlignment - 1) / kAlignment * kAlignment;
}

// Zero-filled memory for packed constants.
class AlignedBytes {
 public:
  AlignedBytes() = default;
  explicit AlignedBytes(std::size_t bytes)
      : size_(aligned(bytes)),
        data_(static_cast<std::byte*>(std::aligned_alloc(kAlignment, size_))) {
    if (size_ > 0 && !data_) throw std::bad_alloc();
    if (size_ > 0) std::memset(data_.get(), 0, size_);
  }

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
  struct Free {
    void operator()(std::byte* p) const { std::free(p); }
  };
  std::size_t size_ = 0;
  std::unique_ptr<std::byte, Free> data_;
};

}  // namespace camclassify
