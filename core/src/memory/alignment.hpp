#pragma once

#include <cstddef>

#include "memory/checked.hpp"

namespace camclassify {

// Of a cache line, and of the widest vector: every buffer of a network begins at a multiple.
inline constexpr std::size_t kAlignment = 64;

inline constexpr std::size_t kHugePage = std::size_t{2} << 20;

// The largest ordinary one of any system.
inline constexpr std::size_t kPage = std::size_t{64} << 10;

constexpr std::size_t align_up(std::size_t bytes, std::size_t alignment = kAlignment) {
  return (bytes + alignment - 1) / alignment * alignment;
}

// What no limit allows is so afterwards too.
constexpr Checked align_up(Checked bytes) {
  return (bytes + (kAlignment - 1)).value() / kAlignment * kAlignment;
}

}  // namespace camclassify
