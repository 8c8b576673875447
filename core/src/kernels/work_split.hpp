#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>

#include "kernels/op.hpp"

namespace camclassify {

// Into how many parts `rows` of work are split: one for each thread, but none so small that handing
// it over costs more than doing it.
inline int part_count(int threads, int rows, std::int64_t multiply_adds) {
  constexpr std::int64_t kSmallest = 250'000;  // about 5 us
  const std::int64_t worthwhile = std::max<std::int64_t>(1, multiply_adds / kSmallest);
  return static_cast<int>(
      std::min<std::int64_t>({static_cast<std::int64_t>(std::max(1, threads)), rows, worthwhile}));
}

// Calls task(part, begin, end) for `parts` ranges that make up 0 .. rows.
template <class Function>
void split_rows(Parallel& parallel, int parts, int rows, const Function& task) {
  if (parts <= 1) return task(0, 0, rows);
  parallel.run(parts, [&](int part) {
    const auto bound = [&](int p) {
      return static_cast<int>(static_cast<std::int64_t>(rows) * p / parts);
    };
    task(part, bound(part), bound(part + 1));
  });
}

}  // namespace camclassify
