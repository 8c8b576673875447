// Any bytes as a snapshot:  fuzz_snapshot CORPUS_DIR   (start it with a few JPEGs and PNGs)

#include <cstddef>
#include <cstdint>

#include "camclassify/error.hpp"
#include "camclassify/image.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace camclassify;
  const auto snapshot = std::as_bytes(std::span(data, size));
  constexpr DecodeLimits kSmall = {.max_pixels = 1 << 20, .max_bytes = 1 << 20};
  const auto quietly = [](auto step) {
    try {
      step();
    } catch (const SnapshotError&) {
    }
  };
  quietly([&] { snapshot_size(snapshot); });
  quietly([&] { decode_luma(snapshot, kSmall); });
  quietly([&] { luma(decode(snapshot, {64, 64}, kSmall)); });
  return 0;
}
