#include "image/jpeg_header.hpp"

#include <algorithm>
#include <array>
#include <cstring>
#include <string>

#include "camclassify/error.hpp"
#include "image/jpeg_segments.hpp"

namespace camclassify {
namespace {

constexpr unsigned kRestartInterval = 0xDD;
constexpr unsigned kFirstFrame = 0xC0, kProgressive = 0xC2, kLastFrame = 0xCF, kStartOfScan = 0xDA;
constexpr int kBlock = 8, kMostComponents = 4;

bool starts_frame(unsigned marker) {
  constexpr unsigned kHuffmanTables = 0xC4, kReserved = 0xC8, kArithmeticTables = 0xCC;
  return marker >= kFirstFrame && marker <= kLastFrame && marker != kHuffmanTables &&
         marker != kReserved && marker != kArithmeticTables;
}

// Baseline, extended and progressive JPEGs of 8 bits are read: the others no browser shows either.
void check_kind(unsigned marker, int bits, int colours) {
  constexpr unsigned kLossless = 0xC3, kFirstArithmetic = 0xC9;
  std::string kind;
  if (marker >= kFirstArithmetic) {
    kind = "coded arithmetically";
  } else if (marker == kLossless) {
    kind = "lossless";
  } else if (marker > kProgressive) {
    kind = "hierarchical";
  } else if (bits != 8) {
    kind = "of " + std::to_string(bits) + " bits a colour";
  } else if (colours != 1 && colours != 3 && colours != 4) {
    kind = "of " + std::to_string(colours) + " colours";
  } else {
    return;
  }
  throw SnapshotError("The JPEG is " + kind +
                      ", which is not read. Set the camera to ordinary JPEG (baseline, 8 bits).");
}

int byte_at(std::span<const std::byte> bytes, std::size_t at) {
  return std::to_integer<int>(bytes[at]);
}

int number_at(std::span<const std::byte> bytes, std::size_t at) {
  return byte_at(bytes, at) << 8 | byte_at(bytes, at + 1);
}

// The payload of the APP1 segment that holds Exif: a TIFF file. Empty if there is none.
std::span<const std::byte> exif_of_jpeg(std::span<const std::byte> jpeg) {
  constexpr std::array<char, 6> kExif = {'E', 'x', 'i', 'f', 0, 0};
  constexpr unsigned kApp1 = 0xE1;
  JpegSegments segments(jpeg);
  while (const auto segment = segments.next()) {
    if (segment->marker == kStartOfScan) break;
    const auto payload = segment->payload;
    if (segment->marker == kApp1 && payload.size() > kExif.size() &&
        std::memcmp(payload.data(), kExif.data(), kExif.size()) == 0)
      return payload.subspan(kExif.size());
  }
  return {};
}

struct Component {
  int id = 0;
  std::int64_t blocks = 0;
};

class HeaderReader {
 public:
  JpegHeader read(std::span<const std::byte> jpeg) {
    JpegSegments segments(jpeg);
    bool any_scan = false;
    while (const auto segment = segments.next()) {
      if (starts_frame(segment->marker) && component_count_ == 0) {
        read_frame(*segment);
      } else if (segment->marker == kRestartInterval && segment->payload.size() >= 2) {
        restart_interval_ = number_at(segment->payload, 0);
      } else if (segment->marker == kStartOfScan) {
        if (component_count_ == 0) break;
        read_scan(segment->payload);
        any_scan = true;
        if (header_.in_scans) continue;
        if (restart_interval_ > 0) check_restarts(segments.count_restarts());
        break;
      }
    }
    if (!any_scan)
      throw SnapshotError("The JPEG ends before its picture begins. The camera sent only a part.");
    if (header_.in_scans) {
      constexpr std::int64_t kNsPerByte = 30;
      header_.scan_work_ns += kNsPerByte * static_cast<std::int64_t>(jpeg.size());
      for (const Component& component : components())
        header_.coefficient_bytes += component.blocks * kBlock * kBlock * 2;
    }
    header_.orientation = exif_orientation(exif_of_jpeg(jpeg));
    return header_;
  }

 private:
  std::span<const Component> components() const {
    return std::span(components_).first(static_cast<std::size_t>(component_count_));
  }

  void read_frame(const JpegSegment& segment) {
    constexpr std::size_t kFixed = 6, kPerComponent = 3;
    const auto payload = segment.payload;
    if (payload.size() < kFixed) return;
    const int count = byte_at(payload, 5);
    check_kind(segment.marker, byte_at(payload, 0), count);
    header_.size = {number_at(payload, 3), number_at(payload, 1)};
    if (header_.size.width == 0 || header_.size.height == 0 ||
        payload.size() != kFixed + kPerComponent * static_cast<std::size_t>(count))
      throw SnapshotError("The JPEG is damaged: its header makes no sense.");
    component_count_ = count;
    header_.in_scans = segment.marker == kProgressive;
    header_.in_inks = count == 4;
    // Rounded up to whole groups of blocks, as they are kept.
    int widest = 1, highest = 1;
    const auto sampling = [&](int i) {
      return byte_at(payload, kFixed + kPerComponent * static_cast<std::size_t>(i) + 1);
    };
    for (int i = 0; i < count; ++i) {
      widest = std::max(widest, sampling(i) >> 4);
      highest = std::max(highest, sampling(i) & 15);
    }
    const auto groups = [](int length, int most) {
      return (length + kBlock * most - 1) / (kBlock * most);
    };
    // A single component is coded block by block, whatever its sampling says.
    if (count == 1) widest = highest = 1;
    groups_ =
        std::int64_t{groups(header_.size.width, widest)} * groups(header_.size.height, highest);
    for (int i = 0; i < count; ++i)
      components_.at(static_cast<std::size_t>(i)) = {
          byte_at(payload, kFixed + kPerComponent * static_cast<std::size_t>(i)),
          std::int64_t{groups(header_.size.width, widest)} * groups(header_.size.height, highest) *
              (sampling(i) >> 4) * (sampling(i) & 15)};
  }

  void read_scan(std::span<const std::byte> payload) {
    // A scan costs its tables even if it has few blocks; a block costs a look at each coefficient
    // even if the scan says nothing about it.
    constexpr std::int64_t kNsPerScan = 20'000, kNsPerBlock = 40;
    if (payload.empty()) return;
    const int count = byte_at(payload, 0);
    if (count < component_count_) header_.in_scans = true;
    header_.scan_work_ns += kNsPerScan;
    for (int i = 0; i < count && 1 + 2 * static_cast<std::size_t>(i) < payload.size(); ++i) {
      const int id = byte_at(payload, 1 + 2 * static_cast<std::size_t>(i));
      for (const Component& component : components())
        if (component.id == id) header_.scan_work_ns += kNsPerBlock * component.blocks;
    }
  }

  void check_restarts(std::size_t found) {
    const std::int64_t expected = (groups_ - 1) / restart_interval_;
    header_.has_all_restarts = static_cast<std::int64_t>(found) == expected;
    header_.has_no_restarts = found == 0 && expected > 0;
  }

  JpegHeader header_;
  std::int64_t groups_ = 1;  // of blocks, of all components, that are coded together
  std::int64_t restart_interval_ = 0;
  std::array<Component, kMostComponents> components_ = {};
  int component_count_ = 0;
};

}  // namespace

JpegHeader read_jpeg_header(std::span<const std::byte> jpeg) { return HeaderReader().read(jpeg); }

}  // namespace camclassify
