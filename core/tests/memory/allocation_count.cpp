#include "memory/allocation_count.hpp"

#include <atomic>
#include <cstdlib>
#include <new>

namespace {

std::atomic<std::size_t> count = 0;

}  // namespace

namespace camclassify::test {

std::size_t allocation_count() { return count; }

}  // namespace camclassify::test

// All other forms of new and delete call these, or the address sanitizer's own counterparts.

void* operator new(std::size_t bytes) {
  ++count;
  if (void* const data = std::malloc(bytes)) return data;
  throw std::bad_alloc();
}

void* operator new(std::size_t bytes, std::align_val_t alignment) {
  ++count;
  const auto align = static_cast<std::size_t>(alignment);
  if (void* const data = std::aligned_alloc(align, (bytes + align - 1) / align * align))
    return data;
  throw std::bad_alloc();
}

void* operator new(std::size_t bytes, const std::nothrow_t&) noexcept {
  ++count;
  return std::malloc(bytes);
}

void operator delete(void* data) noexcept { std::free(data); }
void operator delete(void* data, std::size_t) noexcept { std::free(data); }
void operator delete(void* data, std::align_val_t) noexcept { std::free(data); }
void operator delete(void* data, std::size_t, std::align_val_t) noexcept { std::free(data); }
