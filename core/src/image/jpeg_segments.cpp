#include "image/jpeg_segments.hpp"

#include <algorithm>
#include <cstring>

namespace camclassify {
namespace {

constexpr std::byte kFill{0xFF};
constexpr unsigned kEnd = 0xD9;

// A stuffed zero or a restart, as inside a scan; a start marker; or 0x01, which stands alone too.
bool has_no_payload(unsigned code) { return code <= 0x01 || (code >= 0xD0 && code <= 0xD8); }

}  // namespace

std::size_t JpegSegments::count_restarts() const {
  std::size_t count = 0;
  for (auto rest = rest_;;) {
    const void* found = std::memchr(rest.data(), 0xFF, rest.size());
    if (found == nullptr) return count;
    const auto* code = static_cast<const std::byte*>(found) + 1;
    if (code == rest.data() + rest.size()) return count;
    rest = {code, rest.data() + rest.size()};
    if (*code == kFill) continue;
    if (!has_no_payload(std::to_integer<unsigned>(*code))) return count;
    count += *code >= std::byte{0xD0} && *code <= std::byte{0xD7} ? 1 : 0;
  }
}

std::optional<JpegSegment> JpegSegments::next() {
  for (;;) {
    const auto marker = std::ranges::find(rest_, kFill);
    const auto code =
        std::find_if(marker, rest_.end(), [](std::byte value) { return value != kFill; });
    if (code == rest_.end()) return std::nullopt;
    rest_ = {code + 1, rest_.end()};
    const auto kind = std::to_integer<unsigned>(*code);
    if (kind == kEnd) return std::nullopt;
    if (has_no_payload(kind)) continue;
    if (rest_.size() < 2) return std::nullopt;
    const auto length =
        std::to_integer<std::size_t>(rest_[0]) << 8 | std::to_integer<std::size_t>(rest_[1]);
    if (length < 2 || length > rest_.size()) return std::nullopt;
    const auto payload = rest_.subspan(2, length - 2);
    rest_ = rest_.subspan(length);
    return JpegSegment{kind, payload};
  }
}

}  // namespace camclassify
