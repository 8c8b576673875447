#include "kernels/kernel_set.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cstdlib>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "camclassify/instruction_set.hpp"

namespace camclassify {
namespace {

// Less than a vector, some and a part of one, of every instruction set.
constexpr std::size_t kCounts[] = {1, 7, 64, 203};

std::vector<std::uint8_t> random_bytes(std::mt19937& random, std::size_t count) {
  std::vector<std::uint8_t> bytes(count);
  std::ranges::generate(bytes, [&] { return static_cast<std::uint8_t>(random()); });
  return bytes;
}

TEST_CASE("The instruction set that is asked for is the one that runs, else the fastest") {
  const char* wanted = std::getenv("CAMCLASSIFY_TARGET");
  CHECK(instruction_set() == (wanted ? wanted : std::string_view(kernel_sets().front()->name)));
}

TEST_CASE("On every instruction set, a maximum is the larger of two and no more is written") {
  std::mt19937 random(3);
  for (const KernelSet* set : kernel_sets()) {
    for (const std::size_t count : kCounts) {
      CAPTURE(std::string(set->name));
      CAPTURE(count);
      const auto src = random_bytes(random, count + 1);
      auto dst = random_bytes(random, count + 1);
      auto expected = dst;
      for (std::size_t i = 0; i < count; ++i) expected[i] = std::max(src[i], dst[i]);
      set->maximum(reinterpret_cast<const std::byte*>(src.data()),
                   reinterpret_cast<std::byte*>(dst.data()), DataType::kU8, count);
      CHECK(dst == expected);
    }
  }
}

TEST_CASE("On every instruction set, bytes are widened and added up per channel") {
  constexpr std::size_t kPixels = 5;
  std::mt19937 random(4);
  for (const KernelSet* set : kernel_sets()) {
    for (const std::size_t channels : kCounts) {
      CAPTURE(std::string(set->name));
      CAPTURE(channels);
      const auto src = random_bytes(random, kPixels * channels);
      std::vector<std::int32_t> sums(channels), expected(channels);
      for (std::size_t i = 0; i < src.size(); ++i) expected[i % channels] += src[i];
      set->sum_u8(src.data(), sums.data(), kPixels, channels);
      CHECK(sums == expected);
      std::vector<std::int16_t> wide(src.size());
      set->widen_u8(src.data(), wide.data(), src.size());
      CHECK(std::ranges::equal(wide, src));
    }
  }
}

TEST_CASE("A set has a kernel for planes of u8 where its dot products take four bytes") {
  for (const KernelSet* set : kernel_sets()) {
    CAPTURE(std::string(set->name));
    CHECK((set->depthwise_u8 != nullptr) == set->layout.native_quads);
  }
}

}  // namespace
}  // namespace camclassify
