#include "camclassify/planar_frame.hpp"

#include <hwy/highway.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>
#include <string>

#include "camclassify/error.hpp"
#include "image/jpeg.hpp"
#include "image/limits.hpp"

namespace camclassify {
namespace {

namespace hn = hwy::HWY_NAMESPACE;

constexpr int kFraction = 13;  // bits of a weight: the largest one just fits 16 bits
constexpr int kHalf = 1 << (kFraction - 1);
constexpr int kLowest = 16, kLevels = 219;  // of luma that is not of full range
constexpr int kNoColour = 128;
constexpr int kCell = 8;  // pixels of the plane for the change gate

// In 1/8192, of what each sample adds to each channel.
struct Weights {
  std::int16_t luma, cr_in_red, cb_in_green, cr_in_green, cb_in_blue;
};

Weights weights_of(const PlanarFrame& frame) {
  const bool is_bt601 = frame.matrix == Matrix::kBt601;
  const double red = is_bt601 ? 0.299 : 0.2126, blue = is_bt601 ? 0.114 : 0.0722;
  const double green = 1 - red - blue;
  const double luma = frame.full_range ? 1 : 255.0 / kLevels;
  const double colour = frame.full_range ? 1 : 255.0 / 224;
  const auto rounded = [](double weight) {
    return static_cast<std::int16_t>(std::lround(weight * (1 << kFraction)));
  };
  return {rounded(luma), rounded(2 * (1 - red) * colour),
          rounded(-2 * (1 - blue) * blue / green * colour),
          rounded(-2 * (1 - red) * red / green * colour), rounded(2 * (1 - blue) * colour)};
}

class RowConverter {
 public:
  explicit RowConverter(const PlanarFrame& frame)
      : weights_(weights_of(frame)), lowest_(frame.full_range ? 0 : kLowest) {}

  // Rows of samples that belong together, to `width` pixels.
  void convert(const std::uint8_t* y, const std::uint8_t* cb, const std::uint8_t* cr,
               std::size_t width, std::uint8_t* dst) const {
    std::size_t x = 0;
    // Never up to the last pixel: vectors write a little more than they have.
    for (; x + 2 * kLanes < width; x += 2 * kLanes)
      convert_pixels(y + x, cb + x / 2, cr + x / 2, dst + 3 * x);
    for (; x < width; ++x) convert_pixel(y[x], cb[x / 2], cr[x / 2], dst + 3 * x);
  }

 private:
  static constexpr std::size_t kLanes = 8;
  using Levels = hn::FixedTag<std::uint8_t, kLanes>;
  using Samples16 = hn::FixedTag<std::int16_t, kLanes>;
  using Sums = hn::FixedTag<std::int32_t, kLanes / 2>;
  using Vector = hn::Vec<Samples16>;

  // Of eight pixels, the sums of two samples with their weights.
  struct Products {
    hn::Vec<Sums> low, high;

    Products(Vector first, std::int16_t first_weight, Vector second, std::int16_t second_weight) {
      const Samples16 d;
      const auto weights = hn::OddEven(hn::Set(d, second_weight), hn::Set(d, first_weight));
      low = hn::WidenMulPairwiseAdd(Sums(), hn::InterleaveLower(d, first, second), weights);
      high = hn::WidenMulPairwiseAdd(Sums(), hn::InterleaveUpper(d, first, second), weights);
    }

    hn::Vec<Levels> levels() const {
      const auto half = hn::Set(Sums(), kHalf);
      return hn::DemoteTo(
          Levels(), hn::OrderedDemote2To(Samples16(), hn::ShiftRight<kFraction>(hn::Add(low, half)),
                                         hn::ShiftRight<kFraction>(hn::Add(high, half))));
    }
  };

  static Vector load(const std::uint8_t* src, int zero) {
    return hn::Sub(hn::PromoteTo(Samples16(), hn::LoadU(Levels(), src)),
                   hn::Set(Samples16(), static_cast<std::int16_t>(zero)));
  }

  // Sixteen, in two halves that share eight samples of colour.
  void convert_pixels(const std::uint8_t* y, const std::uint8_t* cb, const std::uint8_t* cr,
                      std::uint8_t* dst) const {
    const Samples16 d;
    const Vector b = load(cb, kNoColour), r = load(cr, kNoColour);
    convert_half(load(y, lowest_), hn::InterleaveLower(d, b, b), hn::InterleaveLower(d, r, r), dst);
    convert_half(load(y + kLanes, lowest_), hn::InterleaveUpper(d, b, b),
                 hn::InterleaveUpper(d, r, r), dst + 3 * kLanes);
  }

  void convert_half(Vector y, Vector b, Vector r, std::uint8_t* dst) const {
    const Products red(y, weights_.luma, r, weights_.cr_in_red);
    const Products blue(y, weights_.luma, b, weights_.cb_in_blue);
    Products green(y, weights_.luma, b, weights_.cb_in_green);
    const Products rest(r, weights_.cr_in_green, b, 0);
    green.low = hn::Add(green.low, rest.low);
    green.high = hn::Add(green.high, rest.high);
    store(red.levels(), green.levels(), blue.levels(), dst);
  }

  // Writes two bytes more than eight pixels have. Highway's own interleaving by three takes several
  // times as long where the processor can be relied on for SSE2 only.
  static void store(hn::Vec<Levels> red, hn::Vec<Levels> green, hn::Vec<Levels> blue,
                    std::uint8_t* dst) {
    const hn::FixedTag<std::uint8_t, 2 * kLanes> bytes;
    const hn::Repartition<std::uint16_t, decltype(bytes)> halves;
    const hn::Repartition<std::uint64_t, decltype(bytes)> pairs;
    const auto zero = hn::Zero(Levels());
    const auto widened = [&](auto low, auto high) {
      return hn::InterleaveWholeLower(bytes, hn::ResizeBitCast(bytes, low),
                                      hn::ResizeBitCast(bytes, high));
    };
    const auto red_green = hn::BitCast(halves, widened(red, green));
    const auto blue_zero = hn::BitCast(halves, widened(blue, zero));
    store_pairs(hn::BitCast(pairs, hn::InterleaveLower(halves, red_green, blue_zero)), dst);
    store_pairs(hn::BitCast(pairs, hn::InterleaveUpper(halves, red_green, blue_zero)), dst + 12);
  }

  // Each lane: two pixels of four bytes, the fourth zero.
  template <class Pairs>
  static void store_pairs(Pairs pixels, std::uint8_t* dst) {
    const hn::DFromV<Pairs> d;
    const auto packed = hn::Or(hn::And(pixels, hn::Set(d, 0xFFFFFF)),
                               hn::And(hn::ShiftRight<8>(pixels), hn::Set(d, 0xFFFFFF000000)));
    std::array<std::uint64_t, 2> lanes;
    hn::StoreU(packed, d, lanes.data());
    std::memcpy(dst, lanes.data(), 8);
    std::memcpy(dst + 6, lanes.data() + 1, 8);
  }

  // The same arithmetic.
  void convert_pixel(int y, int cb, int cr, std::uint8_t* dst) const {
    const auto level = [](int sum) {
      return static_cast<std::uint8_t>(std::clamp((sum + kHalf) >> kFraction, 0, 255));
    };
    y = (y - lowest_) * weights_.luma;
    cb -= kNoColour;
    cr -= kNoColour;
    dst[0] = level(y + cr * weights_.cr_in_red);
    dst[1] = level(y + cb * weights_.cb_in_green + cr * weights_.cr_in_green);
    dst[2] = level(y + cb * weights_.cb_in_blue);
  }

  Weights weights_;
  int lowest_;
};

const std::uint8_t* row_of(const Samples& samples, int row) {
  return reinterpret_cast<const std::uint8_t*>(samples.bytes.data()) +
         static_cast<std::size_t>(row) * samples.stride;
}

void check(const Samples& samples, int width, int height) {
  const auto row_bytes = static_cast<std::size_t>(width);
  const auto rows_before = static_cast<std::size_t>(height - 1);
  // Divided, so that no product of foreign numbers can overflow.
  const bool is_whole = samples.stride >= row_bytes && samples.bytes.size() >= row_bytes &&
                        (samples.bytes.size() - row_bytes) / samples.stride >= rows_before;
  if (!is_whole)
    throw SnapshotError("A plane of the frame has " + std::to_string(samples.bytes.size()) +
                        " bytes in rows of " + std::to_string(samples.stride) + ", too few for " +
                        std::to_string(width) + " x " + std::to_string(height) + " samples.");
}

}  // namespace

void check(const PlanarFrame& frame, const DecodeLimits& limits) {
  const auto [width, height] = frame.size;
  if (width < 1 || height < 1) throw SnapshotError("The frame is empty.");
  check_pixels(frame.size, limits);
  check(frame.planes[0], width, height);
  for (const std::size_t colour : {1, 2})
    check(frame.planes.at(colour), (width + 1) / 2, frame.halved_rows ? (height + 1) / 2 : height);
}

Frame to_rgb(const PlanarFrame& frame) {
  Frame rgb{frame.size, frame.size, {}, {}};
  const auto width = static_cast<std::size_t>(frame.size.width);
  rgb.pixels.resize(3 * width * static_cast<std::size_t>(frame.size.height));
  const RowConverter converter(frame);
  for (int y = 0; y < frame.size.height; ++y) {
    const int colour = frame.halved_rows ? y / 2 : y;
    converter.convert(row_of(frame.planes[0], y), row_of(frame.planes[1], colour),
                      row_of(frame.planes[2], colour), width,
                      rgb.pixels.data() + 3 * width * static_cast<std::size_t>(y));
  }
  return rgb;
}

Plane luma(const PlanarFrame& frame) {
  const auto [width, height] = frame.size;
  Plane plane{{(width + kCell - 1) / kCell, (height + kCell - 1) / kCell}, {}};
  const float scale = frame.full_range ? 1 : 255.0F / kLevels;
  const auto lowest = static_cast<float>(frame.full_range ? 0 : kLowest);
  std::vector<std::uint16_t> sums(static_cast<std::size_t>(width));
  for (int top = 0; top < height; top += kCell) {
    const int bottom = std::min(top + kCell, height);
    // Whole rows first: the compiler's vectors run over contiguous memory.
    std::ranges::fill(sums, std::uint16_t{0});
    for (int y = top; y < bottom; ++y) {
      const std::uint8_t* row = row_of(frame.planes[0], y);
      for (std::size_t x = 0; x < sums.size(); ++x)
        sums[x] = static_cast<std::uint16_t>(sums[x] + row[x]);
    }
    for (int left = 0; left < width; left += kCell) {
      const int right = std::min(left + kCell, width);
      int sum = 0;
      for (int x = left; x < right; ++x) sum += sums[static_cast<std::size_t>(x)];
      const float mean =
          static_cast<float>(sum) / static_cast<float>((bottom - top) * (right - left));
      plane.pixels.push_back(static_cast<std::uint8_t>(
          std::lround(std::clamp((mean - lowest) * scale, 0.0F, 255.0F))));
    }
  }
  return plane;
}

std::vector<std::byte> encode_jpeg(const PlanarFrame& frame, int quality) {
  return encode_jpeg(to_rgb(frame), quality);
}

}  // namespace camclassify
