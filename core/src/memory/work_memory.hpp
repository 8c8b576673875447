#pragma once

#include <cstddef>
#include <memory>
#include <mutex>

namespace camclassify {

// Memory that networks work in, one at a time: as much as the one needs that needs most. It grows
// where it lies, so all of them keep their addresses, also while one of them runs.
class WorkMemory {
 public:
  // At least so many bytes, aligned to kAlignment, from the same address for whoever asks. Any
  // thread may ask. Throws BundleError if that is more than kMostBufferBytes, Error if there is not
  // enough memory.
  std::shared_ptr<std::byte> reserve(std::size_t bytes);

 private:
  class Block;

  std::mutex mutex_;
  std::shared_ptr<Block> block_;
};

}  // namespace camclassify
