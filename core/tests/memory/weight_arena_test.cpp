#include "memory/weight_arena.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cstdint>
#include <memory>
#include <vector>

namespace camclassify {
namespace {

bool is_zero(const std::shared_ptr<std::byte>& memory, std::size_t bytes) {
  return std::all_of(memory.get(), memory.get() + bytes,
                     [](std::byte b) { return b == std::byte{0}; });
}

TEST_CASE("Packed constants are aligned and zero, with an arena and without") {
  const auto check = [] {
    for (const std::size_t bytes : {std::size_t{64}, std::size_t{4096}, std::size_t{3} << 20}) {
      const auto memory = WeightArena::allocate(bytes);
      CHECK(reinterpret_cast<std::uintptr_t>(memory.get()) % kAlignment == 0);
      CHECK(is_zero(memory, bytes));
    }
  };
  check();
  const WeightArena::Scope scope;
  check();
}

TEST_CASE("Constants outlive the scope in which they were packed, whatever else is packed") {
  std::vector<std::shared_ptr<std::byte>> kept;
  constexpr std::size_t kBytes = 192;
  for (int network = 0; network < 3; ++network) {
    const WeightArena::Scope scope;
    for (int i = 0; i < 100; ++i) {
      kept.push_back(WeightArena::allocate(kBytes));
      std::fill_n(kept.back().get(), kBytes, std::byte(kept.size() % 251));
    }
    // More than an arena reserves.
    const auto large = WeightArena::allocate(std::size_t{80} << 20);
    large.get()[(std::size_t{80} << 20) - 1] = std::byte{1};
  }
  for (std::size_t i = 0; i < kept.size(); ++i) {
    CHECK(std::all_of(kept[i].get(), kept[i].get() + kBytes,
                      [&](std::byte b) { return b == std::byte((i + 1) % 251); }));
  }
}

TEST_CASE("Constants that are packed one after the other lie one after the other") {
  if (!kHasArenas) return;
  const WeightArena::Scope scope;
  const auto first = WeightArena::allocate(128);
  const auto second = WeightArena::allocate(64);
  CHECK(second.get() == first.get() + 128);
}

}  // namespace
}  // namespace camclassify
