#include "image/resample.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace camclassify {
namespace {

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

// One destination row from a row of sums. `kCount` taps per pixel, known to the compiler for the
// usual cases; 0: any.
template <int kCount>
void blend_columns(std::span<const std::uint16_t> sums, const Taps& columns, bool swap,
                   std::uint8_t* dst) {
  constexpr unsigned kHalf = Taps::kOne * Taps::kOne / 2, kShift = 16;
  const int count = kCount ? kCount : columns.count;
  const std::size_t red = swap ? 2 : 0, blue = swap ? 0 : 2;
  const auto* weights = columns.weights.data();
  for (const int first : columns.first) {
    const auto* src = sums.data() + std::size_t{3} * static_cast<std::size_t>(first);
    unsigned r = kHalf, g = kHalf, b = kHalf;
    for (int k = 0; k < count; ++k, src += 3) {
      const unsigned weight = weights[k];
      r += src[0] * weight;
      g += src[1] * weight;
      b += src[2] * weight;
    }
    weights += count;
    dst[red] = static_cast<std::uint8_t>(r >> kShift);
    dst[1] = static_cast<std::uint8_t>(g >> kShift);
    dst[blue] = static_cast<std::uint8_t>(b >> kShift);
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
  Taps shifted = columns;
  for (int& first : shifted.first) first -= left;
  std::vector<std::uint16_t> sums(std::size_t{3} * static_cast<std::size_t>(right - left));
  const auto blend = columns.count == 2   ? blend_columns<2>
                     : columns.count == 3 ? blend_columns<3>
                                          : blend_columns<0>;
  for (std::size_t y = 0; y < rows.first.size(); ++y) {
    const auto* src = frame.pixels.data() + static_cast<std::size_t>(rows.first[y]) * stride +
                      std::size_t{3} * static_cast<std::size_t>(left);
    const auto count = static_cast<std::size_t>(rows.count);
    blend_rows(src, stride, std::span(rows.weights).subspan(y * count, count), sums);
    blend(sums, shifted, order == ChannelOrder::kBgr,
          dst.data() + y * std::size_t{3} * static_cast<std::size_t>(dst_width));
  }
}

}  // namespace camclassify
