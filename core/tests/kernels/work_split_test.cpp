#include "kernels/work_split.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <set>
#include <utility>
#include <vector>

namespace camclassify {
namespace {

TEST_CASE("Chunks make up all rows, none twice, however many threads take them") {
  for (const int threads : {1, 2, 3, 4, 7, 64}) {
    for (const int rows : {1, 2, 3, 13, 52, 1000, 1 << 30}) {
      for (const int rounds : {1, 2, Chunks::kMostRounds}) {
        CAPTURE(threads);
        CAPTURE(rows);
        CAPTURE(rounds);
        const Chunks chunks(threads, rows, std::int64_t{rows} * kSmallestPart, rounds);
        CHECK(chunks.parts() == std::min(threads, rows));
        CHECK(chunks.count() <= chunks.parts() * rounds);
        REQUIRE(chunks.first_row(0) == 0);
        REQUIRE(chunks.first_row(chunks.count()) == rows);
        for (int chunk = 0; chunk < chunks.count(); ++chunk) {
          REQUIRE(chunks.first_row(chunk) < chunks.first_row(chunk + 1));
        }
      }
    }
  }
}

TEST_CASE("Each thread's first chunk is half of its share, and its others half of what is left") {
  const Chunks two(2, 64, 64 * kSmallestPart);
  std::vector<int> sizes;
  for_each_chunk(two, [&](int begin, int end) { sizes.push_back(end - begin); });
  CHECK(sizes == std::vector<int>{16, 8, 4, 4, 4, 4, 8, 16});
  // The caller's are the first, of each round those behind all of the round after.
  const Chunks three(3, 48, 48 * kSmallestPart);
  sizes.clear();
  for_each_chunk(three, [&](int begin, int end) { sizes.push_back(end - begin); });
  CHECK(sizes == std::vector<int>{8, 4, 2, 2, 2, 2, 2, 2, 4, 4, 8, 8});
}

TEST_CASE("What is little work is left in fewer chunks, or in one") {
  CHECK(Chunks(2, 64, 2 * kSmallestPart - 1).count() == 1);
  CHECK(Chunks(2, 64, 2 * kSmallestPart).count() == 2);
  CHECK(Chunks(2, 64, 4 * kSmallestPart).count() == 4);
  CHECK(Chunks(4, 64, 3 * kSmallestPart).parts() == 3);
  CHECK(Chunks(2, 64, 1000 * kSmallestPart, 1).count() == 2);
  CHECK(Chunks(2, 64, 0).count() == 1);
}

TEST_CASE("Pieces of tiles make up all pixels of all blocks of channels, each once") {
  for (const int blocks : {1, 2, 3, 5, 18}) {
    for (const int pixels : {1, 4, 12, 13, 49, 196}) {
      for (const int threads : {1, 2, 3, 7, 64}) {
        CAPTURE(blocks);
        CAPTURE(pixels);
        CAPTURE(threads);
        const int tiles = blocks * common_tiles(pixels);
        std::multiset<std::pair<int, int>> done;
        for_each_chunk(Chunks(threads, tiles, tiles, 2, 1), [&](int begin, int end) {
          for_each_piece(begin, end, pixels, [&](const Piece& piece) {
            REQUIRE(piece.first_pixel >= 0);
            REQUIRE(piece.first_pixel < piece.last_pixel);
            REQUIRE(piece.last_pixel <= pixels);
            REQUIRE(piece.first_block < piece.last_block);
            REQUIRE(piece.last_block <= blocks);
            for (int block = piece.first_block; block < piece.last_block; ++block) {
              for (int pixel = piece.first_pixel; pixel < piece.last_pixel; ++pixel) {
                done.emplace(block, pixel);
              }
            }
          });
        });
        CHECK(done.size() == static_cast<std::size_t>(blocks * pixels));
        CHECK(std::set(done.begin(), done.end()).size() == done.size());
      }
    }
  }
}

}  // namespace
}  // namespace camclassify
