#pragma once

#include <array>
#include <string_view>

namespace camclassify {

// How an instruction set wants weights to be laid out.
struct PackedLayout {
  int lanes = 1;             // 32-bit accumulators in a vector
  int max_vectors = 1;       // vectors of output channels in a block
  bool native_quads = true;  // u8 x s8: four s8 to a lane; else two vectors of two i16 to a lane
  // u8 x s8 is computed as (u8 - 128) x s8 where it is not split, and the bias makes up for it.
  bool signed_pixels = false;
  bool multiplies_pairs = false;  // has gemm_u8_pairs, whose weights lie as if native_quads
  // Products of f32, and of u8 that is not split, read four steps of a pixel at once.
  bool reads_blocks = false;
  bool pairs_taps = true;  // depthwise i16: two taps one above the other lie together
  // u8 tables: in each half every 16 entries but the first are an exclusive or with the 16 before;
  // so in the planes of i16 curves.
  bool table_differences = false;
  // i16 curves: lower bytes of base[64], its upper bytes, those of slope[64]; the three numbers.
  bool curve_planes = false;
};

struct NamedLayout {
  std::string_view name;
  PackedLayout layout;
};

// Of every instruction set that there are kernels for, as far as the work of its kernels depends on
// it: work is asked about also on machines that lack it. kernels.cpp checks that it is so.
inline constexpr std::array<NamedLayout, 7> kLayouts = {{
    {"sse4", {.lanes = 4, .max_vectors = 2, .native_quads = false, .multiplies_pairs = true}},
    {"avx2", {.lanes = 8, .max_vectors = 2, .native_quads = false, .multiplies_pairs = true}},
    {"avxvnni", {.lanes = 8, .max_vectors = 2, .native_quads = true}},
    {"avx512", {.lanes = 16, .max_vectors = 4, .native_quads = false, .multiplies_pairs = true}},
    {"vnni", {.lanes = 16, .max_vectors = 4, .native_quads = true}},
    {"neon",
     {.lanes = 4,
      .max_vectors = 4,
      .native_quads = false,
      .signed_pixels = true,
      .multiplies_pairs = true,
      .reads_blocks = true,
      .pairs_taps = false}},
    {"neon_dot",
     {.lanes = 4,
      .max_vectors = 4,
      .native_quads = true,
      .signed_pixels = true,
      .reads_blocks = true,
      .pairs_taps = false}},
}};

}  // namespace camclassify
