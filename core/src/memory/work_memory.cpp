#include "memory/work_memory.hpp"

#include <sys/mman.h>

#include <algorithm>
#include <string>

#include "camclassify/error.hpp"
#include "memory/alignment.hpp"
#include "memory/checked.hpp"

namespace camclassify {
namespace {

// Addresses, and not memory. What needs more lies in a block of its own.
constexpr std::size_t kBlockAddresses = std::size_t{128} << 20;

[[noreturn]] void fail(std::size_t bytes) {
  throw Error("There is not enough memory for a network that needs " + std::to_string(bytes >> 20) +
              " MB of buffers.");
}

}  // namespace

class WorkMemory::Block {
 public:
  explicit Block(std::size_t capacity)
      : capacity_(align_up(capacity, kHugePage)), mapped_(capacity_ + kHugePage) {
    mapping_ =
        mmap(nullptr, mapped_, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (mapping_ == MAP_FAILED) fail(capacity);
    void* start = mapping_;
    std::size_t space = mapped_;
    data_ = static_cast<std::byte*>(std::align(kHugePage, capacity_, start, space));
  }
  ~Block() { munmap(mapping_, mapped_); }
  Block(const Block&) = delete;
  Block& operator=(const Block&) = delete;

  std::byte* data() const { return data_; }
  std::size_t capacity() const { return capacity_; }

  void grow(std::size_t bytes) {
    const std::size_t wanted = align_up(bytes, kPage);
    if (wanted <= usable_) return;
    if (mprotect(data_, wanted, PROT_READ | PROT_WRITE) != 0) fail(wanted);
    usable_ = wanted;
#ifdef MADV_HUGEPAGE
    // Whole ones only: the rest of the last one would be memory that nobody uses.
    if (wanted >= kHugePage) madvise(data_, wanted / kHugePage * kHugePage, MADV_HUGEPAGE);
#endif
  }

 private:
  std::byte* data_ = nullptr;
  std::size_t capacity_, usable_ = 0;
  void* mapping_ = nullptr;  // what `data_` was cut from
  std::size_t mapped_;
};

std::shared_ptr<std::byte> WorkMemory::reserve(std::size_t bytes) {
  if (bytes > kMostBufferBytes) {
    throw BundleError("The network needs " + std::to_string(bytes >> 20) +
                      " MB of buffers; at most " + std::to_string(kMostBufferBytes >> 20) +
                      " MB are allowed. Use a smaller input.");
  }
  const std::scoped_lock lock(mutex_);
  if (!block_ || bytes > block_->capacity())
    block_ = std::make_shared<Block>(std::max(kBlockAddresses, bytes));
  block_->grow(bytes);
  return {block_, block_->data()};
}

}  // namespace camclassify
