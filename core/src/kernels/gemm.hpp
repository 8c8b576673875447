#pragma once

// The matrix product behind every dense convolution: pixels x reduction, times reduction x
// channels. M pixels x V vectors of channels stay in registers while the reduction runs.

#include <cstring>
#include <type_traits>

#include "kernels/activate_run.hpp"
#include "kernels/epilogue.hpp"
#include "kernels/kernel_set.hpp"
#include "kernels/tiling.hpp"
#include "kernels/vector.hpp"

namespace camclassify {
namespace {

// A factor of NEON's products by an element.
template <class Block, int kElement>
struct Element {
  Block block;
};

// What is read of a pixel at a time, and how it meets the weights. NEON multiplies by an element of
// a vector: there, some products read a block of a pixel at once, sixteen bytes, which are four
// steps.
struct F32Product {
  using Accumulator = VF;
  using Weights = VF;
  static constexpr int kStep = 1;                  // elements
  static constexpr int kStepBytes = 4;             // of the pixel
  static constexpr int kWeightBytes = kLanes * 4;  // of one vector of channels and one step

  static HWY_INLINE Weights load_weights(const std::byte* p) {
    return hn::Load(DF(), reinterpret_cast<const float*>(p));
  }
  static HWY_INLINE VF broadcast(const std::byte* p) {
    return hn::Set(DF(), *reinterpret_cast<const float*>(p));
  }
  static HWY_INLINE void multiply_add(VF& acc, VF a, VF w) { acc = hn::MulAdd(a, w, acc); }

#if HWY_ARCH_ARM_A64
  using Block = float32x4_t;
  static HWY_INLINE Block load_block(const std::byte* p) {
    return ready(vld1q_f32(reinterpret_cast<const float*>(p)));
  }
  template <int kElement>
  static HWY_INLINE Element<Block, kElement> element(Block block) {
    return {block};
  }
  template <int kElement>
  static HWY_INLINE void multiply_add(VF& acc, Element<Block, kElement> a, VF w) {
    asm("fmla %0.4s, %1.4s, %2.s[%3]" : "+w"(acc.raw) : "w"(w.raw), "w"(a.block), "i"(kElement));
  }
#endif
};

struct U8Product {
  using Accumulator = VI;
  using Weights = QuadWeights;
  static constexpr int kStep = 4;
  static constexpr int kStepBytes = 4;
  static constexpr int kWeightBytes = kQuadWeightBytes;

  static HWY_INLINE Weights load_weights(const std::byte* p) { return load_quad_weights(p); }
  static HWY_INLINE Quads broadcast(const std::byte* p) {
    std::int32_t quad;
    std::memcpy(&quad, p, 4);
    return broadcast_quads(quad);
  }
  static HWY_INLINE void multiply_add(VI& acc, Quads a, const Weights& w) { dot_quads(acc, a, w); }

#if CAMCLASSIFY_NEON_DOT
  using Block = int8x16_t;
  static HWY_INLINE Block load_block(const std::byte* p) {
    return ready(make_signed(vld1q_u8(reinterpret_cast<const std::uint8_t*>(p))));
  }
  template <int kElement>
  static HWY_INLINE Element<Block, kElement> element(Block block) {
    return {block};
  }
  template <int kElement>
  static HWY_INLINE void multiply_add(VI& acc, Element<Block, kElement> a, Weights w) {
    asm("sdot %0.4s, %1.16b, %2.4b[%3]" : "+w"(acc.raw) : "w"(w), "w"(a.block), "i"(kElement));
  }
#endif
};

// Half the instructions of U8Product where there is no dot product of quads.
struct U8PairsProduct {
  using Accumulator = VI;
  using Weights = hn::Vec<hn::RebindToSigned<D8>>;
  static constexpr int kStep = 4;
  static constexpr int kStepBytes = 4;
  static constexpr int kWeightBytes = kLanes * 4;

  static HWY_INLINE Weights load_weights(const std::byte* p) {
    return hn::Load(hn::RebindToSigned<D8>(), reinterpret_cast<const std::int8_t*>(p));
  }
  static HWY_INLINE LimitedQuads broadcast(const std::byte* p) {
    std::int32_t quad;
    std::memcpy(&quad, p, 4);
    return broadcast_limited_quads(quad);
  }
  static HWY_INLINE void multiply_add(VI& acc, const LimitedQuads& a, Weights w) {
    dot_limited_quads(acc, a, w);
  }
#if HWY_ARCH_ARM_A64
  using Block = int8x16_t;
  static HWY_INLINE Block load_block(const std::byte* p) {
    return ready(make_signed(vld1q_u8(reinterpret_cast<const std::uint8_t*>(p))));
  }
  // The whole block, rotated by pairs for each step: StepWriter in packing.cpp.
  template <int kElement>
  static HWY_INLINE LimitedQuads element(Block block) {
    const Block rotated = vextq_s8(block, block, 2 * kElement);
    return {rotated, rotated};
  }
#else
  // Two steps that Gemm::order pairs up.
  static HWY_INLINE void multiply_add(VI& acc, const LimitedQuads& a, Weights w,
                                      const LimitedQuads& next_a, Weights next_w) {
    dot_limited_quads(acc, a, w, next_a, next_w);
  }
#endif
};

struct I16Product {
  using Accumulator = VI;
  using Weights = V16;
  static constexpr int kStep = 2;
  static constexpr int kStepBytes = 4;
  static constexpr int kWeightBytes = kLanes * 4;

  static HWY_INLINE Weights load_weights(const std::byte* p) {
    return hn::Load(D16(), reinterpret_cast<const std::int16_t*>(p));
  }
  static HWY_INLINE V16 broadcast(const std::byte* p) {
    std::int32_t pair;
    std::memcpy(&pair, p, 4);
    return hn::BitCast(D16(), hn::Set(DI(), pair));
  }
  static HWY_INLINE void multiply_add(VI& acc, V16 a, V16 w) { dot_pairs(acc, a, w); }
};

// Whether a product's sums go to memory as they are, dense.
template <class Product>
constexpr bool kLeavesSums = false;

constexpr int kBlockSteps = 4;

template <class Product>
concept ReadsBlocks = requires {
  typename Product::Block;
};

// Whether a product takes its steps as Gemm::order says.
template <class Product>
constexpr bool kOrdersSteps = std::is_same_v<Product, U8PairsProduct> && !ReadsBlocks<Product>;

// The pixels of a tile. Every third has a pointer and the two after it are reached by the
// addressing mode, base + stride * {1, 2}: that many pointers fit in the general registers.
template <int M>
struct Pixels {
  static constexpr int kBases = (M + 2) / 3;
  const std::byte* base[kBases];
  std::ptrdiff_t stride;

  HWY_INLINE Pixels(const std::byte* first, std::ptrdiff_t pixel_stride) : stride(pixel_stride) {
    unroll<kBases>([&](auto i) CAMCLASSIFY_ALWAYS_INLINE { base[i] = first + 3 * i * stride; });
  }
  HWY_INLINE const std::byte* at(int m) const { return base[m / 3] + m % 3 * stride; }
  HWY_INLINE void advance(int bytes) {
    unroll<kBases>([&](auto i) CAMCLASSIFY_ALWAYS_INLINE { base[i] += bytes; });
  }
};

template <class Product, int M, int V>
HWY_INLINE void multiply_add_step(const Pixels<M>& pixels, const std::byte* weights,
                                  typename Product::Accumulator (&acc)[M][V]) {
  typename Product::Weights w[V];
  unroll<V>([&](auto v) CAMCLASSIFY_ALWAYS_INLINE {
    w[v] = Product::load_weights(weights + v * Product::kWeightBytes);
  });
  unroll<M>([&](auto m) CAMCLASSIFY_ALWAYS_INLINE {
    const auto a = Product::broadcast(pixels.at(m));
    unroll<V>([&](auto v) CAMCLASSIFY_ALWAYS_INLINE { Product::multiply_add(acc[m][v], a, w[v]); });
  });
  // A single pixel's product waits for its weights, which come from far away.
  if constexpr (M == 1) {
    for (int v = 0; v < V; ++v) __builtin_prefetch(weights + 2048 + v * Product::kWeightBytes);
  }
}

// Two steps, which begin at these pixels.
template <class Product, int M, int V>
HWY_INLINE void multiply_add_two_steps(const Pixels<M>& pixels, const Pixels<M>& next,
                                       const std::byte* weights,
                                       typename Product::Accumulator (&acc)[M][V]) {
  typename Product::Weights w[2 * V];
  unroll<2 * V>([&](auto v) CAMCLASSIFY_ALWAYS_INLINE {
    w[v] = Product::load_weights(weights + v * Product::kWeightBytes);
  });
  unroll<M>([&](auto m) CAMCLASSIFY_ALWAYS_INLINE {
    const auto a = Product::broadcast(pixels.at(m)), b = Product::broadcast(next.at(m));
    unroll<V>([&](auto v) CAMCLASSIFY_ALWAYS_INLINE {
      Product::multiply_add(acc[m][v], a, w[v], b, w[V + v]);
    });
  });
  if constexpr (M == 1) {
    for (int v = 0; v < 2 * V; ++v) __builtin_prefetch(weights + 2048 + v * Product::kWeightBytes);
  }
}

// Four steps. Weights come when the pixels are there, two vectors at a time: so many registers are
// left, and one instruction loads them.
template <class Product, int M, int V>
HWY_INLINE void multiply_add_block(const Pixels<M>& pixels, const std::byte* weights,
                                   typename Product::Accumulator (&acc)[M][V]) {
  typename Product::Block block[M];
  unroll<M>([&](auto m)
                CAMCLASSIFY_ALWAYS_INLINE { block[m] = Product::load_block(pixels.at(m)); });
  unroll<kBlockSteps>([&](auto step) CAMCLASSIFY_ALWAYS_INLINE {
    decltype(Product::template element<step>(block[0])) a[M];
    unroll<M>([&](auto m)
                  CAMCLASSIFY_ALWAYS_INLINE { a[m] = Product::template element<step>(block[m]); });
    constexpr int kPair = V < 2 ? 1 : 2;
    unroll<V / kPair>([&](auto pair) CAMCLASSIFY_ALWAYS_INLINE {
      typename Product::Weights w[kPair];
      unroll<kPair>([&](auto i) CAMCLASSIFY_ALWAYS_INLINE {
        w[i] =
            Product::load_weights(weights + (step * V + pair * kPair + i) * Product::kWeightBytes);
      });
      unroll<M>([&](auto m) CAMCLASSIFY_ALWAYS_INLINE {
        unroll<kPair>([&](auto i) CAMCLASSIFY_ALWAYS_INLINE {
          Product::multiply_add(acc[m][pair * kPair + i], a[m], w[i]);
        });
      });
      keep_order();
    });
  });
}

// Where a tile goes to.
template <int V>
HWY_INLINE Target gemm_target(const Gemm& g, int first, int channel) {
  const std::ptrdiff_t size = element_bytes(g.epilogue.type);
  if (g.plane_pixels > 0) {
    const std::ptrdiff_t pixel = size == 1 ? V * kLanes : kLanes * size;
    std::byte* plane = g.dst + channel * size * g.plane_pixels;
    return {plane + (g.plane_first + first) * pixel,
            pixel,
            nullptr,
            0,
            V * kLanes,
            g.plane_pixels * pixel};
  }
  const int rest = g.channels - channel;
  const std::byte* residual =
      g.residual ? g.residual + first * g.residual_stride + channel * size : nullptr;
  return {g.dst + first * g.dst_stride + channel * size, g.dst_stride, residual, g.residual_stride,
          rest < V * kLanes ? rest : V * kLanes};
}

// Pixels `first` .. `first + M - 1`, one block of channels. Meanwhile fetches from `ahead`, a line
// a step: the next block's weights, which in late layers are too many for the caches. Not inlined:
// each instance gets the registers for itself.
template <class Product, int M, int V>
HWY_NOINLINE void gemm_tile(const Gemm& g, int first, int channel, const std::byte* weights,
                            const std::byte* ahead, const std::int32_t* order) {
  using Accumulator = typename Product::Accumulator;
  using Number = hn::TFromV<Accumulator>;
  Accumulator acc[M][V];
  const auto* bias = reinterpret_cast<const Number*>(g.epilogue.bias) + channel;
  unroll<V>([&](auto v) CAMCLASSIFY_ALWAYS_INLINE {
    const Accumulator start = hn::Load(hn::ScalableTag<Number>(), bias + v * kLanes);
    unroll<M>([&](auto m) CAMCLASSIFY_ALWAYS_INLINE { acc[m][v] = start; });
  });
  for (int s = 0; s < g.segment_count; ++s) {
    const Segment& segment = g.segments[s];
    Pixels<M> pixels(segment.data + first * segment.stride, segment.stride);
    const auto proceed = [&]() CAMCLASSIFY_ALWAYS_INLINE {
      weights += V * Product::kWeightBytes;
      if constexpr (V == 4) {
        __builtin_prefetch(ahead, 0, 2);
        ahead += 64;
      }
    };
    int steps = segment.depth / Product::kStep;
    if constexpr (ReadsBlocks<Product>) {
      for (; steps >= kBlockSteps; steps -= kBlockSteps) {
        multiply_add_block<Product, M, V>(pixels, weights, acc);
        pixels.advance(kBlockSteps * Product::kStepBytes);
        unroll<kBlockSteps>([&](auto) CAMCLASSIFY_ALWAYS_INLINE { proceed(); });
      }
    }
    if constexpr (kOrdersSteps<Product>) {
      const auto at = [&](std::int32_t bytes) CAMCLASSIFY_ALWAYS_INLINE {
        Pixels<M> there = pixels;
        there.advance(bytes);
        return there;
      };
      const int pairs = *order++;
      for (int pair = 0; pair < pairs; ++pair, order += 2) {
        multiply_add_two_steps<Product, M, V>(at(order[0]), at(order[1]), weights, acc);
        proceed();
        proceed();
      }
      for (int step = 2 * pairs; step < steps; ++step, ++order) {
        multiply_add_step<Product, M, V>(at(*order), weights, acc);
        proceed();
      }
      pixels.advance(steps * Product::kStepBytes);
    } else {
      for (; steps > 0; --steps) {
        multiply_add_step<Product, M, V>(pixels, weights, acc);
        pixels.advance(Product::kStepBytes);
        proceed();
      }
    }
    if (const int rest = segment.depth % Product::kStep; rest > 0) {
      alignas(4) std::byte padded[M * 4] = {};
      unroll<M>([&](auto m) CAMCLASSIFY_ALWAYS_INLINE {
        std::memcpy(padded + 4 * m, pixels.at(m),
                    static_cast<std::size_t>(rest * (Product::kStepBytes / Product::kStep)));
      });
      multiply_add_step<Product, M, V>(Pixels<M>(padded, 4), weights, acc);
      weights += V * Product::kWeightBytes;
      if constexpr (kOrdersSteps<Product>) ++order;
    }
  }
  if constexpr (kLeavesSums<Product>) {
    unroll<M>([&](auto m) CAMCLASSIFY_ALWAYS_INLINE {
      auto* to = reinterpret_cast<Number*>(g.dst + (first + m) * g.dst_stride);
      unroll<V>([&](auto v) CAMCLASSIFY_ALWAYS_INLINE {
        hn::Store(acc[m][v], hn::ScalableTag<Number>(), to + v * kLanes);
      });
    });
  } else {
    store<M, V>(g.epilogue, channel, acc, gemm_target<V>(g, first, channel));
  }
}

// A convolution of three colours, 6x6 with stride 2, to a single vector of channels: the stem of a
// YOLOX. A pixel's segment is its left neighbour's without the first six elements, so that every
// element is loaded once for three pixels: with a load for every product, loads would be the limit.
constexpr int kSlide = 6, kSlides = 3;

HWY_INLINE bool slides(const Gemm& g) {
  for (int s = 0; s < g.segment_count; ++s) {
    if (g.segments[s].stride != kSlide * 4 || g.segments[s].depth != kSlide * kSlides) return false;
  }
  return g.channels <= kLanes;
}

template <int M>
HWY_NOINLINE void gemm_sliding_tile(const Gemm& g, int first) {
  const DF d;
  VF acc[M][1];
  const VF bias = hn::Load(d, reinterpret_cast<const float*>(g.epilogue.bias));
  unroll<M>([&](auto m) CAMCLASSIFY_ALWAYS_INLINE { acc[m][0] = bias; });
  const auto* weights = reinterpret_cast<const float*>(g.weights);
  for (int s = 0; s < g.segment_count; ++s, weights += kSlides * kSlide * kLanes) {
    const auto* src = reinterpret_cast<const float*>(g.segments[s].data) + first * kSlide;
    for (int i = 0; i < kSlide; ++i) {
      VF w[kSlides];
      unroll<kSlides>([&](auto t) CAMCLASSIFY_ALWAYS_INLINE {
        w[t] = hn::Load(d, weights + (t * kSlide + i) * kLanes);
      });
      unroll<M + kSlides - 1>([&](auto pixel) CAMCLASSIFY_ALWAYS_INLINE {
        const VF a = hn::Set(d, src[pixel * kSlide + i]);
        unroll<kSlides>([&](auto t) CAMCLASSIFY_ALWAYS_INLINE {
          constexpr int m = decltype(pixel)::value - decltype(t)::value;
          if constexpr (m >= 0 && m < M) acc[m][0] = hn::MulAdd(a, w[t], acc[m][0]);
        });
      });
    }
  }
  store<M, 1>(g.epilogue, 0, acc, gemm_target<1>(g, first, 0));
}

template <class Product>
consteval Operands operands() {
  if (std::is_same_v<Product, U8Product> && !kNativeQuads) return Operands::kSplitQuads;
  if (!ReadsBlocks<Product>) return kOrdersSteps<Product> ? Operands::kTwoSteps : Operands::kSingle;
  return std::is_same_v<Product, U8PairsProduct> ? Operands::kRotatedPairs : Operands::kBlocks;
}

// Pixels `first` .. `last - 1`.
template <class Product, int V>
void gemm_block(const Gemm& g, int first, int last, int steps, int channel,
                const std::byte* weights, const std::int32_t* order) {
  constexpr int M = largest_tile(V, kMaxVectors, operands<Product>());
  const std::byte* ahead = weights + static_cast<std::ptrdiff_t>(steps) * V * Product::kWeightBytes;
  const auto run = [&]<int m>(std::integral_constant<int, m>) {
    gemm_tile<Product, m, V>(g, first, channel, weights, ahead, order);
    first += m;
    ahead += 64 * static_cast<std::ptrdiff_t>(steps);
  };
  if constexpr (kManyRegisters && std::is_same_v<Product, F32Product> && V == 1) {
    if (slides(g)) {
      for (; first + M <= last; first += M) gemm_sliding_tile<M>(g, first);
    }
  }
  while (next_tile(last - first, M) == M) {
    run(std::integral_constant<int, M>());
  }
  while (first < last) {  // NOLINT(bugprone-infinite-loop): run() moves on
    switch (next_tile(last - first, M)) {
      case 4:
        run(std::integral_constant<int, 4>());
        break;
      case 3:
        if constexpr (M == 6 || M == 4) run(std::integral_constant<int, 3>());
        break;
      case 2:
        run(std::integral_constant<int, 2>());
        break;
      default:
        run(std::integral_constant<int, 1>());
    }
  }
}

template <class Product>
HWY_INLINE void gemm_pixels(const Gemm& g, int first, int last) {
  int steps = 0;
  for (int s = 0; s < g.segment_count; ++s) {
    steps += (g.segments[s].depth + Product::kStep - 1) / Product::kStep;
  }
  const std::int32_t* order = g.order;
  const std::byte* weights = g.weights;
  int vectors = (g.channels + kLanes - 1) / kLanes;
  for (int channel = 0; vectors > 0;) {
    const int v = block_vectors(vectors, kMaxVectors);
    if (v == 4) gemm_block<Product, kMaxVectors>(g, first, last, steps, channel, weights, order);
    if (v == 2) gemm_block<Product, 2>(g, first, last, steps, channel, weights, order);
    if (v == 1) gemm_block<Product, 1>(g, first, last, steps, channel, weights, order);
    if constexpr (kOrdersSteps<Product>) order += g.segment_count + steps;
    weights += static_cast<std::ptrdiff_t>(steps) * v * Product::kWeightBytes;
    channel += v * kLanes;
    vectors -= v;
  }
}

HWY_INLINE void copy_rows(const std::byte* src, std::ptrdiff_t src_stride, std::byte* dst,
                          std::ptrdiff_t dst_stride, std::size_t bytes, int rows) {
  constexpr std::size_t kPart = 16;
  for (int row = 0; row < rows; ++row, src += src_stride, dst += dst_stride) {
    std::size_t i = 0;
    for (; i + kPart <= bytes; i += kPart) std::memcpy(dst + i, src + i, kPart);
    if (i < bytes) std::memcpy(dst + i, src + i, bytes - i);
  }
}

// The pixels `first` .. `last - 1` that tiles have left without activation.
HWY_INLINE void activate_pixels(const Gemm& g, int first, int last) {
  const std::size_t pixels = static_cast<std::size_t>(last - first);
  if (g.plane_pixels > 0) {
    int vectors = (g.channels + kLanes - 1) / kLanes;
    for (int channel = 0; vectors > 0;) {
      const int v = block_vectors(vectors, kMaxVectors);
      std::byte* plane = g.dst + static_cast<std::ptrdiff_t>(channel) * g.plane_pixels;
      activate_run(g.epilogue, plane + (g.plane_first + first) * v * kLanes, nullptr,
                   pixels * static_cast<std::size_t>(v * kLanes));
      channel += v * kLanes;
      vectors -= v;
    }
    return;
  }
  const bool after = g.epilogue.residual == Residual::kAfterActivation;
  const auto values_of = [&](int pixel) { return g.dst + pixel * g.dst_stride; };
  const auto residual_of = [&](int pixel) {
    return after ? g.residual + pixel * g.residual_stride : nullptr;
  };
  const std::size_t channels = static_cast<std::size_t>(g.channels);
  const std::ptrdiff_t row = g.channels * element_bytes(g.epilogue.type);
  if (g.dst_stride == row && (!after || g.residual_stride == row)) {
    return activate_run(g.epilogue, values_of(first), residual_of(first), pixels * channels);
  }
  constexpr std::ptrdiff_t kLongRow = 32 * kLanes;
  if (row >= kLongRow) {
    for (int pixel = first; pixel < last; ++pixel) {
      activate_run(g.epilogue, values_of(pixel), residual_of(pixel), channels);
    }
    return;
  }
  // Rows that are short and lie apart are brought together: a run ends with a look-up of its own.
  alignas(64) std::byte values[kRunBytes], addends[kRunBytes];
  const int at_once = static_cast<int>(kRunBytes / row);
  for (int pixel = first; pixel < last; pixel += at_once) {
    const int rows = last - pixel < at_once ? last - pixel : at_once;
    const std::size_t bytes = static_cast<std::size_t>(row);
    copy_rows(values_of(pixel), g.dst_stride, values, row, bytes, rows);
    if (after) copy_rows(residual_of(pixel), g.residual_stride, addends, row, bytes, rows);
    activate_run(g.epilogue, values, after ? addends : nullptr,
                 static_cast<std::size_t>(rows) * channels);
    copy_rows(values, row, values_of(pixel), g.dst_stride, bytes, rows);
  }
}

template <class Product>
void gemm(const Gemm& g) {
  if (!activates_runs(g.epilogue)) return gemm_pixels<Product>(g, 0, g.pixels);
  Gemm sums = g;
  sums.epilogue = without_activation(g.epilogue);
  constexpr int kTiles = 48;  // pixels of whole tiles, whatever their size
  const int run = kTiles + kTiles * static_cast<int>(kRunBytes / kTiles /
                                                     (g.channels * element_bytes(g.epilogue.type)));
  for (int first = 0; first < g.pixels;) {
    const int last = g.pixels - first < 2 * run ? g.pixels : first + run;
    gemm_pixels<Product>(sums, first, last);
    activate_pixels(g, first, last);
    first = last;
  }
}

}  // namespace
}  // namespace camclassify
