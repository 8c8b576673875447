#include "image/resample.hpp"

#include <hwy/highway.h>

#include <algorithm>
#include <cmath>
#include <numeric>

namespace camclassify {
namespace {

namespace hn = hwy::HWY_NAMESPACE;

constexpr std::size_t kLanes = 8;

// Rounds to integers that still add up to Taps::kOne.
void quantise(std::span<const double> exact, std::span<std::uint16_t> weights) {
  const double sum = std::accumulate(exact.begin(), exact.end(), 0.0);
  double running = 0;
  int given = 0;
  for (std::size_t i = 0; i < exact.size(); ++i) {
    running += exact[i];
    const int upto = static_cast<int>(std::lround(running / sum * Taps::kOne));
    weights[i] = static_cast<std::uint16_t>(upto - given);
    given = upto;
  }
}

// One row of the source's height: the weighted sum of the rows that make up a destination row, in
// 1/256. Whole rows at a time, so that the compiler's vectors run over contiguous memory.
void blend_rows(const std::uint8_t* src, std::size_t stride, std::span<const std::uint16_t> weights,
                std::span<std::uint16_t> sums) {
  const std::size_t count = sums.size();
  auto* out = sums.data();
  const unsigned first = weights[0];
  for (std::size_t x = 0; x < count; ++x) out[x] = static_cast<std::uint16_t>(src[x] * first);
  for (std::size_t k = 1; k < weights.size(); ++k) {
    const unsigned weight = weights[k];
    if (weight == 0) continue;
    const auto* row = src + k * stride;
    for (std::size_t x = 0; x < count; ++x)
      out[x] = static_cast<std::uint16_t>(out[x] + row[x] * weight);
  }
}

// The weights in 1/65536, so that the high half of a product is the weighted sum, each in all
// lanes.
std::vector<std::uint16_t> spread_over_lanes(std::span<const std::uint16_t> weights) {
  std::vector<std::uint16_t> lanes;
  lanes.reserve(weights.size() * kLanes);
  for (const std::uint16_t weight : weights)
    lanes.insert(lanes.end(), kLanes,
                 static_cast<std::uint16_t>(std::min(weight * Taps::kOne, 0xFFFF)));
  return lanes;
}

// One destination row from a row of sums, three of eight lanes to a pixel: both `sums` and `dst`
// have room for kLanes more. `firsts` and `count` as in Taps, `weights` spread over the lanes.
void blend_columns(std::span<const std::uint16_t> sums, std::span<const int> firsts, int count,
                   const std::uint16_t* weights, ChannelOrder order, std::uint8_t* dst) {
  const hn::FixedTag<std::uint16_t, kLanes> d;
  const hn::Rebind<std::int16_t, decltype(d)> signed_d;
  const hn::Rebind<std::uint8_t, decltype(d)> bytes_d;
  const auto half = hn::Set(d, Taps::kOne / 2);
  for (const int first : firsts) {
    const auto* src = sums.data() + std::size_t{3} * static_cast<std::size_t>(first);
    auto pixel = half;
    for (int k = 0; k < count; ++k, src += 3, weights += kLanes)
      pixel = hn::Add(pixel, hn::MulHigh(hn::LoadU(d, src), hn::LoadU(d, weights)));
    if (order == ChannelOrder::kBgr) pixel = hn::ShiftRightLanes<1>(d, hn::Reverse4(d, pixel));
    const auto levels = hn::BitCast(signed_d, hn::ShiftRight<8>(pixel));
    hn::StoreU(hn::DemoteTo(bytes_d, levels), bytes_d, dst);
    dst += 3;
  }
}

}  // namespace

Taps make_taps(int src, double begin, double end, int dst) {
  const double step = (end - begin) / dst;
  const double reach = std::max(step, 1.0);  // a pixel is covered for `step`, interpolated over 1
  Taps taps;
  taps.count = std::min(src, static_cast<int>(std::ceil(reach)) + 1);
  std::vector<double> exact(static_cast<std::size_t>(taps.count));
  taps.weights.resize(static_cast<std::size_t>(dst) * exact.size());
  for (int i = 0; i < dst; ++i) {
    const double centre = begin + (i + 0.5) * step;
    const double left = std::clamp(centre - reach / 2, 0.0, src - 1.0);
    const double right = std::clamp(centre + reach / 2, left + 1e-6, static_cast<double>(src));
    const int first = std::min(static_cast<int>(left), src - taps.count);
    for (int k = 0; k < taps.count; ++k) {
      const double overlap = std::min(right, first + k + 1.0) - std::max<double>(left, first + k);
      exact[static_cast<std::size_t>(k)] = std::max(0.0, overlap);
    }
    taps.first.push_back(first);
    quantise(
        exact,
        std::span(taps.weights).subspan(static_cast<std::size_t>(i) * exact.size(), exact.size()));
  }
  return taps;
}

void resample(const Frame& frame, const Taps& columns, const Taps& rows, ChannelOrder order,
              int dst_width, std::span<std::uint8_t> dst) {
  const std::size_t stride = std::size_t{3} * static_cast<std::size_t>(frame.size.width);
  // Only the columns that are used are blended.
  const int left = columns.first.front();
  const int right = columns.first.back() + columns.count;
  std::vector<int> firsts = columns.first;
  for (int& first : firsts) first -= left;
  const std::vector<std::uint16_t> weights = spread_over_lanes(columns.weights);
  std::vector<std::uint16_t> sums(std::size_t{3} * static_cast<std::size_t>(right - left) + kLanes);
  const std::size_t row_bytes = std::size_t{3} * columns.first.size();
  std::vector<std::uint8_t> row(row_bytes + kLanes);
  for (std::size_t y = 0; y < rows.first.size(); ++y) {
    const auto* src = frame.pixels.data() + static_cast<std::size_t>(rows.first[y]) * stride +
                      std::size_t{3} * static_cast<std::size_t>(left);
    const auto count = static_cast<std::size_t>(rows.count);
    blend_rows(src, stride, std::span(rows.weights).subspan(y * count, count),
               std::span(sums).first(sums.size() - kLanes));
    blend_columns(sums, firsts, columns.count, weights.data(), order, row.data());
    std::copy_n(row.data(), row_bytes,
                dst.data() + y * std::size_t{3} * static_cast<std::size_t>(dst_width));
  }
}

}  // namespace camclassify
