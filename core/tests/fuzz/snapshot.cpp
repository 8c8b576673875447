// Any bytes as a snapshot.

#include <cstdint>
#include <cstdlib>

#include "camclassify/error.hpp"
#include "camclassify/image.hpp"

namespace {

using namespace camclassify;

constexpr DecodeLimits kSmall = {.max_pixels = 1 << 20, .max_bytes = 1 << 20};

std::size_t area(Size size) {
  return static_cast<std::size_t>(size.width) * static_cast<std::size_t>(size.height);
}

void decode_all(std::span<const std::byte> snapshot) {
  const Size size = snapshot_size(snapshot);
  cover_saves_work(snapshot);
  const Plane plane = decode_luma(snapshot, kSmall);
  if (plane.pixels.size() != area(plane.size)) std::abort();
  for (const Size cover : {Size{}, Size{8, 8}}) {
    const Frame frame = decode(snapshot, cover, kSmall);
    // What the limits were held against must be what was decoded.
    if (frame.original_size != size || frame.pixels.size() != 3 * area(frame.size)) std::abort();
    if (luma(frame).size != plane.size) std::abort();
    // A tenth may be missing, and all decodings agree about it.
    if (frame.missing.has_value() != plane.missing.has_value()) std::abort();
    if (!frame.missing) continue;
    const auto& [x0, y0, x1, y1] = *frame.missing;
    if (!(*frame.missing == *plane.missing) || (x1 - x0) * (y1 - y0) > 0.11F) std::abort();
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  try {
    decode_all(std::as_bytes(std::span(data, size)));
  } catch (const SnapshotError&) {
  }
  return 0;
}
