#include "image/webp.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <string_view>
#include <utility>
#include <vector>

#include "camclassify/error.hpp"
#include "camclassify/image.hpp"
#include "image/encoders.hpp"
#include "image/many_codes.hpp"
#include "image/peak_memory.hpp"
#include "pictures.hpp"

namespace camclassify {
namespace {

std::vector<std::byte> encode(const Frame& frame, const test::WebpKind& kind) {
  const auto row_bytes = static_cast<std::size_t>(3 * frame.size.width);
  return test::encode_webp(frame.size, kind, [&](int y, std::uint8_t* row) {
    std::copy_n(&frame.pixels[static_cast<std::size_t>(y) * row_bytes], row_bytes, row);
  });
}

void append(std::vector<std::byte>& bytes, std::string_view text) {
  for (const char character : text) bytes.push_back(static_cast<std::byte>(character));
}

void append(std::vector<std::byte>& bytes, std::size_t value, int count) {
  for (int i = 0; i < count; ++i) bytes.push_back(static_cast<std::byte>(value >> (8 * i) & 0xFF));
}

// The simple file of encode_webp() in the extended format, with more chunks behind its picture.
std::vector<std::byte> extended(std::span<const std::byte> simple, Size size, unsigned flags,
                                std::span<const std::byte> chunks) {
  constexpr std::size_t kRiff = 12;
  std::vector<std::byte> bytes;
  append(bytes, "RIFF");
  append(bytes, 4 + 18 + simple.size() - kRiff + chunks.size(), 4);
  append(bytes, "WEBPVP8X");
  append(bytes, 10, 4);
  append(bytes, flags, 4);
  append(bytes, static_cast<std::size_t>(size.width - 1), 3);
  append(bytes, static_cast<std::size_t>(size.height - 1), 3);
  bytes.insert(bytes.end(), simple.begin() + kRiff, simple.end());
  bytes.insert(bytes.end(), chunks.begin(), chunks.end());
  return bytes;
}

TEST_CASE("a lossless WebP is decoded exactly") {
  const Frame frame = test::make_gradient({33, 17});
  const auto webp = encode(frame, {.lossless = true});
  CHECK(snapshot_size(webp) == Size{33, 17});
  const Frame decoded = decode(webp, {});
  CHECK(decoded.size == frame.size);
  CHECK(decoded.original_size == frame.size);
  CHECK(decoded.pixels == frame.pixels);
}

TEST_CASE("a lossy WebP comes near, at full size whatever covers") {
  const Frame frame = test::make_gradient({320, 200});
  const auto webp = encode(frame, {.quality = 95});
  CHECK_FALSE(cover_saves_work(webp));
  const Frame decoded = decode(webp, {40, 25});
  REQUIRE(decoded.size == frame.size);
  int largest = 0;
  for (std::size_t i = 0; i < frame.pixels.size(); ++i)
    largest = std::max(largest, std::abs(decoded.pixels[i] - frame.pixels[i]));
  CHECK(largest < 16);
  const Plane plane = decode_luma(webp);
  CHECK(plane.size == Size{40, 25});
  CHECK(plane.pixels == luma(decoded).pixels);
}

TEST_CASE("what is transparent in a WebP is black") {
  for (const bool lossless : {false, true}) {
    const auto first_pixel = [&](std::uint8_t alpha) {
      const Frame frame = decode(test::encode_webp({32, 24}, {.lossless = lossless, .channels = 4},
                                                   test::plain(32, {200, 100, 50, alpha})),
                                 {});
      CHECK(frame.pixels.size() == std::size_t{3} * 32 * 24);
      CHECK(std::ranges::equal(std::span(frame.pixels).first(3), std::span(frame.pixels).last(3)));
      return std::array<int, 3>{frame.pixels[0], frame.pixels[1], frame.pixels[2]};
    };
    CHECK(first_pixel(0) == std::array{0, 0, 0});
    const auto half = first_pixel(128);
    CHECK(std::abs(half[0] - 100) < 5);
    CHECK(std::abs(half[1] - 50) < 5);
    CHECK(std::abs(half[2] - 25) < 5);
  }
}

TEST_CASE("a WebP taken with the camera on its side is decoded upright") {
  // Left half bright, right half dark.
  const Frame frame = test::make_frame({64, 32}, [](int x, int) {
    return x < 32 ? test::Rgb{250, 250, 250} : test::Rgb{0, 0, 0};
  });
  const auto simple = encode(frame, {.lossless = true});
  const auto tiff = test::exif_tiff(6, true);
  for (const std::string_view prefix : {std::string_view(), std::string_view("Exif\0\0", 6)}) {
    std::vector<std::byte> exif;
    append(exif, "EXIF");
    append(exif, prefix.size() + tiff.size(), 4);
    append(exif, prefix);
    exif.insert(exif.end(), tiff.begin(), tiff.end());
    constexpr unsigned kExifFlag = 8;
    const auto webp = extended(simple, frame.size, kExifFlag, exif);
    CHECK(snapshot_size(webp) == Size{32, 64});
    const Frame decoded = decode(webp, {});
    REQUIRE(decoded.size == Size{32, 64});
    CHECK(decoded.pixels.front() == 250);
    CHECK(decoded.pixels.back() == 0);
    CHECK(decode_luma(webp).size == Size{4, 8});
    for (std::size_t cut = 1; cut <= exif.size(); ++cut)
      CHECK_NOTHROW(snapshot_size(std::span(webp).first(webp.size() - cut)));
  }
}

TEST_CASE("an animated WebP is named") {
  const auto simple = encode(test::make_gradient({16, 16}), {});
  constexpr unsigned kAnimationFlag = 2;
  const auto webp = extended(simple, {16, 16}, kAnimationFlag, {});
  CHECK_THROWS_WITH_AS(decode(webp, {}), doctest::Contains("animated"), SnapshotError);
}

TEST_CASE("a WebP cut off anywhere is refused") {
  for (const test::WebpKind& kind : {test::WebpKind{}, test::WebpKind{.lossless = true}}) {
    const auto webp = encode(test::make_gradient({64, 48}), kind);
    for (std::size_t length = 1; length < webp.size(); length += 3) {
      const auto cut = std::span(webp).first(length);
      CHECK_THROWS_AS(decode(cut, {}), SnapshotError);
      CHECK_THROWS_AS(decode_luma(cut), SnapshotError);
    }
  }
}

TEST_CASE("a WebP of more pixels than are accepted is refused before it is decoded") {
  const auto webp = encode(test::make_gradient({64, 48}), {});
  CHECK_NOTHROW(decode(webp, {}, {.max_pixels = 64 * 48}));
  CHECK_THROWS_WITH_AS(decode(webp, {}, {.max_pixels = 64 * 48 - 1}),
                       doctest::Contains("lower resolution"), SnapshotError);
}

TEST_CASE("a lossless WebP that needs much memory is refused before it is decoded") {
  const auto large = test::many_codes({16'000, 2'000}, 1);
  CHECK_THROWS_WITH_AS(decode(large, {}), doctest::Contains("memory"), SnapshotError);
}

TEST_CASE("a WebP with more data than can be read in time is refused before it is decoded") {
  auto webp = encode(test::make_gradient({64, 48}), {});
  CHECK_NOTHROW(decode(webp, {}));
  webp.resize(8'000'000);
  CHECK_THROWS_WITH_AS(decode(webp, {}), doctest::Contains("too long"), SnapshotError);
}

TEST_CASE("a lossless WebP may have thousands of codes, but not as many as fill the memory") {
  const auto many = test::many_codes({1024, 1024}, 5'000);
  CHECK(decode(many, {}).size == Size{1024, 1024});
  const auto bomb = test::many_codes({1024, 1024}, 65'536);
  CHECK(bomb.size() < 400'000);
  const test::PeakMemory peak;
  CHECK_THROWS_WITH_AS(decode(bomb, {}), doctest::Contains("memory"), SnapshotError);
  CHECK(peak.megabytes() < 100);
}

}  // namespace
}  // namespace camclassify
