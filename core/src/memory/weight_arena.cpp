#include "memory/weight_arena.hpp"

#include <sys/mman.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <new>
#include <utility>

namespace camclassify {
namespace {

// Addresses that an arena reserves, and not memory: only what is written to takes that.
constexpr std::size_t kArenaAddresses = std::size_t{64} << 20;

thread_local std::shared_ptr<WeightArena> current;

std::shared_ptr<std::byte> allocate_alone(std::size_t bytes) {
  auto* data = static_cast<std::byte*>(std::aligned_alloc(kAlignment, bytes));
  if (!data) throw std::bad_alloc();
  std::memset(data, 0, bytes);
  return {data, [](std::byte* p) { std::free(p); }};
}

}  // namespace

WeightArena::Scope::Scope() : outer_(std::move(current)) {
  if (kHasArenas) current = std::make_shared<WeightArena>(kArenaAddresses);
}

WeightArena::Scope::~Scope() {
  if (current) current->trim();
  current = std::move(outer_);
}

std::shared_ptr<std::byte> WeightArena::allocate(std::size_t bytes) {
  if (!current) return allocate_alone(bytes);
  if (bytes > current->capacity_ - current->used_) {
    current->trim();
    current = std::make_shared<WeightArena>(std::max(kArenaAddresses, bytes));
  }
  std::byte* data = current->data_ + current->used_;
  current->used_ += bytes;
  return {current, data};
}

WeightArena::WeightArena(std::size_t capacity)
    : capacity_(align_up(capacity, kHugePage)), mapped_(capacity_ + kHugePage) {
  mapping_ = mmap(nullptr, mapped_, PROT_READ | PROT_WRITE,
                  MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (mapping_ == MAP_FAILED) throw std::bad_alloc();
  void* start = mapping_;
  std::size_t space = mapped_;
  data_ = static_cast<std::byte*>(std::align(kHugePage, capacity_, start, space));
  madvise(data_, capacity_, MADV_HUGEPAGE);  // a wish: refused where there are none
}

WeightArena::~WeightArena() { munmap(mapping_, mapped_); }

void WeightArena::trim() {
  const std::size_t begin = align_up(used_, kPage);
  const std::size_t end = align_up(used_, kHugePage);
  if (begin == end) return;
  madvise(data_ + begin, end - begin, MADV_NOHUGEPAGE);  // or the system would fill it up again
  madvise(data_ + begin, end - begin, MADV_DONTNEED);
}

}  // namespace camclassify
