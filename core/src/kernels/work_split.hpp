#pragma once

#include <algorithm>
#include <concepts>
#include <cstddef>
#include <cstdint>

namespace camclassify {

// A callable of an index that is only borrowed: unlike std::function it never allocates.
class Task {
 public:
  template <std::invocable<int> Function>
  requires(!std::same_as<Function, Task>)
      Task(const Function& function)  // NOLINT: implicit, so that a lambda can be passed
      : function_(&function),
        call_([](const void* self, int index) { (*static_cast<const Function*>(self))(index); }) {}

  void operator()(int index) const { call_(function_, index); }

 private:
  const void* function_;
  void (*call_)(const void*, int);
};

// Multiply-adds below which handing a part to a thread costs more than doing it: about 5 us.
inline constexpr std::int64_t kSmallestPart = 250'000;

// Splits work over threads. Both runners provide one: ONNX Runtime's own pool
// (KernelContext_ParallelFor) or the direct runner's. Ops split rows or batch, never the reduction,
// so results do not depend on the number of threads.
class Parallel {
 public:
  virtual ~Parallel() = default;
  virtual int threads() const = 0;
  virtual std::int64_t smallest_part() const { return kSmallestPart; }
  // Calls task(0) .. task(count - 1), possibly at once; returns when all are done.
  virtual void run(int count, Task task) = 0;
};

// Into how many parts `rows` of work are split: one for each thread, but none that is too small.
inline int part_count(int threads, int rows, std::int64_t multiply_adds,
                      std::int64_t smallest_part = kSmallestPart) {
  const std::int64_t worthwhile = std::max<std::int64_t>(1, multiply_adds / smallest_part);
  return static_cast<int>(
      std::min<std::int64_t>({std::int64_t{std::max(1, threads)}, rows, worthwhile}));
}

inline int part_count(const Parallel& parallel, int rows, std::int64_t multiply_adds) {
  return part_count(parallel.threads(), rows, multiply_adds, parallel.smallest_part());
}

// The first row of a part, and the one behind the last of the part before.
inline int first_row(int part, int parts, int rows) {
  return static_cast<int>(static_cast<std::int64_t>(rows) * part / parts);
}

// Calls task(part, begin, end) for `parts` ranges that make up 0 .. rows.
template <class Function>
void split_rows(Parallel& parallel, int parts, int rows, const Function& task) {
  if (parts <= 1) return task(0, 0, rows);
  parallel.run(parts, [&](int part) {
    task(part, first_row(part, parts, rows), first_row(part + 1, parts, rows));
  });
}

// Pixels and blocks of channels (packing.hpp) of a product, each without its last.
struct Piece {
  int first_pixel, last_pixel;
  int first_block, last_block;
};

// Splits a product over threads that each read a part of its weights, for where these are more than
// its pixels. Calls piece(Piece) for all that a part does; two parts may share a block, of which
// both do whole tiles of pixels.
template <class Function>
void split_blocks(int part, int parts, int blocks, int pixels, const Function& piece) {
  constexpr int kTile =
      12;  // what the pixels of every instruction set's tiles divide, or their half
  struct Place {
    int block, pixel;
  };
  const auto begin_of = [&](int each) {
    const std::int64_t cell = std::int64_t{blocks} * pixels * each / parts;
    const int block = static_cast<int>(cell / pixels), pixel = static_cast<int>(cell % pixels);
    const int rounded = (pixel + kTile / 2) / kTile * kTile;
    return rounded < pixels ? Place{block, rounded} : Place{block + 1, 0};
  };
  const Place begin = begin_of(part), end = begin_of(part + 1);
  if (begin.block == end.block) {
    if (begin.pixel < end.pixel) piece(Piece{begin.pixel, end.pixel, begin.block, begin.block + 1});
    return;
  }
  int whole = begin.block;
  if (begin.pixel > 0) {
    piece(Piece{begin.pixel, pixels, whole, whole + 1});
    ++whole;
  }
  if (whole < end.block) piece(Piece{0, pixels, whole, end.block});
  if (end.pixel > 0) piece(Piece{0, end.pixel, end.block, end.block + 1});
}

}  // namespace camclassify
