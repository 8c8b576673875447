#include "memory/pool.hpp"

#include <doctest/doctest.h>

#include <atomic>
#include <stdexcept>
#include <thread>

#include "memory/allocation_count.hpp"

namespace camclassify {
namespace {

TEST_CASE("an object that was given back is lent again, and none is made or allocated for it") {
  std::atomic<int> made = 0;
  Pool<int> pool([&] { return std::make_unique<int>(made++); });
  { const auto first = pool.take(), second = pool.take(); }
  const std::size_t before = test::allocation_count();
  for (int i = 0; i < 10; ++i) {
    const auto first = pool.take(), second = pool.take();
    CHECK(*first + *second == 1);
  }
  CHECK(test::allocation_count() == before);
  CHECK(made == 2);
}

TEST_CASE("no two threads have the same object at the same time") {
  std::atomic<int> made = 0;
  Pool<int> pool([&] {
    ++made;
    return std::make_unique<int>(0);
  });
  {
    std::vector<std::jthread> threads;
    for (int thread = 0; thread < 4; ++thread)
      threads.emplace_back([&] {
        for (int i = 0; i < 2000; ++i) ++*pool.take();
      });
  }
  CHECK(made <= 4);
  int sum = 0;
  std::vector<Pool<int>::Loan> loans;
  for (int i = 0; i < made; ++i) loans.push_back(pool.take());
  for (const auto& loan : loans) sum += *loan;
  CHECK(sum == 4 * 2000);
}

TEST_CASE("what making an object throws reaches the caller, and the pool goes on") {
  int attempts = 0;
  Pool<int> pool([&] {
    if (attempts++ == 0) throw std::runtime_error("not now");
    return std::make_unique<int>(7);
  });
  CHECK_THROWS_WITH(pool.take(), "not now");
  CHECK(*pool.take() == 7);
}

}  // namespace
}  // namespace camclassify
