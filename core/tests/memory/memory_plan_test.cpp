#include "memory/memory_plan.hpp"

#include <doctest/doctest.h>

#include <random>

namespace camclassify {
namespace {

bool collide(const Tenancy& a, std::size_t a_offset, const Tenancy& b, std::size_t b_offset) {
  const bool same_time = a.first_step <= b.last_step && b.first_step <= a.last_step;
  return same_time && a_offset < b_offset + b.bytes && b_offset < a_offset + a.bytes;
}

TEST_CASE("buffers of a chain share the memory of two") {
  std::vector<Tenancy> chain;
  for (std::size_t step = 0; step < 10; ++step) chain.push_back({1024, step, step + 1});
  CHECK(plan_memory(chain).bytes == 2048);
}

TEST_CASE("a buffer goes into the smallest gap that holds it") {
  // Between the two long ones there is room for the short-lived, in the order of their sizes.
  const std::vector<Tenancy> tenancies{{4096, 0, 9}, {2048, 0, 4}, {1024, 5, 9}, {1024, 5, 9}};
  CHECK(plan_memory(tenancies).bytes == 4096 + 2048);
}

TEST_CASE("nothing that is needed at the same time overlaps, and all is aligned") {
  std::mt19937 random(7);
  for (int round = 0; round < 200; ++round) {
    std::vector<Tenancy> tenancies(1 + random() % 40);
    std::size_t total = 0;
    for (auto& tenancy : tenancies) {
      tenancy.first_step = random() % 30;
      tenancy.last_step = tenancy.first_step + random() % 8;
      tenancy.bytes = 1 + random() % 5000;
      total += tenancy.bytes + 63;
    }
    const MemoryPlan plan = plan_memory(tenancies);
    CHECK(plan.bytes <= total);
    for (std::size_t i = 0; i < tenancies.size(); ++i) {
      CHECK(plan.offsets[i] % 64 == 0);
      CHECK(plan.offsets[i] + tenancies[i].bytes <= plan.bytes);
      for (std::size_t k = 0; k < i; ++k) {
        CHECK_FALSE(collide(tenancies[i], plan.offsets[i], tenancies[k], plan.offsets[k]));
      }
    }
  }
}

TEST_CASE("no buffers need no memory") { CHECK(plan_memory({}).bytes == 0); }

}  // namespace
}  // namespace camclassify
