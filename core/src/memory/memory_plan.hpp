#pragma once

#include <cstddef>
#include <span>
#include <vector>

namespace camclassify {

// How long a buffer is needed: from the step that fills it to the last that reads it, inclusive.
struct Tenancy {
  std::size_t bytes = 0;
  std::size_t first_step = 0;
  std::size_t last_step = 0;
};

struct MemoryPlan {
  std::vector<std::size_t> offsets;  // one per tenancy, multiples of kAlignment
  std::size_t bytes = 0;             // of all together
};

// Places buffers so that those needed at the same time do not overlap: largest first, each in the
// smallest gap that holds it. Source: Pisarchyk and Lee, "Efficient Memory Management for Deep
// Neural Net Inference" (2020), greedy by size.
MemoryPlan plan_memory(std::span<const Tenancy> tenancies);

}  // namespace camclassify
