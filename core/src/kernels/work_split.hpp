#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>

#include "ops/op.hpp"

namespace camclassify {

// Into how many parts `rows` of work are split: one for each thread, but none that is too small.
inline int part_count(const Parallel& parallel, int rows, std::int64_t multiply_adds) {
  const std::int64_t worthwhile =
      std::max<std::int64_t>(1, multiply_adds / parallel.smallest_part());
  return static_cast<int>(
      std::min<std::int64_t>({std::int64_t{std::max(1, parallel.threads())}, rows, worthwhile}));
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
