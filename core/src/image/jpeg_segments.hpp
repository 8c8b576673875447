#pragma once

#include <cstddef>
#include <optional>
#include <span>

namespace camclassify {

struct JpegSegment {
  unsigned marker;                     // its second byte: 0xC0 starts a frame, 0xDA a scan ...
  std::span<const std::byte> payload;  // without the length
};

// The segments of a JPEG one after the other, over the data of its scans and over whatever cheap
// cameras leave between segments. Ends at the end marker or where bytes are missing; never throws.
class JpegSegments {
 public:
  // `jpeg` from its start marker on.
  explicit JpegSegments(std::span<const std::byte> jpeg) : rest_(jpeg) {}

  std::optional<JpegSegment> next();

  // After the header of a scan: how many restart markers its data has.
  std::size_t count_restarts() const;

 private:
  std::span<const std::byte> rest_;
};

}  // namespace camclassify
