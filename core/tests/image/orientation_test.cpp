#include "image/orientation.hpp"

#include <doctest/doctest.h>

#include <array>
#include <vector>

#include "camclassify/image.hpp"
#include "pictures.hpp"

namespace camclassify {
namespace {

std::vector<std::byte> with_exif(std::vector<std::byte> jpeg, int orientation, bool little_endian) {
  std::vector<int> exif = {0xFF, 0xE1, 0, 34, 'E', 'x', 'i', 'f', 0, 0};
  const std::vector<int> little = {'I', 'I', 42, 0, 8, 0,           0, 0, 1, 0, 0x12, 0x01, 3,
                                   0,   1,   0,  0, 0, orientation, 0, 0, 0, 0, 0,    0,    0};
  const std::vector<int> big = {'M', 'M', 0, 42, 0, 0, 0,           8, 0, 1, 0x01, 0x12, 0,
                                3,   0,   0, 0,  1, 0, orientation, 0, 0, 0, 0,    0,    0};
  const auto& tiff = little_endian ? little : big;
  exif.insert(exif.end(), tiff.begin(), tiff.end());
  std::vector<std::byte> segment;
  for (const int value : exif) segment.push_back(static_cast<std::byte>(value));
  jpeg.insert(jpeg.begin() + 2, segment.begin(), segment.end());
  return jpeg;
}

// Left half red, right half blue; the lower half darker.
Frame make_quadrants() {
  return test::make_frame({64, 32}, [](int x, int y) {
    const int level = y < 16 ? 250 : 100;
    return x < 32 ? test::Rgb{level, 0, 0} : test::Rgb{0, 0, level};
  });
}

TEST_CASE("the Exif orientation is read in both byte orders") {
  const auto jpeg = encode_jpeg(make_quadrants(), 95);
  CHECK(exif_orientation(jpeg) == 1);
  for (int orientation = 1; orientation <= 8; ++orientation) {
    CHECK(exif_orientation(with_exif(jpeg, orientation, true)) == orientation);
    CHECK(exif_orientation(with_exif(jpeg, orientation, false)) == orientation);
  }
  CHECK(exif_orientation(with_exif(jpeg, 9, true)) == 1);
  CHECK(exif_orientation(with_exif(jpeg, 0, true)) == 1);
}

TEST_CASE("an Exif segment cut off anywhere reads as upright") {
  const auto jpeg = with_exif(encode_jpeg(make_quadrants(), 95), 6, true);
  for (std::size_t length = 0; length < 30; ++length)
    CHECK(exif_orientation(std::span(jpeg).first(length)) == 1);
}

TEST_CASE("the Exif segment is found wherever it stands and whatever stands between segments") {
  const auto tilted = with_exif(encode_jpeg(make_quadrants(), 95), 6, true);
  const std::array padding = {std::byte{0}, std::byte{0xFF}, std::byte{0xFF}};
  auto padded = tilted;
  padded.insert(padded.begin() + 2, padding.begin(), padding.end());
  CHECK(exif_orientation(padded) == 6);
  // After a restart marker that says nothing, and after the tables.
  const std::array restart = {std::byte{0xFF}, std::byte{0xD0}};
  padded.insert(padded.begin() + 2, restart.begin(), restart.end());
  CHECK(exif_orientation(padded) == 6);
  CHECK(snapshot_size(padded) == Size{32, 64});
}

TEST_CASE("a picture taken with the camera on its side is decoded upright") {
  const auto jpeg = with_exif(encode_jpeg(make_quadrants(), 95), 6, false);
  CHECK(snapshot_size(jpeg) == Size{32, 64});
  const Frame frame = decode(jpeg, {});
  REQUIRE(frame.size == Size{32, 64});
  CHECK(frame.original_size == Size{32, 64});
  // A quarter turn clockwise: what was at the left is at the top, its darker lower half at the
  // left.
  const auto pixel = [&](int x, int y) {
    return &frame.pixels[static_cast<std::size_t>(3 * (y * 32 + x))];
  };
  CHECK(pixel(24, 10)[0] > 200);
  CHECK(pixel(8, 10)[0] < 150);
  CHECK(pixel(24, 54)[2] > 200);
  CHECK(decode_luma(jpeg).size == Size{4, 8});
}

TEST_CASE("every turn is undone by its inverse") {
  const Frame frame = make_quadrants();
  for (const auto& [turn, back] :
       {std::pair{1, 1}, {2, 2}, {3, 3}, {4, 4}, {5, 5}, {6, 8}, {7, 7}, {8, 6}}) {
    std::vector<std::uint8_t> turned(frame.pixels.size()), turned_back(frame.pixels.size());
    place_upright(frame.pixels, 0, frame.size, 3, turn, turned);
    place_upright(turned, 0, upright(frame.size, turn), 3, back, turned_back);
    CHECK(turned_back == frame.pixels);
  }
}

}  // namespace
}  // namespace camclassify
