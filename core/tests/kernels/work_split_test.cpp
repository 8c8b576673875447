#include "kernels/work_split.hpp"

#include <doctest/doctest.h>

#include <set>
#include <utility>
#include <vector>

namespace camclassify {
namespace {

TEST_CASE("Blocks that are split by pixels, too, are done once, in parts of much the same size") {
  for (const int blocks : {1, 2, 3, 5, 18}) {
    for (const int pixels : {1, 4, 12, 13, 49, 196}) {
      for (const int parts : {1, 2, 3, 7, 64}) {
        CAPTURE(blocks);
        CAPTURE(pixels);
        CAPTURE(parts);
        std::multiset<std::pair<int, int>> done;
        int most = 0;
        for (int part = 0; part < parts; ++part) {
          int cells = 0;
          split_blocks(part, parts, blocks, pixels, [&](const Piece& piece) {
            REQUIRE(piece.first_pixel >= 0);
            REQUIRE(piece.last_pixel <= pixels);
            REQUIRE(piece.last_block <= blocks);
            for (int block = piece.first_block; block < piece.last_block; ++block) {
              for (int pixel = piece.first_pixel; pixel < piece.last_pixel; ++pixel, ++cells) {
                done.emplace(block, pixel);
              }
            }
          });
          most = std::max(most, cells);
        }
        CHECK(done.size() == static_cast<std::size_t>(blocks * pixels));
        CHECK(std::set(done.begin(), done.end()).size() == done.size());
        CHECK(most <= blocks * pixels / parts + 13);
      }
    }
  }
}

}  // namespace
}  // namespace camclassify
