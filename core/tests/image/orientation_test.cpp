#include "image/orientation.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <string_view>
#include <vector>

#include "camclassify/image.hpp"
#include "image/encoders.hpp"
#include "image/jpeg_header.hpp"
#include "pictures.hpp"

namespace camclassify {
namespace {

std::vector<std::byte> with_exif(std::vector<std::byte> jpeg, int orientation) {
  constexpr std::array<int, 10> kSegment = {0xFF, 0xE1, 0, 34, 'E', 'x', 'i', 'f', 0, 0};
  std::vector<std::byte> segment;
  for (const int value : kSegment) segment.push_back(static_cast<std::byte>(value));
  const auto tiff = test::exif_tiff(orientation, true);
  segment.insert(segment.end(), tiff.begin(), tiff.end());
  jpeg.insert(jpeg.begin() + 2, segment.begin(), segment.end());
  return jpeg;
}

Orientation stored_orientation(std::span<const std::byte> jpeg) {
  return read_jpeg_header(jpeg).orientation;
}

// Left half red, right half blue; the lower half darker.
Frame make_quadrants() {
  return test::make_frame({64, 32}, [](int x, int y) {
    const int level = y < 16 ? 250 : 100;
    return x < 32 ? test::Rgb{level, 0, 0} : test::Rgb{0, 0, level};
  });
}

TEST_CASE("the Exif orientation is read in both byte orders") {
  for (const bool little_endian : {true, false}) {
    for (int orientation = 1; orientation <= 8; ++orientation)
      CHECK(exif_orientation(test::exif_tiff(orientation, little_endian)) == orientation);
    CHECK(exif_orientation(test::exif_tiff(9, little_endian)) == 1);
    CHECK(exif_orientation(test::exif_tiff(0, little_endian)) == 1);
  }
}

TEST_CASE("Exif cut off anywhere reads as upright") {
  const auto tiff = test::exif_tiff(6, true);
  constexpr std::size_t kEndOfValue = 20;
  CHECK(exif_orientation(std::span(tiff).first(kEndOfValue)) == 6);
  for (std::size_t length = 0; length < kEndOfValue; ++length)
    CHECK(exif_orientation(std::span(tiff).first(length)) == 1);
}

TEST_CASE("the Exif segment is found wherever it stands and whatever stands between segments") {
  const auto tilted = with_exif(encode_jpeg(make_quadrants(), 95), 6);
  const std::array padding = {std::byte{0}, std::byte{0xFF}, std::byte{0xFF}};
  auto padded = tilted;
  padded.insert(padded.begin() + 2, padding.begin(), padding.end());
  CHECK(stored_orientation(padded) == 6);
  // After a restart marker that says nothing, and after the tables.
  const std::array restart = {std::byte{0xFF}, std::byte{0xD0}};
  padded.insert(padded.begin() + 2, restart.begin(), restart.end());
  CHECK(stored_orientation(padded) == 6);
  CHECK(snapshot_size(padded) == Size{32, 64});
}

TEST_CASE("zeros before the second marker turn nothing") {
  auto tilted = with_exif(encode_jpeg(make_quadrants(), 95), 6);
  const auto pixels = decode(tilted, {}).pixels;
  const std::vector<std::byte> zeros(608);
  tilted.insert(tilted.begin() + 2, zeros.begin(), zeros.end());
  CHECK(snapshot_size(tilted) == Size{32, 64});
  CHECK(decode(tilted, {}).pixels == pixels);
}

TEST_CASE("the orientation of a PNG is that of its Exif") {
  const Frame quadrants = make_quadrants();
  const auto png = test::encode_png(quadrants.size, {}, [&](int y, std::uint8_t* row) {
    std::copy_n(&quadrants.pixels[static_cast<std::size_t>(y) * 3 * 64], 3 * 64, row);
  });
  const auto tiff = test::exif_tiff(6, false);
  constexpr std::size_t kAfterHeader = 33;
  std::vector<std::byte> chunk(4);
  chunk[3] = static_cast<std::byte>(tiff.size());
  for (const char letter : std::string_view("eXIf"))
    chunk.push_back(static_cast<std::byte>(letter));
  chunk.insert(chunk.end(), tiff.begin(), tiff.end());
  chunk.resize(chunk.size() + 4);  // a checksum that nobody compares
  auto tilted = png;
  tilted.insert(tilted.begin() + kAfterHeader, chunk.begin(), chunk.end());
  CHECK(snapshot_size(tilted) == Size{32, 64});
  const auto jpeg = with_exif(encode_jpeg(quadrants, 95), 6);
  const Frame frame = decode(tilted, {}), same = decode(jpeg, {});
  REQUIRE(frame.size == Size{32, 64});
  CHECK(std::abs(frame.pixels.front() - same.pixels.front()) < 12);
  CHECK(std::abs(frame.pixels.back() - same.pixels.back()) < 12);
  CHECK(decode_luma(tilted).size == Size{4, 8});
  CHECK(snapshot_size(std::span(tilted).first(40)) == Size{64, 32});
}

TEST_CASE("what is missing of a picture lies where it is shown") {
  const Box bottom{0, 0.75F, 1, 1};
  CHECK(upright(bottom, 1) == bottom);
  CHECK(upright(bottom, 2) == bottom);
  CHECK(upright(bottom, 3) == Box{0, 0, 1, 0.25F});
  CHECK(upright(bottom, 4) == Box{0, 0, 1, 0.25F});
  CHECK(upright(bottom, 5) == Box{0.75F, 0, 1, 1});
  CHECK(upright(bottom, 6) == Box{0, 0, 0.25F, 1});
  CHECK(upright(bottom, 7) == Box{0, 0, 0.25F, 1});
  CHECK(upright(bottom, 8) == Box{0.75F, 0, 1, 1});
}

TEST_CASE("a picture taken with the camera on its side is decoded upright") {
  const auto jpeg = with_exif(encode_jpeg(make_quadrants(), 95), 6);
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
