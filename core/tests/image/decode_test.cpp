#include <doctest/doctest.h>
#include <png.h>

#include <cstdlib>

#include "camclassify/error.hpp"
#include "camclassify/image.hpp"
#include "pictures.hpp"

namespace camclassify {
namespace {

std::vector<std::byte> make_png(const Frame& frame) {
  png_image image = {};
  image.version = PNG_IMAGE_VERSION;
  image.width = static_cast<png_uint_32>(frame.size.width);
  image.height = static_cast<png_uint_32>(frame.size.height);
  image.format = PNG_FORMAT_RGB;
  std::vector<std::byte> bytes(PNG_IMAGE_PNG_SIZE_MAX(image));
  png_alloc_size_t count = bytes.size();
  REQUIRE(
      png_image_write_to_memory(&image, bytes.data(), &count, 0, frame.pixels.data(), 0, nullptr));
  bytes.resize(count);
  return bytes;
}

std::vector<std::byte> bytes_of(std::string_view text) {
  const auto bytes = std::as_bytes(std::span(text));
  return {bytes.begin(), bytes.end()};
}

int largest_difference(const Frame& a, const Frame& b) {
  int largest = 0;
  for (std::size_t i = 0; i < a.pixels.size(); ++i)
    largest = std::max(largest, std::abs(a.pixels[i] - b.pixels[i]));
  return largest;
}

void put(std::vector<std::byte>& bytes, std::size_t at, unsigned value) {
  bytes[at] = static_cast<std::byte>(value >> 8);
  bytes[at + 1] = static_cast<std::byte>(value & 0xFF);
}

TEST_CASE("a PNG is decoded exactly") {
  const Frame frame = test::make_gradient({33, 17});
  const Frame decoded = decode(make_png(frame), {});
  CHECK(decoded.size == frame.size);
  CHECK(decoded.pixels == frame.pixels);
}

TEST_CASE("a JPEG is decoded at full size unless something smaller covers") {
  const Frame frame = test::make_gradient({640, 360});
  const auto jpeg = encode_jpeg(frame, 95);
  const Frame decoded = decode(jpeg, {});
  CHECK(decoded.size == Size{640, 360});
  CHECK(largest_difference(decoded, frame) < 12);
}

TEST_CASE("a JPEG is decoded at the smallest scale that covers") {
  const auto jpeg = test::make_jpeg({640, 360});
  CHECK(decode(jpeg, {80, 45}).size == Size{80, 45});
  CHECK(decode(jpeg, {81, 45}).size == Size{160, 90});
  CHECK(decode(jpeg, {160, 90}).size == Size{160, 90});
  CHECK(decode(jpeg, {160, 91}).size == Size{320, 180});
  CHECK(decode(jpeg, {321, 1}).size == Size{640, 360});
  CHECK(decode(jpeg, {10'000, 1}).size == Size{640, 360});
  CHECK(decode(jpeg, {1, 1}).original_size == Size{640, 360});
}

TEST_CASE("the size comes from the header alone") {
  CHECK(snapshot_size(test::make_jpeg({320, 200})) == Size{320, 200});
  CHECK(snapshot_size(make_png(test::make_gradient({7, 5}))) == Size{7, 5});
}

TEST_CASE("what is no picture is refused with a reason") {
  CHECK_THROWS_WITH_AS(decode({}, {}), "The snapshot is empty.", SnapshotError);
  CHECK_THROWS_WITH_AS(decode(bytes_of("<!DOCTYPE html><html>"), {}), doctest::Contains("web page"),
                       SnapshotError);
  CHECK_THROWS_WITH_AS(decode(bytes_of("GIF89a"), {}),
                       doctest::Contains("neither a JPEG nor a PNG"), SnapshotError);
  CHECK_THROWS_AS(snapshot_size(bytes_of("nonsense")), SnapshotError);
}

TEST_CASE("a JPEG cut off anywhere is refused") {
  const auto jpeg = test::make_jpeg({128, 96});
  for (std::size_t length = 1; length + 2 < jpeg.size(); length += 7) {
    const auto cut = std::span(jpeg).first(length);
    CHECK_THROWS_AS(decode(cut, {}), SnapshotError);
    CHECK_THROWS_AS(decode_luma(cut), SnapshotError);
  }
}

TEST_CASE("a PNG cut off anywhere in its pixels is refused") {
  const auto png = make_png(test::make_gradient({64, 48}));
  for (std::size_t length = 1; length + 16 < png.size(); length += 11)
    CHECK_THROWS_AS(decode(std::span(png).first(length), {}), SnapshotError);
}

TEST_CASE("whatever byte is wrong, decoding ends with a frame or a SnapshotError") {
  for (const auto& good : {test::make_jpeg({64, 48}), make_png(test::make_gradient({64, 48}))}) {
    for (std::size_t i = 0; i < good.size(); ++i) {
      auto bad = good;
      bad[i] ^= std::byte{0x55};
      try {
        const Frame frame = decode(bad, {});
        CHECK(frame.pixels.size() == std::size_t{3} * static_cast<std::size_t>(frame.size.width) *
                                         static_cast<std::size_t>(frame.size.height));
      } catch (const SnapshotError&) {
      }
    }
  }
}

TEST_CASE("a header that promises too much is refused before anything is allocated") {
  auto jpeg = test::make_jpeg({64, 48});
  std::size_t frame_header = 2;
  while (jpeg[frame_header + 1] != std::byte{0xC0}) ++frame_header;
  put(jpeg, frame_header + 5, 60'000);
  put(jpeg, frame_header + 7, 60'000);
  CHECK_THROWS_WITH_AS(decode(jpeg, {}), doctest::Contains("lower resolution"), SnapshotError);

  auto png = make_png(test::make_gradient({64, 48}));
  constexpr std::size_t kHeader = 16;
  put(png, kHeader, 1);      // width 0x0001'0040
  put(png, kHeader + 4, 1);  // height likewise
  CHECK_THROWS_AS(decode(png, {}), SnapshotError);
}

TEST_CASE("limits hold") {
  const auto jpeg = test::make_jpeg({64, 48});
  CHECK_NOTHROW(decode(jpeg, {}, {.max_pixels = 64 * 48}));
  CHECK_THROWS_AS(decode(jpeg, {}, {.max_pixels = 64 * 48 - 1}), SnapshotError);
  CHECK_THROWS_AS(decode(jpeg, {}, {.max_bytes = 100}), SnapshotError);
  CHECK_THROWS_AS(decode_luma(jpeg, {.max_pixels = 100}), SnapshotError);
}

}  // namespace
}  // namespace camclassify
