#pragma once

#include <cstddef>
#include <memory>

namespace camclassify {

// Zeroed memory that networks work in, aligned to kAlignment, which stays at its address. Large
// buffers ask the system for huge pages, which spares the processor most of its address
// translation.
class AlignedBuffer {
 public:
  AlignedBuffer() = default;
  // Throws BundleError if that is more than kMostBufferBytes, Error if there is not enough memory.
  explicit AlignedBuffer(std::size_t bytes);

  std::byte* data() const { return data_.get(); }
  std::size_t bytes() const { return data_.get_deleter().bytes; }

 private:
  struct Unmap {
    std::size_t bytes;
    void operator()(std::byte* data) const;
  };
  std::unique_ptr<std::byte, Unmap> data_{nullptr, Unmap{0}};
};

}  // namespace camclassify
