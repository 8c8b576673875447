#include "memory/aligned_buffer.hpp"

#include <sys/mman.h>

#include <string>

#include "camclassify/error.hpp"
#include "memory/alignment.hpp"

namespace camclassify {

AlignedBuffer::AlignedBuffer(std::size_t bytes) {
  if (bytes == 0) return;
  if (bytes > kMostBufferBytes) {
    throw BundleError("The network needs " + std::to_string(bytes >> 20) +
                      " MB of buffers; at most " + std::to_string(kMostBufferBytes >> 20) +
                      " MB are allowed. Use a smaller input.");
  }
  // The system aligns large mappings to huge pages only where their size is a multiple of them.
  const std::size_t mapped = bytes >= kHugePage ? align_up(bytes, kHugePage) : bytes;
  void* const data =
      mmap(nullptr, mapped, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (data == MAP_FAILED) {
    throw Error("There is not enough memory for a network that needs " +
                std::to_string(mapped >> 20) + " MB of buffers.");
  }
  data_ = {static_cast<std::byte*>(data), Unmap{mapped}};
#ifdef MADV_HUGEPAGE
  if (bytes >= kHugePage) madvise(data, mapped, MADV_HUGEPAGE);
#endif
}

void AlignedBuffer::Unmap::operator()(std::byte* data) const { munmap(data, bytes); }

}  // namespace camclassify
