#pragma once

#include <algorithm>
#include <concepts>
#include <cstddef>
#include <cstdint>

namespace camclassify {

// A callable of an index and a thread that is only borrowed: unlike std::function it never
// allocates.
class Task {
 public:
  template <std::invocable<int, int> Function>
  requires(!std::same_as<Function, Task>)
      Task(const Function& function)  // NOLINT: implicit, so that a lambda can be passed
      : function_(&function), call_([](const void* self, int index, int thread) {
          (*static_cast<const Function*>(self))(index, thread);
        }) {}

  void operator()(int index, int thread) const { call_(function_, index, thread); }

 private:
  const void* function_;
  void (*call_)(const void*, int, int);
};

// Multiply-adds of a product below which handing them to a thread costs more than doing them: one
// to five microseconds.
inline constexpr std::int64_t kSmallestPart = 250'000;
// As many of them as one of a depthwise convolution takes the time of.
inline constexpr std::int64_t kDepthwiseWork = 6;

// Splits work over threads. Both runners provide one: ONNX Runtime's own pool
// (KernelContext_ParallelFor) or the direct runner's. Ops split rows or batch, never the reduction,
// so results do not depend on the number of threads.
class Parallel {
 public:
  virtual ~Parallel() = default;
  virtual int threads() const = 0;
  virtual std::int64_t smallest_part() const { return kSmallestPart; }
  // Calls task(index, thread) for every index in 0 .. count - 1, possibly at once; returns when all
  // are done. `thread` is in 0 .. threads() - 1, and no two calls at once have the same.
  virtual void run(int count, Task task) = 0;
};

// What threads take of the `rows` of an op, chunk by chunk, as they get done. In each round there
// is one chunk for each thread, of half of the rows that are left, so that all end at much the same
// time although one of the cores is slower, or does something else too. S. F. Hummel, E. Schonberg
// and L. E. Flynn, "Factoring: a method for scheduling parallel loops", 1992.
//
// The first chunks are the caller's of each round, the last the workers', who take them from behind
// (ThreadPool): so a thread has much the same rows of one op and of the next.
class Chunks {
 public:
  static constexpr int kMostRounds = 4;

  // `work`: multiply-adds of a product that take as long as all rows. None of the chunks has less
  // than `smallest` of it, if it can be helped. One round shares out evenly, for ops that compute
  // something twice where two chunks meet.
  Chunks(int threads, int rows, std::int64_t work, int most_rounds = kMostRounds,
         std::int64_t smallest = kSmallestPart)
      : rows_(rows),
        parts_(static_cast<int>(std::min<std::int64_t>(
            {std::max(1, threads), rows, std::max<std::int64_t>(1, work / smallest)}))) {
    if (parts_ < 2) return;
    while (rounds_ < most_rounds && (work / parts_ >> rounds_) >= smallest &&
           (rows_ / parts_ >> rounds_) >= 1) {
      ++rounds_;
    }
  }
  Chunks(const Parallel& parallel, int rows, std::int64_t work, int most_rounds = kMostRounds)
      : Chunks(parallel.threads(), rows, work, most_rounds, parallel.smallest_part()) {}

  // How many threads have something to do.
  int parts() const { return parts_; }
  int count() const { return parts_ * rounds_; }

  // The first row of a chunk, or, of count(), the one behind the last.
  int first_row(int chunk) const {
    if (chunk <= rounds_) return static_cast<int>(taken(chunk) / parts_);
    const int workers = parts_ - 1, behind = count() - chunk;
    const std::int64_t before = taken(behind / workers), after = taken(behind / workers + 1);
    const std::int64_t left = before * workers + (after - before) * (behind % workers);
    return static_cast<int>(rows_ - left / parts_);
  }

 private:
  // How many of all rows after so many rounds.
  std::int64_t taken(int rounds) const {
    return rounds < rounds_ ? rows_ - (rows_ >> rounds) : rows_;
  }

  std::int64_t rows_;
  int parts_;
  int rounds_ = 1;
};

// Calls task(thread, begin, end) for chunks that make up all rows.
template <class Function>
void split_rows(Parallel& parallel, const Chunks& chunks, const Function& task) {
  if (chunks.count() == 1) return task(0, 0, chunks.first_row(1));
  parallel.run(chunks.count(), [&](int chunk, int thread) {
    task(thread, chunks.first_row(chunk), chunks.first_row(chunk + 1));
  });
}

// Calls task(begin, end) for each of the chunks.
template <class Function>
void for_each_chunk(const Chunks& chunks, const Function& task) {
  for (int chunk = 0; chunk < chunks.count(); ++chunk) {
    task(chunks.first_row(chunk), chunks.first_row(chunk + 1));
  }
}

// What the pixels of every instruction set's tiles divide, or their half.
inline constexpr int kCommonTile = 12;

inline int common_tiles(int pixels) { return (pixels + kCommonTile - 1) / kCommonTile; }

// Pixels and blocks of channels (packing.hpp) of a product, each without its last.
struct Piece {
  int first_pixel, last_pixel;
  int first_block, last_block;
};

// Of a product whose threads each read a part of its weights, for where these are more than its
// pixels: calls piece(Piece) for all of the tiles begin .. end - 1, which are counted block by
// block. Where that ends within a block, another thread does the rest of it.
template <class Function>
void for_each_piece(int begin, int end, int pixels, const Function& piece) {
  const int tiles = common_tiles(pixels);
  const auto pixel = [&](int tile) { return std::min(tile % tiles * kCommonTile, pixels); };
  int block = begin / tiles;
  const int last = end / tiles;
  if (block == last) {
    if (begin < end) piece(Piece{pixel(begin), pixel(end), block, block + 1});
    return;
  }
  if (begin % tiles > 0) {
    piece(Piece{pixel(begin), pixels, block, block + 1});
    ++block;
  }
  if (block < last) piece(Piece{0, pixels, block, last});
  if (end % tiles > 0) piece(Piece{0, pixel(end), last, last + 1});
}

}  // namespace camclassify
