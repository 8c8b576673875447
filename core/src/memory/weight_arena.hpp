#pragma once

#include <cstddef>
#include <memory>

#include "memory/alignment.hpp"

namespace camclassify {

// Whether there are arenas: they would hide from the address sanitizer what is read beyond a
// constant's own memory.
#if defined(__SANITIZE_ADDRESS__)
inline constexpr bool kHasArenas = false;
#elif defined(__has_feature)
inline constexpr bool kHasArenas = !__has_feature(address_sanitizer);
#else
inline constexpr bool kHasArenas = true;
#endif

// Memory for the packed constants of one network, one after the other in the order in which its ops
// are made, which is the one in which they run: fetching ahead of one op's weights reaches the next
// one's. In huge pages where the system has them, which spares the processor most of its address
// translation.
class WeightArena {
 public:
  // While there is one, the constants that this thread packs lie in an arena of their own, which
  // lives as long as any of them.
  class Scope {
   public:
    Scope();
    ~Scope();
    Scope(const Scope&) = delete;
    Scope& operator=(const Scope&) = delete;

   private:
    std::shared_ptr<WeightArena> outer_;
  };

  // Zero-filled, a multiple of kAlignment, aligned to it; without a Scope memory of its own.
  // Throws std::bad_alloc.
  static std::shared_ptr<std::byte> allocate(std::size_t bytes);

  explicit WeightArena(std::size_t capacity);
  ~WeightArena();
  WeightArena(const WeightArena&) = delete;
  WeightArena& operator=(const WeightArena&) = delete;

 private:
  // Gives the untouched rest of the last huge page back.
  void trim();

  std::byte* data_ = nullptr;  // a whole number of huge pages
  std::size_t capacity_ = 0, used_ = 0;
  void* mapping_ = nullptr;  // what `data_` was cut from
  std::size_t mapped_ = 0;
};

// Zero-filled memory for packed constants, in the arena that there is.
class PackedBytes {
 public:
  PackedBytes() = default;
  explicit PackedBytes(std::size_t bytes)
      : size_(align_up(bytes)), data_(size_ > 0 ? WeightArena::allocate(size_) : nullptr) {}

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
