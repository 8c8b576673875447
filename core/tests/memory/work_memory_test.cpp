#include "memory/work_memory.hpp"

#include <doctest/doctest.h>

#include <cstdint>

#include "camclassify/error.hpp"
#include "memory/alignment.hpp"
#include "memory/checked.hpp"

namespace camclassify {
namespace {

constexpr std::size_t kMegabyte = std::size_t{1} << 20;

TEST_CASE("whoever asks for more or less gets the same memory, and what lies there stays") {
  WorkMemory memory;
  const auto small = memory.reserve(10);
  small.get()[9] = std::byte{7};
  const auto large = memory.reserve(9 * kMegabyte);
  CHECK(large == small);
  CHECK(memory.reserve(1) == small);
  CHECK(large.get()[9] == std::byte{7});
  large.get()[9 * kMegabyte - 1] = std::byte{1};
  CHECK(reinterpret_cast<std::uintptr_t>(large.get()) % kAlignment == 0);
}

TEST_CASE("what does not fit lies elsewhere, and harms nobody who has less") {
  WorkMemory memory;
  const auto small = memory.reserve(10);
  const auto huge = memory.reserve(200 * kMegabyte);
  CHECK(huge != small);
  huge.get()[200 * kMegabyte - 1] = std::byte{1};
  small.get()[9] = std::byte{7};
  CHECK(memory.reserve(10) == huge);
}

TEST_CASE("endless memory is refused") {
  WorkMemory memory;
  CHECK_THROWS_WITH_AS(memory.reserve(kMostBufferBytes + 1), doctest::Contains("2048 MB"),
                       BundleError);
}

}  // namespace
}  // namespace camclassify
