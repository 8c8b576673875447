#include "engine/decoded_snapshot.hpp"

#include <doctest/doctest.h>

#include <algorithm>

#include "image/encoders.hpp"
#include "pictures.hpp"

namespace camclassify {
namespace {

TEST_CASE("a snapshot is decoded as finely as somebody asks for, once") {
  const auto jpeg = test::make_jpeg({640, 480});
  DecodedSnapshot snapshot(jpeg);
  const Frame& coarse = snapshot.frame({160, 120});
  CHECK(coarse.size == Size{160, 120});
  CHECK(&snapshot.frame({100, 100}) == &coarse);
  CHECK(snapshot.frame({300, 100}).size == Size{320, 240});
  CHECK(&snapshot.frame({100, 100}) == &coarse);
  CHECK(snapshot.frame({10'000, 10'000}).size == Size{640, 480});
}

TEST_CASE("a PNG or a progressive JPEG is decoded once, for whoever asks") {
  const auto grey = [](int, std::uint8_t* row) { std::fill_n(row, 3 * 640, std::uint8_t{90}); };
  for (const auto& picture : {test::encode_png({640, 480}, {}, grey),
                              test::encode_jpeg({640, 480}, {.progressive = true}, grey)}) {
    DecodedSnapshot snapshot(picture);
    CHECK(snapshot.luma().size == Size{80, 60});
    const double decode_ms = snapshot.decode_ms();
    CHECK(snapshot.frame({160, 120}).size == Size{640, 480});
    CHECK(snapshot.frame({640, 480}).size == Size{640, 480});
    CHECK(snapshot.decode_ms() == decode_ms);
  }
}

TEST_CASE("a small region is decoded finely enough to fill the network") {
  const auto jpeg = test::make_jpeg({640, 480});
  DecodedSnapshot snapshot(jpeg);
  const Size input{160, 160};
  const Box quarter{0, 0, 0.5F, 0.5F};
  CHECK(snapshot.frame_for({{}, input}, Fit::kLetterbox).size == Size{160, 120});
  CHECK(snapshot.frame_for({quarter, input}, Fit::kLetterbox, 2).size == Size{160, 120});
  CHECK(whole_size(snapshot.frame_for({quarter, input}, Fit::kLetterbox)) == Size{320, 240});
}

TEST_CASE("masks are filled in every frame and in the luma plane, decoded before or after") {
  const auto jpeg = test::make_jpeg({64, 64});
  const std::vector<Polygon> everything = {{{0, 0}, {1, 0}, {1, 1}, {0, 1}}};
  const auto is_hidden = [](const auto& picture) {
    return std::ranges::all_of(picture.pixels,
                               [&](auto value) { return value == picture.pixels.front(); });
  };
  DecodedSnapshot before(jpeg);
  before.hide(everything);
  CHECK(is_hidden(before.luma()));
  CHECK(is_hidden(before.frame({})));
  DecodedSnapshot after(jpeg);
  CHECK_FALSE(is_hidden(after.luma()));
  CHECK_FALSE(is_hidden(after.frame({})));
  after.hide(everything);
  CHECK(is_hidden(after.luma()));
  CHECK(is_hidden(after.frame({})));
}

}  // namespace
}  // namespace camclassify
