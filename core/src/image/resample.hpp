#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "camclassify/image.hpp"

namespace camclassify {

// Which source positions make up each destination position along one axis, and how much.
// Shrinking averages over the covered length, enlarging interpolates linearly.
struct Taps {
  static constexpr int kOne = 256;  // the weights of a position add up to this

  int count = 0;                       // per position; unused ones weigh nothing
  std::vector<int> first;              // source index, per position
  std::vector<std::uint16_t> weights;  // position x count
};

// For `dst` positions that stretch over [begin, end) of a source of `src` positions.
Taps make_taps(int src, double begin, double end, int dst);

// Fills the top left `columns.first.size()` x `rows.first.size()` pixels of `dst`, whose rows hold
// `dst_width` pixels, from `frame`.
void resample(const Frame& frame, const Taps& columns, const Taps& rows, ChannelOrder order,
              int dst_width, std::span<std::uint8_t> dst);

}  // namespace camclassify
