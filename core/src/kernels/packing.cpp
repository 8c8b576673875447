#include "kernels/packing.hpp"

#include <algorithm>
#include <array>
#include <cstring>
#include <numeric>

#include "kernels/tiling.hpp"

namespace camclassify {
namespace {

// The channel that lane `lane` of vector `v` holds in a block of `vectors`: the order in which the
// channels come out right when vectors are packed to bytes or i16, 128-bit lane by lane.
int channel_in_block(DataType dst, int lanes, int vectors, int v, int lane) {
  const int group = lane / 4, element = lane % 4;
  if (dst == DataType::kU8) return group * 4 * vectors + v * 4 + element;
  if (dst == DataType::kI16 && vectors > 1) {
    return v / 2 * 2 * lanes + group * 8 + v % 2 * 4 + element;
  }
  return v * lanes + lane;
}

// Calls visit(position, channel) for every lane of the packed order, padding included.
template <class Visit>
void for_each_channel(int channels, DataType dst, const PackedLayout& layout, Visit visit) {
  int vectors = (channels + layout.lanes - 1) / layout.lanes;
  for (int start = 0; vectors > 0;) {
    const int block = block_vectors(vectors, layout.max_vectors);
    for (int v = 0; v < block; ++v) {
      for (int lane = 0; lane < layout.lanes; ++lane) {
        visit(start + v * layout.lanes + lane,
              start + channel_in_block(dst, layout.lanes, block, v, lane));
      }
    }
    start += block * layout.lanes;
    vectors -= block;
  }
}

// A u8[256] or i16[131] table in the layout of this instruction set.
PackedBytes pack_table(const TensorView& table) {
  const PackedLayout& layout = kernel_set().layout;
  PackedBytes packed(table.bytes());
  std::memcpy(packed.as<std::byte>(), table.data, table.bytes());
  if (table.type == DataType::kU8 && layout.table_differences) {
    const auto entries = table.as<const std::uint8_t>();
    for (std::size_t i = 0; i < entries.size(); ++i) {
      if (i % 128 >= 16) packed.as<std::uint8_t>()[i] = entries[i] ^ entries[i - 16];
    }
  } else if (table.type == DataType::kI16 && layout.curve_planes) {
    const auto entries = table.as<const std::int16_t>();
    for (std::size_t i = 0; i < 128; ++i) {
      const std::size_t lower = i / 64 * 128 + i % 64;
      packed.as<std::uint8_t>()[lower] = static_cast<std::uint8_t>(entries[i]);
      packed.as<std::uint8_t>()[lower + 64] = static_cast<std::uint8_t>(entries[i] >> 8);
    }
    if (layout.table_differences) {
      for (std::size_t i = 255; i > 0; --i) {
        if (i % 64 >= 16) packed.as<std::uint8_t>()[i] ^= packed.as<std::uint8_t>()[i - 16];
      }
    }
  }
  return packed;
}

// Most that weights which meet in one i16 may add up to, as products with any u8.
constexpr int kMostInI16 = 32767 / 255;
constexpr std::size_t kQuad = 4;

// Whether the products of any pixels that are added in i16 stay within it, in every row: of u8
// those with two neighbouring weights, of pixels made signed any two.
bool is_pair_limited(const PackedLayout& layout, std::span<const std::int8_t> rows,
                     std::size_t depth, std::span<const int> depths) {
  if (layout.signed_pixels) return std::ranges::find(rows, -128) == rows.end();
  for (std::size_t row = 0; row < rows.size(); row += depth) {
    std::size_t start = row;
    for (const int d : depths) {
      for (int k = 0; k + 1 < d; k += 2) {
        const std::size_t i = start + static_cast<std::size_t>(k);
        const int most = std::max<int>(rows[i], 0) + std::max<int>(rows[i + 1], 0);
        const int least = std::min<int>(rows[i], 0) + std::min<int>(rows[i + 1], 0);
        if (most > kMostInI16 || least < -kMostInI16) return false;
      }
      start += static_cast<std::size_t>(d);
    }
  }
  return true;
}

// The steps of a block's weights, as Gemm::order tells of them.
struct StepOrder {
  std::vector<std::int32_t> pairs;  // of each segment
  std::vector<int> elements;        // where each step begins in its segment
};

StepOrder as_they_come(std::span<const int> depths, int step) {
  StepOrder order;
  for (const int depth : depths) {
    order.pairs.push_back(0);
    for (int k = 0; k < depth; k += step) order.elements.push_back(k);
  }
  return order;
}

// Pairs up the steps of one segment, `rows` of which are the weights of a block's channels: the
// heaviest with the lightest that fits, of which not many are tried. Appends to `order`.
void pair_up(std::span<const std::int8_t* const> rows, int depth, StepOrder& order) {
  // The sums of positive and of negative weights, for each of a step's pairs of each channel.
  const std::size_t steps = static_cast<std::size_t>(depth) / kQuad, sums = rows.size() * 4;
  std::vector<std::uint8_t> loads(steps * sums);
  std::vector<std::uint8_t> peaks(steps);
  for (std::size_t step = 0; step < steps; ++step) {
    std::uint8_t* load = loads.data() + step * sums;
    for (const std::int8_t* row : rows) {
      for (const std::int8_t* pair = row + step * kQuad; pair < row + (step + 1) * kQuad;
           pair += 2) {
        const int positive = std::max<int>(pair[0], 0) + std::max<int>(pair[1], 0);
        *load++ = static_cast<std::uint8_t>(positive);
        *load++ = static_cast<std::uint8_t>(positive - pair[0] - pair[1]);
      }
    }
    peaks[step] = *std::max_element(load - sums, load);
  }
  const auto fit = [&](std::size_t a, std::size_t b) {
    const std::uint8_t *first = loads.data() + a * sums, *second = loads.data() + b * sums;
    return std::equal(first, first + sums, second,
                      [](int one, int other) { return one + other <= kMostInI16; });
  };
  std::vector<std::size_t> left(steps);  // the heaviest last
  std::iota(left.begin(), left.end(), std::size_t{0});
  std::ranges::stable_sort(left, {}, [&](std::size_t step) { return peaks[step]; });
  std::vector<std::size_t> alone;
  std::int32_t pairs = 0;
  const auto append = [&](std::size_t step) {
    order.elements.push_back(static_cast<int>(step * kQuad));
  };
  while (!left.empty()) {
    constexpr std::size_t kTried = 16;
    const std::size_t heaviest = left.back();
    left.pop_back();
    const auto last = left.begin() + static_cast<std::ptrdiff_t>(std::min(kTried, left.size()));
    const auto found =
        std::find_if(left.begin(), last, [&](std::size_t other) { return fit(heaviest, other); });
    if (found == last) {
      alone.push_back(heaviest);
      continue;
    }
    append(heaviest);
    append(*found);
    ++pairs;
    left.erase(found);
  }
  std::ranges::for_each(alone, append);
  if (steps * kQuad < static_cast<std::size_t>(depth)) append(steps);
  order.pairs.push_back(pairs);
}

// `rows`: the weights of a block's channels.
StepOrder pair_up(std::vector<const std::int8_t*> rows, std::span<const int> depths) {
  StepOrder order;
  for (const int depth : depths) {
    pair_up(rows, depth, order);
    for (const std::int8_t*& row : rows) row += depth;
  }
  return order;
}

// Writes it as Gemm::order wants it; gives where the next block's begins.
std::int32_t* write_order(const StepOrder& order, std::span<const int> depths, std::int32_t* to) {
  auto element = order.elements.begin();
  for (std::size_t segment = 0; segment < depths.size(); ++segment) {
    *to++ = order.pairs[segment];
    const int steps = (depths[segment] + static_cast<int>(kQuad) - 1) / static_cast<int>(kQuad);
    to = std::copy_n(element, steps, to);
    element += steps;
  }
  return to;
}

const TensorView* first_table(const Convolution& c) {
  return c.tables.empty() ? nullptr : c.tables.data();
}

void pack_epilogue(const Convolution& c, int first, DataType dst, const TensorView* table,
                   std::span<const int> order, std::span<const std::int32_t> bias_correction,
                   PackedConvolution& packed) {
  packed.bias = PackedBytes(order.size() * 4);
  if (c.int8) packed.multiplier = PackedBytes(order.size() * 4);
  for (std::size_t i = 0; i < order.size(); ++i) {
    if (order[i] >= packed.channels) continue;
    const std::size_t o = static_cast<std::size_t>(first) + static_cast<std::size_t>(order[i]);
    if (c.int8) {
      const auto bias = static_cast<std::uint32_t>(c.bias.as<const std::int32_t>()[o]);
      const auto correction = static_cast<std::uint32_t>(bias_correction[i]);
      packed.bias.as<std::uint32_t>()[i] = bias + correction;
      packed.multiplier.as<float>()[i] = c.multiplier.as<const float>()[o];
    } else {
      packed.bias.as<float>()[i] = c.bias.as<const float>()[o];
    }
  }
  if (table) packed.table = pack_table(*table);
  packed.epilogue.type = dst;
  packed.epilogue.activation = c.activation;
  packed.epilogue.bias = packed.bias.data();
  packed.epilogue.multiplier = packed.multiplier.as<float>();
  packed.epilogue.table = packed.table.data();
}

// Writes one step (the elements that meet in one 32-bit lane) of one channel.
class StepWriter {
 public:
  StepWriter(DataType src, bool int8, bool pair_limited, const PackedLayout& layout)
      : step_(!int8                  ? 1
              : src == DataType::kU8 ? 4
                                     : 2),
        int8_(int8),
        split_quads_(step_ == 4 && !layout.native_quads && !pair_limited),
        halves_(step_ == 4 && pair_limited && layout.signed_pixels),
        lanes_(static_cast<std::size_t>(layout.lanes)) {}

  int step() const { return step_; }
  bool split_quads() const { return split_quads_; }
  std::size_t vector_bytes() const { return lanes_ * (split_quads_ ? 8 : 4); }

  // Whether write_block() is for all elements but the last, fewer than block().
  bool writes_blocks() const { return halves_; }
  int block() const { return 4 * step_; }

  // Writes four steps, `stride` bytes apart. Every step multiplies all pixels of the block, from
  // one step to the next rotated by a pair: each lane meets each of its channel's pairs once.
  void write_block(std::byte* vector, std::size_t stride, std::size_t lane,
                   const std::byte* elements) const {
    for (std::size_t i = 0; i < 16; ++i) {
      const std::size_t turn = (i / 2 + 8 - lane) % 8;
      write_pair(vector + turn % 4 * stride, lane, turn / 4, i % 2,
                 reinterpret_cast<const std::int8_t*>(elements)[i]);
    }
  }

  // `vector` is where this vector's step begins; `count` <= step() elements are there.
  void write(std::byte* vector, std::size_t lane, const std::byte* elements, int count) const {
    for (int i = 0; i < count; ++i) {
      if (!int8_) {
        reinterpret_cast<float*>(vector)[lane] = reinterpret_cast<const float*>(elements)[i];
        continue;
      }
      const std::int8_t w = reinterpret_cast<const std::int8_t*>(elements)[i];
      const std::size_t index = static_cast<std::size_t>(i);
      if (halves_) {
        // Every second channel's pairs are swapped, as the pixel's are for the upper half.
        write_pair(vector, lane, index / 2 ^ lane % 2, index % 2, w);
      } else if (step_ == 4 && !split_quads_) {
        reinterpret_cast<std::int8_t*>(vector)[lane * 4 + index] = w;
      } else if (step_ == 4) {
        reinterpret_cast<std::int16_t*>(vector)[(index % 2) * 2 * lanes_ + lane * 2 + index / 2] =
            w;
      } else {
        reinterpret_cast<std::int16_t*>(vector)[lane * 2 + index] = w;
      }
    }
  }

 private:
  void write_pair(std::byte* vector, std::size_t lane, std::size_t half, std::size_t i,
                  std::int8_t w) const {
    reinterpret_cast<std::int8_t*>(vector)[(half * lanes_ + lane) * 2 + i] = w;
  }

  int step_;
  bool int8_;
  bool split_quads_;
  bool halves_;  // a lane has a pair of weights in the lower and one in the upper half of a vector
  std::size_t lanes_;
};

// Four times G g G^T of Winograd's F(2x2, 3x3): whole numbers for weights that are.
std::array<double, kWinogradElements> transformed_weights(const std::array<double, 9>& taps) {
  const auto transformed = [](double a, double b, double c) {
    return std::array<double, 4>{2 * a, a + b + c, a - b + c, 2 * c};
  };
  std::array<std::array<double, 4>, 3> columns{};
  for (std::size_t x = 0; x < 3; ++x) columns[x] = transformed(taps[x], taps[3 + x], taps[6 + x]);
  std::array<double, kWinogradElements> elements{};
  for (std::size_t y = 0; y < 4; ++y) {
    const std::array<double, 4> row = transformed(columns[0][y], columns[1][y], columns[2][y]);
    std::ranges::copy(row, elements.begin() + static_cast<std::ptrdiff_t>(4 * y));
  }
  return elements;
}

std::vector<int> channel_order(int channels, DataType dst, const PackedLayout& layout) {
  std::vector<int> order;
  for_each_channel(channels, dst, layout, [&](int, int channel) { order.push_back(channel); });
  return order;
}

}  // namespace

PackedConvolution pack_pointwise(const Convolution& c, const std::byte* weights, int first,
                                 int count, std::span<const int> depths, DataType src, DataType dst,
                                 const TensorView* table) {
  const PackedLayout& layout = kernel_set().layout;
  const std::size_t element = c.int8 ? 1 : 4;
  const int depth = std::accumulate(depths.begin(), depths.end(), 0);

  PackedConvolution packed;
  packed.channels = count;
  if (src == DataType::kU8 && c.int8 && layout.multiplies_pairs) {
    const std::size_t row = static_cast<std::size_t>(depth);
    const auto* values = reinterpret_cast<const std::int8_t*>(weights);
    packed.pair_limited = is_pair_limited(
        layout,
        {values + static_cast<std::size_t>(first) * row, static_cast<std::size_t>(count) * row},
        row, depths);
  }
  const StepWriter writer(src, c.int8, packed.pair_limited, layout);
  packed.depth = depth;
  for (const int d : depths) packed.steps += (d + writer.step() - 1) / writer.step();
  const std::vector<int> order = channel_order(count, dst, layout);
  const std::size_t lanes = static_cast<std::size_t>(layout.lanes);
  const std::size_t reduction = static_cast<std::size_t>(packed.steps) * writer.vector_bytes();
  packed.vector_bytes = static_cast<std::int64_t>(reduction);
  packed.weights = PackedBytes(order.size() / lanes * reduction);
  const bool pairs_up_steps = packed.pair_limited && !layout.reads_blocks;
  if (pairs_up_steps) {
    packed.order_length = static_cast<int>(depths.size());
    packed.order_length += packed.steps;
    std::size_t blocks = 0;
    for (int left = static_cast<int>(order.size() / lanes); left > 0; ++blocks) {
      left -= block_vectors(left, layout.max_vectors);
    }
    packed.order = PackedBytes(blocks * static_cast<std::size_t>(packed.order_length) * 4);
  }
  std::int32_t* block_order = packed.order.as<std::int32_t>();
  std::vector<std::int32_t> correction(order.size());
  std::byte* block = packed.weights.as<std::byte>();
  int vectors = static_cast<int>(order.size() / lanes);
  for (std::size_t start = 0; vectors > 0;) {
    const std::size_t width = static_cast<std::size_t>(block_vectors(vectors, layout.max_vectors));
    StepOrder steps = as_they_come(depths, writer.step());
    if (pairs_up_steps) {
      std::vector<const std::int8_t*> rows;
      for (std::size_t i = 0; i < width * lanes; ++i) {
        const auto* values = reinterpret_cast<const std::int8_t*>(weights);
        if (order[start + i] < count) rows.push_back(values + (first + order[start + i]) * depth);
      }
      steps = pair_up(std::move(rows), depths);
      block_order = write_order(steps, depths, block_order);
    }
    for (std::size_t i = 0; i < width * lanes; ++i) {
      const int channel = order[start + i];
      if (channel >= count) continue;
      const std::byte* row = weights + static_cast<std::size_t>(first + channel) *
                                           static_cast<std::size_t>(depth) * element;
      std::byte* vector = block + i / lanes * writer.vector_bytes();
      auto element_of = steps.elements.begin();
      for (const int d : depths) {
        int n = 0;
        for (; writer.writes_blocks() && n + writer.block() <= d; n += writer.block()) {
          writer.write_block(vector, width * writer.vector_bytes(), i % lanes,
                             row + static_cast<std::size_t>(n) * element);
          vector += 4 * width * writer.vector_bytes();
          element_of += 4;
        }
        for (; n < d; n += writer.step()) {
          const int k = *element_of++;
          const int present = std::min(writer.step(), d - k);
          writer.write(vector, i % lanes, row + static_cast<std::size_t>(k) * element, present);
          vector += width * writer.vector_bytes();
        }
        row += static_cast<std::size_t>(d) * element;
      }
      if (layout.signed_pixels && src == DataType::kU8 && c.int8 && !writer.split_quads()) {
        const auto* w = reinterpret_cast<const std::int8_t*>(row) - depth;
        correction[start + i] = 128 * std::accumulate(w, w + depth, 0);
      }
    }
    block += width * reduction;
    start += width * lanes;
    vectors -= static_cast<int>(width);
  }
  pack_epilogue(c, first, dst, table, order, correction, packed);
  return packed;
}

std::vector<std::byte> channels_last(const Convolution& c) {
  const std::size_t element = c.int8 ? 1 : 4;
  const auto outputs = static_cast<std::size_t>(c.weights.shape[0]);
  const auto inputs = static_cast<std::size_t>(c.weights.shape[1]);
  const auto area = static_cast<std::size_t>(c.weights.shape[2] * c.weights.shape[3]);
  std::vector<std::byte> result(c.weights.bytes());
  for (std::size_t o = 0; o < outputs; ++o) {
    for (std::size_t channel = 0; channel < inputs; ++channel) {
      for (std::size_t i = 0; i < area; ++i) {
        std::memcpy(result.data() + ((o * area + i) * inputs + channel) * element,
                    c.weights.data + ((o * inputs + channel) * area + i) * element, element);
      }
    }
  }
  return result;
}

PackedConvolution pack_pointwise(const Convolution& c, DataType src, DataType dst) {
  const int depth = c.depth();
  return pack_pointwise(c, c.weights.data, 0, c.outputs(), {&depth, 1}, src, dst, first_table(c));
}

PackedConvolution pack_winograd(const Convolution& c, DataType dst) {
  const PackedLayout& layout = kernel_set().layout;
  const std::size_t lanes = static_cast<std::size_t>(layout.lanes);
  const std::size_t depth = static_cast<std::size_t>(c.weights.shape[1]);
  const std::size_t step = c.int8 ? 2 : 1;  // elements that meet in one 32-bit lane
  constexpr std::size_t kElements = kWinogradElements, kTaps = 9;
  const std::byte* const data = c.weights.data;

  PackedConvolution packed;
  packed.channels = c.outputs();
  packed.depth = static_cast<int>(depth);
  const std::size_t steps = (depth + step - 1) / step;
  packed.steps = static_cast<int>(steps);
  packed.vector_bytes = static_cast<std::int64_t>(steps * lanes * 4);
  const std::vector<int> order = channel_order(packed.channels, dst, layout);
  packed.weights = PackedBytes(order.size() * kElements * steps * 4);
  std::size_t start = 0;  // of a block of channels
  for (std::size_t vectors = order.size() / lanes; vectors > 0;) {
    const std::size_t width =
        static_cast<std::size_t>(block_vectors(static_cast<int>(vectors), layout.max_vectors));
    for (std::size_t i = 0; i < width * lanes; ++i) {
      if (order[start + i] >= packed.channels) continue;
      const std::size_t first = static_cast<std::size_t>(order[start + i]) * depth * kTaps;
      for (std::size_t k = 0; k < depth; ++k) {
        std::array<double, kTaps> taps{};
        for (std::size_t tap = 0; tap < kTaps; ++tap) {
          const std::size_t at = first + k * kTaps + tap;
          taps[tap] = c.int8 ? static_cast<double>(reinterpret_cast<const std::int8_t*>(data)[at])
                             : static_cast<double>(reinterpret_cast<const float*>(data)[at]);
        }
        const std::array<double, kElements> elements = transformed_weights(taps);
        for (std::size_t element = 0; element < kElements; ++element) {
          const std::size_t row = (element * steps + k / step) * width * lanes + i;
          const std::size_t at = (start * kElements * steps + row) * step + k % step;
          if (c.int8) {
            packed.weights.as<std::int16_t>()[at] = static_cast<std::int16_t>(elements[element]);
          } else {
            packed.weights.as<float>()[at] = static_cast<float>(elements[element] / 4);
          }
        }
      }
    }
    start += width * lanes;
    vectors -= width;
  }
  const std::vector<std::int32_t> correction(order.size());
  pack_epilogue(c, 0, dst, first_table(c), order, correction, packed);
  if (c.int8) {
    for (std::size_t i = 0; i < order.size(); ++i) packed.bias.as<std::uint32_t>()[i] *= 4;
  }
  return packed;
}

PackedConvolution pack_depthwise(const Convolution& c, DataType dst) {
  // In int8 a vector of i16 gives a block of two vectors of sums.
  PackedLayout layout = kernel_set().layout;
  layout.max_vectors = c.int8 ? 2 : 1;
  const int kernel = static_cast<int>(c.weights.shape[1]);
  const int channels = c.outputs();
  const int block = layout.lanes * layout.max_vectors;
  const int padded = (channels + block - 1) / block * block;

  PackedConvolution packed;
  packed.channels = channels;
  std::vector<int> order = channel_order(padded, c.int8 ? DataType::kI16 : dst, layout);
  // Half a block of channels is repeated, for kernels that fill a vector with two pixels.
  if (2 * channels == block) {
    for (int& channel : order) channel %= channels;
  }
  const int together = layout.pairs_taps ? 2 : 1;
  const int taps = c.int8 && layout.pairs_taps ? depthwise_pairs(kernel) : kernel * kernel;
  packed.weights = PackedBytes(order.size() * static_cast<std::size_t>(taps) *
                               static_cast<std::size_t>(c.int8 ? together * 2 : 4));
  for (int position = 0; position < padded; ++position) {
    const int channel = order[static_cast<std::size_t>(position)];
    if (channel >= channels) continue;
    for (int i = 0; i < kernel; ++i) {
      for (int j = 0; j < kernel; ++j) {
        const int src = (channel * kernel + i) * kernel + j;
        if (!c.int8) {
          packed.weights.as<float>()[(i * kernel + j) * padded + position] =
              c.weights.as<const float>()[static_cast<std::size_t>(src)];
          continue;
        }
        const bool side_by_side = together == 2 && i == kernel - 1;
        const int tap = i / together * kernel + (side_by_side ? j / 2 : j);
        const int element = side_by_side ? j % 2 : i % together;
        const int step = position / block * taps + tap;
        const std::int8_t weight = c.weights.as<const std::int8_t>()[static_cast<std::size_t>(src)];
        packed.weights.as<std::int16_t>()[(step * block + position % block) * together + element] =
            weight;
      }
    }
  }
  const std::vector<std::int32_t> correction(order.size());
  pack_epilogue(c, 0, dst, first_table(c), order, correction, packed);
  return packed;
}

PackedConvolution pack_depthwise_planes(const Convolution& c) {
  const PackedLayout& layout = kernel_set().layout;
  const std::size_t kernel = static_cast<std::size_t>(c.weights.shape[1]);
  const std::size_t vector = 4 * static_cast<std::size_t>(layout.lanes);  // bytes
  const std::size_t quads = static_cast<std::size_t>(depthwise_quads(static_cast<int>(kernel)));

  PackedConvolution packed;
  packed.channels = c.outputs();
  // Sums in the order in which four vectors of them are packed to one vector of bytes.
  std::vector<int> order;
  int vectors = (packed.channels + layout.lanes - 1) / layout.lanes;
  for (int start = 0; vectors > 0;) {
    const int block = block_vectors(vectors, layout.max_vectors);
    for (int v = 0; v < 4; ++v) {
      for (int lane = 0; lane < layout.lanes; ++lane) {
        const int byte = channel_in_block(DataType::kU8, layout.lanes, 4, v, lane);
        order.push_back(start + byte % (block * layout.lanes));
      }
    }
    start += block * layout.lanes;
    vectors -= block;
  }
  packed.weights = PackedBytes(order.size() / vector * quads * 4 * vector);
  std::vector<std::int32_t> correction(order.size());
  const auto* weights = c.weights.as<const std::int8_t>().data();
  for (std::size_t position = 0; position < order.size(); ++position) {
    if (order[position] >= packed.channels) continue;
    const std::int8_t* own = weights + static_cast<std::size_t>(order[position]) * kernel * kernel;
    for (std::size_t i = 0; i < kernel; ++i) {
      for (std::size_t j = 0; j < kernel; ++j) {
        const std::size_t quad = i < 4 ? j : kernel + j / 4, element = i < 4 ? i : j % 4;
        const std::size_t step = position / vector * quads + quad;
        packed.weights.as<std::int8_t>()[(step * vector + position % vector) * 4 + element] =
            own[i * kernel + j];
        if (layout.signed_pixels) correction[position] += 128 * own[i * kernel + j];
      }
    }
  }
  pack_epilogue(c, 0, DataType::kU8, first_table(c), order, correction, packed);
  return packed;
}

Gemm gemm_with(const PackedConvolution& packed) {
  Gemm gemm;
  gemm.channels = packed.channels;
  gemm.weights = packed.weights.data();
  gemm.pair_limited = packed.pair_limited;
  gemm.order = packed.order.as<std::int32_t>();
  gemm.epilogue = packed.epilogue;
  return gemm;
}

namespace {

int widest_block() { return kernel_set().layout.max_vectors * kernel_set().layout.lanes; }

}  // namespace

int block_count(const PackedConvolution& packed) {
  return (packed.channels + widest_block() - 1) / widest_block();
}

void keep_blocks(Gemm& gemm, const PackedConvolution& packed, int first, int last) {
  const std::ptrdiff_t channel = std::ptrdiff_t{first} * widest_block();
  const std::ptrdiff_t bytes = channel * static_cast<std::ptrdiff_t>(size_of(gemm.epilogue.type));
  gemm.channels = std::min(packed.channels, last * widest_block()) - static_cast<int>(channel);
  gemm.weights += channel / kernel_set().layout.lanes * packed.vector_bytes;
  if (gemm.order) gemm.order += std::ptrdiff_t{first} * packed.order_length;
  gemm.epilogue.bias += channel * 4;
  if (gemm.epilogue.multiplier) gemm.epilogue.multiplier += channel;
  gemm.dst += bytes;
  if (gemm.residual) gemm.residual += bytes;
}

void run_gemm(const Gemm& gemm, DataType src) {
  const KernelSet& kernels = kernel_set();
  switch (src) {
    case DataType::kU8:
      return gemm.pair_limited ? kernels.gemm_u8_pairs(gemm) : kernels.gemm_u8(gemm);
    case DataType::kI16:
      return kernels.gemm_i16(gemm);
    default:
      return kernels.gemm_f32(gemm);
  }
}

}  // namespace camclassify
