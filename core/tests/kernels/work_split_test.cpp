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
      for (const int least : {1, 3, 20}) {
        CAPTURE(threads);
        CAPTURE(rows);
        CAPTURE(least);
        const Chunks chunks(threads, rows, std::int64_t{rows} * kSmallestPart, least);
        CHECK(chunks.parts() == std::min(threads, rows));
        CHECK(chunks.count() <= chunks.parts() * Chunks::kMostRounds);
        REQUIRE(chunks.first_row(0) == 0);
        REQUIRE(chunks.first_row(chunks.count()) == rows);
        for (int chunk = 0; chunk < chunks.count(); ++chunk) {
          const int size = chunks.first_row(chunk + 1) - chunks.first_row(chunk);
          REQUIRE(size >= std::min(least, rows / chunks.parts()));
        }
      }
    }
  }
}

TEST_CASE("Each thread's first chunk is half of its share, and its others half of what is left") {
  const auto sizes = [](const Chunks& chunks) {
    std::vector<int> found;
    for_each_chunk(chunks, [&](int begin, int end) { found.push_back(end - begin); });
    return found;
  };
  CHECK(sizes(Chunks(2, 64, 64 * kSmallestPart)) == std::vector{16, 8, 4, 4, 16, 8, 4, 4});
  CHECK(sizes(Chunks(3, 48, 48 * kSmallestPart)) ==
        std::vector{8, 4, 2, 2, 8, 4, 2, 2, 8, 4, 2, 2});
  CHECK(sizes(Chunks(2, 64, 64 * kSmallestPart, 8)) == std::vector{16, 8, 8, 16, 8, 8});
}

TEST_CASE("A share is what its chunks are together") {
  for (const int threads : {1, 2, 3}) {
    std::vector<int> ends;
    for_each_share(Chunks(threads, 100, 100 * kSmallestPart), [&](int begin, int end) {
      ends.insert(ends.end(), {begin, end});
    });
    std::vector<int> expected;
    for (int part = 0; part < threads; ++part) {
      expected.insert(expected.end(), {100 * part / threads, 100 * (part + 1) / threads});
    }
    CHECK(ends == expected);
  }
}

TEST_CASE("What is little work is left in fewer chunks, or in one") {
  CHECK(Chunks(2, 64, 2 * kSmallestPart - 1).count() == 1);
  CHECK(Chunks(2, 64, 2 * kSmallestPart).count() == 2);
  CHECK(Chunks(2, 64, 4 * kSmallestPart).count() == 4);
  CHECK(Chunks(4, 64, 3 * kSmallestPart).parts() == 3);
  CHECK(Chunks(2, 64, 0).count() == 1);
}

TEST_CASE("Rows follow on those that the same thread did last") {
  LastRows last;
  CHECK_FALSE(last.goes_on(0, 0, 4));
  CHECK_FALSE(last.goes_on(1, 4, 8));
  CHECK(last.goes_on(0, 4, 6));
  CHECK_FALSE(last.goes_on(0, 7, 8));
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
        for_each_chunk(Chunks(threads, tiles, tiles, 1, 1), [&](int begin, int end) {
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
