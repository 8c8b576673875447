#pragma once

#include <algorithm>
#include <array>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <utility>

#include "camclassify/network.hpp"

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

// What threads take of the `rows` of an op, chunk by chunk, as they get done: half of a thread's
// share first, then half of what is left of it and so on, so that all end at much the same time
// although one of the cores is slower, or does something else too. S. F. Hummel, E. Schonberg and
// L. E. Flynn, "Factoring: a method for scheduling parallel loops", 1992.
class Chunks {
 public:
  static constexpr int kMostRounds = 4;  // of chunks, one for each thread

  // `work`: multiply-adds of a product that take as long as all rows. Chunks have `least_rows`, and
  // `smallest` of the work, if it can be helped.
  Chunks(int threads, int rows, std::int64_t work, int least_rows = 1,
         std::int64_t smallest = kSmallestPart)
      : rows_(rows),
        parts_(static_cast<int>(std::min<std::int64_t>(
            {std::max(1, threads), rows, std::max<std::int64_t>(1, work / smallest)}))) {
    if (parts_ < 2) return;
    while (rounds_ < kMostRounds && (work / parts_ >> rounds_) >= smallest &&
           (rows_ / parts_ >> rounds_) >= least_rows) {
      ++rounds_;
    }
  }
  Chunks(const Parallel& parallel, int rows, std::int64_t work, int least_rows = 1)
      : Chunks(parallel.threads(), rows, work, least_rows, parallel.smallest_part()) {}

  // How many threads have something to do.
  int parts() const { return parts_; }
  int count() const { return parts_ * rounds_; }

  // The first row of a chunk, or, of count(), the one behind the last. The chunks of a share lie
  // one behind the other.
  int first_row(int chunk) const {
    const int part = chunk / rounds_, rounds = chunk % rounds_;
    const std::int64_t first = rows_ * part / parts_, share = rows_ * (part + 1) / parts_ - first;
    return static_cast<int>(rounds == 0 ? first : first + share - (share >> rounds));
  }

 private:
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

// Calls task(begin, end) for each thread's share, which is what it does if none is slower.
template <class Function>
void for_each_share(const Chunks& chunks, const Function& task) {
  const int rounds = chunks.count() / std::max(1, chunks.parts());
  for (int part = 0; part < chunks.parts(); ++part) {
    task(chunks.first_row(part * rounds), chunks.first_row((part + 1) * rounds));
  }
}

// Which row follows on those that a thread did last, for ops that keep rows from chunk to chunk.
class LastRows {
 public:
  LastRows() { behind_.fill(-1); }
  // Whether the rows begin .. end - 1 follow on them; notes that the thread does these now.
  bool goes_on(int thread, int begin, int end) {
    return std::exchange(behind_.at(static_cast<std::size_t>(thread)), end) == begin;
  }

 private:
  std::array<int, kMostThreads> behind_;
};

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
