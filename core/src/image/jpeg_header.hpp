#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "camclassify/image.hpp"
#include "image/orientation.hpp"

namespace camclassify {

// What the segments of a JPEG tell before any of it is decoded.
struct JpegHeader {
  Size size;  // as stored
  Orientation orientation = 1;
  bool in_scans = false;  // progressive, or each colour by itself: read whole before it is decoded
  bool in_inks = false;   // CMYK or YCCK
  // Of the only scan, if it is to have restart markers: as many are there as have to be, whatever
  // their numbers; or none at all.
  bool has_all_restarts = false, has_no_restarts = false;
  std::int64_t coefficient_bytes = 0;  // that reading it keeps, if in scans
  std::int64_t scan_work_ns = 0;       // that reading its scans takes at most, estimated
};

// Throws SnapshotError if the JPEG is cut off before its picture, or of a kind that is not read.
JpegHeader read_jpeg_header(std::span<const std::byte> jpeg);

}  // namespace camclassify
