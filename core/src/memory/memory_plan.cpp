#include "memory/memory_plan.hpp"

#include <algorithm>
#include <numeric>

#include "memory/alignment.hpp"

namespace camclassify {
namespace {

bool overlap(const Tenancy& a, const Tenancy& b) {
  return a.first_step <= b.last_step && b.first_step <= a.last_step;
}

}  // namespace

MemoryPlan plan_memory(std::span<const Tenancy> tenancies) {
  std::vector<std::size_t> by_size(tenancies.size());
  std::iota(by_size.begin(), by_size.end(), 0);
  std::ranges::stable_sort(by_size, std::ranges::greater{},
                           [&](std::size_t i) { return tenancies[i].bytes; });
  MemoryPlan plan{std::vector<std::size_t>(tenancies.size()), 0};
  std::vector<std::size_t> placed;  // by offset
  for (const std::size_t current : by_size) {
    const std::size_t bytes = align_up(tenancies[current].bytes);
    std::size_t best = 0, best_gap = SIZE_MAX, end = 0;
    for (const std::size_t other : placed) {
      if (!overlap(tenancies[current], tenancies[other])) continue;
      const std::size_t start = plan.offsets[other];
      if (start >= end && start - end >= bytes && start - end < best_gap) {
        best = end;
        best_gap = start - end;
      }
      end = std::max(end, start + align_up(tenancies[other].bytes));
    }
    plan.offsets[current] = best_gap == SIZE_MAX ? end : best;
    plan.bytes = std::max(plan.bytes, plan.offsets[current] + bytes);
    placed.insert(std::ranges::upper_bound(placed, plan.offsets[current], {},
                                           [&](std::size_t i) { return plan.offsets[i]; }),
                  current);
  }
  return plan;
}

}  // namespace camclassify
