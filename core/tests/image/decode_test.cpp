#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdlib>
#include <optional>
#include <utility>

#include "camclassify/error.hpp"
#include "camclassify/image.hpp"
#include "image/encoders.hpp"
#include "image/peak_memory.hpp"
#include "pictures.hpp"

namespace camclassify {
namespace {

std::vector<std::byte> make_png(const Frame& frame) {
  const auto row_bytes = static_cast<std::size_t>(3 * frame.size.width);
  return test::encode_png(frame.size, {}, [&](int y, std::uint8_t* row) {
    std::copy_n(&frame.pixels[static_cast<std::size_t>(y) * row_bytes], row_bytes, row);
  });
}

std::array<int, 3> first_pixel(const Frame& frame) {
  return {frame.pixels.at(0), frame.pixels.at(1), frame.pixels.at(2)};
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

// Whether a part shows what the whole picture shows there, pixel for pixel.
void check_is_part_of(const Frame& part, const Frame& whole) {
  REQUIRE(whole_size(part) == whole.size);
  const auto left =
      static_cast<int>(std::lround(part.part.x0 * static_cast<float>(whole.size.width)));
  const auto top =
      static_cast<int>(std::lround(part.part.y0 * static_cast<float>(whole.size.height)));
  const std::size_t row_bytes = std::size_t{3} * static_cast<std::size_t>(part.size.width);
  for (int y = 0; y < part.size.height; ++y) {
    const auto there = static_cast<std::size_t>((top + y) * whole.size.width + left) * 3;
    const auto here = static_cast<std::size_t>(y) * row_bytes;
    CHECK(std::ranges::equal(std::span(part.pixels).subspan(here, row_bytes),
                             std::span(whole.pixels).subspan(there, row_bytes)));
  }
}

TEST_CASE("of a JPEG only the part that is asked for is decoded, to the same pixels") {
  const auto jpeg = test::make_jpeg({640, 360});
  for (const Size cover : {Size{}, Size{320, 180}, Size{80, 45}}) {
    const Frame whole = decode(jpeg, cover);
    for (const Box& asked : {Box{0.4F, 0.3F, 0.6F, 0.5F}, Box{0, 0, 0.1F, 1}, Box{0.9F, 0.9F, 1, 1},
                             Box{0.5F, 0.5F, 0.5001F, 0.5001F}}) {
      const Frame part = decode_part(jpeg, cover, asked);
      CHECK(part.part.x0 <= asked.x0);
      CHECK(part.part.y0 <= asked.y0);
      CHECK(part.part.x1 >= asked.x1);
      CHECK(part.part.y1 >= asked.y1);
      CHECK(part.pixels.size() < whole.pixels.size());
      CHECK(part.original_size == whole.original_size);
      check_is_part_of(part, whole);
    }
  }
}

TEST_CASE("what no part can be decoded of comes whole") {
  const auto grey = [](int, std::uint8_t* row) { std::fill_n(row, 3 * 640, std::uint8_t{90}); };
  for (const auto& picture : {test::encode_png({640, 480}, {}, grey),
                              test::encode_jpeg({640, 480}, {.progressive = true}, grey)})
    CHECK(decode_part(picture, {}, {0, 0, 0.1F, 0.1F}).size == Size{640, 480});
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
  CHECK_THROWS_AS(snapshot_size(bytes_of("nonsense")), SnapshotError);
  for (const auto& refused : std::vector<std::pair<std::string_view, const char*>>{
           {"<!DOCTYPE html><html>", "a web page"},
           {"\r\n <html>", "a web page"},
           {"{\"error\": 401}", "JSON"},
           {"[1]", "JSON"},
           {"--frame\r\nContent-Type: text/plain\r\n\r\nno", "several pictures"},
           {"401 Unauthorized", "a text"},
           {"GIF89a", "a GIF"},
           {{"II*\0\x08", 5}, "a TIFF"},
           {{"MM\0*\0", 5}, "a TIFF"},
           {{"II*\0\xFF\xD8\xFF\xE0", 8}, "a TIFF"},
           {"\xFF\x0A\x01", "a JPEG XL"},
           {{"\0\0\0\x0CjP  \r\n", 10}, "a JPEG 2000"},
           {{"\0\0\0\x18"
             "ftypheic",
             12},
            "a HEIC"},
           {{"\0\0\0\x18"
             "ftypmif1",
             12},
            "a HEIC"},
           {{"\0\0\0\x18"
             "ftypavif",
             12},
            "an AVIF"},
           {"BM123456", "a BMP"},
           {{"\0\0\0\x01\x67", 5}, "a video"}}) {
    CAPTURE(refused.second);
    const auto bytes = bytes_of(refused.first);
    CHECK_THROWS_WITH_AS(decode(bytes, {}), doctest::Contains(refused.second), SnapshotError);
    CHECK_THROWS_AS(decode_luma(bytes), SnapshotError);
  }
}

TEST_CASE("a JPEG without its end marker is whole if all its rows are there") {
  for (const bool progressive : {false, true}) {
    const auto whole =
        test::encode_jpeg({64, 48}, {.progressive = progressive}, test::plain(64, {200, 100, 50}));
    const auto cut = std::span(whole).first(whole.size() - 2);
    CHECK(decode(cut, {}).pixels == decode(whole, {}).pixels);
    CHECK(decode_luma(cut).pixels == decode_luma(whole).pixels);
    CHECK(decode(std::span(whole).first(whole.size() - 1), {}).pixels == decode(whole, {}).pixels);
  }
}

TEST_CASE("line breaks and spaces before a picture are skipped") {
  for (const auto& picture : {test::make_jpeg({64, 48}), make_png(test::make_gradient({64, 48}))}) {
    auto late = bytes_of("\r\n\r\n \t");
    late.insert(late.end(), picture.begin(), picture.end());
    CHECK(snapshot_size(late) == Size{64, 48});
    CHECK(decode(late, {}).pixels == decode(picture, {}).pixels);
    CHECK(decode_luma(late).pixels == decode_luma(picture).pixels);
  }
}

TEST_CASE("what servers send before a picture is skipped") {
  const auto jpeg = test::make_jpeg({64, 48});
  const auto webp = test::encode_webp({64, 48}, {}, test::plain(64, {200, 100, 50}));
  for (const auto& picture : {jpeg, make_png(test::make_gradient({64, 48})), webp}) {
    for (const std::string_view before :
         {std::string_view("--frame\r\nContent-Type: image/jpeg\r\nContent-Length: 9999\r\n\r\n"),
          std::string_view("Content-type: image/jpeg\n\n"), std::string_view("\0", 1),
          std::string_view("\xFF\xFF", 2)}) {
      CAPTURE(before);
      auto late = bytes_of(before);
      late.insert(late.end(), picture.begin(), picture.end());
      CHECK(snapshot_size(late) == Size{64, 48});
      CHECK(decode(late, {}).pixels == decode(picture, {}).pixels);
      CHECK(decode_luma(late).pixels == decode_luma(picture).pixels);
    }
  }
  auto far = std::vector<std::byte>(5000, std::byte{1});
  far.insert(far.end(), jpeg.begin(), jpeg.end());
  CHECK_THROWS_AS(decode(far, {}), SnapshotError);
}

TEST_CASE("zero and fill bytes between the segments of a JPEG are skipped") {
  auto jpeg = test::make_jpeg({64, 48});
  const auto pixels = decode(jpeg, {}).pixels;
  const std::array padding = {std::byte{0}, std::byte{0}, std::byte{0xFF}, std::byte{0xFF}};
  jpeg.insert(jpeg.begin() + 2, padding.begin(), padding.end());
  CHECK(snapshot_size(jpeg) == Size{64, 48});
  CHECK(decode(jpeg, {}).pixels == pixels);
}

TEST_CASE("grey and ink JPEGs have the colours that viewers show") {
  const auto near = [](std::array<int, 3> pixel, std::array<int, 3> expected) {
    for (std::size_t i = 0; i < 3; ++i) CHECK(std::abs(pixel.at(i) - expected.at(i)) <= 3);
  };
  const auto grey =
      test::encode_jpeg({16, 16}, {.colour = test::JpegColour::kGrey}, test::plain(16, {90}));
  near(first_pixel(decode(grey, {})), {90, 90, 90});
  CHECK(std::abs(decode_luma(grey).pixels.at(0) - 90) <= 1);
  // As stored, 255 is no ink: 200/255 of the red, 100/255 of the green and 50/255 of the blue light
  // pass the coloured inks, and 128/255 of all the black one.
  for (const auto colour : {test::JpegColour::kCmyk, test::JpegColour::kYcck}) {
    const auto inks =
        test::encode_jpeg({16, 16}, {.colour = colour}, test::plain(16, {200, 100, 50, 128}));
    near(first_pixel(decode(inks, {})), {100, 50, 25});
    near(first_pixel(decode(inks, {2, 2})), {100, 50, 25});
    CHECK(std::abs(decode_luma(inks).pixels.at(0) - (77 * 100 + 150 * 50 + 29 * 25) / 256) <= 3);
  }
}

TEST_CASE("a kind of JPEG that is not read is named") {
  const auto with_frame_header = [](unsigned marker, int bits) {
    auto jpeg = test::make_jpeg({64, 48});
    std::size_t at = 2;
    while (jpeg[at + 1] != std::byte{0xC0}) ++at;
    jpeg[at + 1] = static_cast<std::byte>(marker);
    jpeg[at + 4] = static_cast<std::byte>(bits);
    return jpeg;
  };
  const auto refuses = [](const std::vector<std::byte>& jpeg, const char* what) {
    CHECK_THROWS_WITH_AS(decode(jpeg, {}), doctest::Contains(what), SnapshotError);
    CHECK_THROWS_WITH_AS(decode_luma(jpeg), doctest::Contains("baseline"), SnapshotError);
  };
  refuses(with_frame_header(0xC1, 12), "12 bits");
  refuses(with_frame_header(0xC3, 8), "lossless");
  refuses(with_frame_header(0xC5, 8), "hierarchical");
  refuses(with_frame_header(0xC9, 8), "arithmetic");
}

TEST_CASE("any PNG becomes RGB, what is transparent black") {
  for (const bool interlaced : {false, true}) {
    const auto of = [&](int bits, int channels, std::vector<std::uint8_t> levels) {
      const auto png =
          test::encode_png({33, 17}, {.bits = bits, .channels = channels, .interlaced = interlaced},
                           test::plain(33, std::move(levels)));
      const Frame frame = decode(png, {});
      CHECK(frame.pixels.size() == std::size_t{3} * 33 * 17);
      CHECK(std::ranges::equal(std::span(frame.pixels).first(3), std::span(frame.pixels).last(3)));
      return first_pixel(frame);
    };
    CHECK(of(8, 1, {90}) == std::array{90, 90, 90});
    CHECK(of(8, 3, {10, 20, 30}) == std::array{10, 20, 30});
    CHECK(of(16, 3, {10, 10, 20, 20, 30, 30}) == std::array{10, 20, 30});
    CHECK(of(8, 4, {10, 20, 30, 255}) == std::array{10, 20, 30});
    CHECK(of(8, 4, {10, 20, 30, 0}) == std::array{0, 0, 0});
    CHECK(of(8, 2, {90, 255}) == std::array{90, 90, 90});
  }
}

// That JPEG with every restart marker changed: `change` gives its number, or nothing to leave it
// out.
template <class Change>
std::vector<std::byte> with_restarts(const std::vector<std::byte>& jpeg, Change change) {
  std::vector<std::byte> changed;
  std::size_t count = 0;
  for (std::size_t i = 0; i < jpeg.size(); ++i) {
    const bool is_restart = jpeg[i] == std::byte{0xFF} && i + 1 < jpeg.size() &&
                            (jpeg[i + 1] & std::byte{0xF8}) == std::byte{0xD0};
    if (!is_restart) {
      changed.push_back(jpeg[i]);
      continue;
    }
    ++i;
    if (const std::optional<unsigned> number = change(count++)) {
      changed.push_back(std::byte{0xFF});
      changed.push_back(static_cast<std::byte>(0xD0 | *number));
    }
  }
  REQUIRE(count > 3);
  return changed;
}

TEST_CASE("restart markers may have any numbers, or be announced and never sent") {
  const auto row = [](int y, std::uint8_t* out) {
    for (int i = 0; i < 3 * 96; ++i) out[i] = static_cast<std::uint8_t>(i + 2 * y);
  };
  for (const bool halved : {false, true}) {
    const auto plain_jpeg =
        test::encode_jpeg({96, 160}, {.halved_colour = halved, .restart_rows = 1}, row);
    const auto pixels = decode(plain_jpeg, {}).pixels;
    const auto always_first =
        with_restarts(plain_jpeg, [](std::size_t) { return std::optional(0U); });
    CHECK(decode(always_first, {}).pixels == pixels);
    CHECK_FALSE(decode(always_first, {}).missing);
    const auto from_three = with_restarts(plain_jpeg, [](std::size_t at) {
      return std::optional(static_cast<unsigned>(at + 3) % 8);
    });
    CHECK(decode(from_three, {}).pixels == pixels);
    CHECK(decode_luma(from_three).pixels == decode_luma(plain_jpeg).pixels);
    // One that is lost may not shift what follows it.
    const auto one_lost = with_restarts(plain_jpeg, [](std::size_t at) {
      return at == 1 ? std::nullopt : std::optional(static_cast<unsigned>(at) % 8);
    });
    CHECK_THROWS_AS(decode(one_lost, {}), SnapshotError);
  }
  auto never_sent = test::encode_jpeg({96, 160}, {}, row);
  const auto interval = bytes_of({"\xFF\xDD\x00\x04\x00\x06", 6});
  never_sent.insert(never_sent.begin() + 2, interval.begin(), interval.end());
  CHECK(decode(never_sent, {}).pixels == decode(test::encode_jpeg({96, 160}, {}, row), {}).pixels);
}

// That JPEG, cut off where about so much of the data of its scan is there.
std::span<const std::byte> cut_at(const std::vector<std::byte>& jpeg, double share) {
  std::size_t begin = 2;
  while (jpeg[begin] != std::byte{0xFF} || jpeg[begin + 1] != std::byte{0xDA}) ++begin;
  const auto rest = static_cast<double>(jpeg.size() - begin);
  return std::span(jpeg).first(begin + static_cast<std::size_t>(share * rest));
}

TEST_CASE("a JPEG cut off in its last tenth is used, and says what is missing") {
  const auto row = [](int y, std::uint8_t* out) {
    for (int i = 0; i < 3 * 320; ++i) out[i] = static_cast<std::uint8_t>(i * y / 40);
  };
  const auto whole_jpeg = test::encode_jpeg({320, 640}, {.halved_colour = true}, row);
  const auto cut = cut_at(whole_jpeg, 0.96);
  const Frame whole = decode(whole_jpeg, {}), frame = decode(cut, {});
  REQUIRE(frame.missing);
  CHECK(frame.missing->x0 == 0);
  CHECK(frame.missing->x1 == 1);
  CHECK(frame.missing->y1 == 1);
  CHECK(frame.missing->y0 >= 0.9F);
  CHECK(frame.missing->y0 < 0.99F);
  const auto shown = static_cast<std::size_t>(std::lround(frame.missing->y0 * 640)) * 3 * 320;
  CHECK(std::ranges::equal(std::span(frame.pixels).first(shown),
                           std::span(whole.pixels).first(shown)));
  CHECK_FALSE(whole.missing);
  CHECK(decode_luma(cut).missing == frame.missing);
  CHECK(luma(frame).missing == frame.missing);
  CHECK(decode(cut, {40, 80}).missing == frame.missing);
  CHECK(decode_part(cut, {}, {0, 0.8F, 1, 1}).missing == frame.missing);
  CHECK_FALSE(decode_part(cut, {}, {0, 0, 1, 0.4F}).missing);
  for (const double share : {0.05, 0.5, 0.85}) {
    CHECK_THROWS_WITH_AS(decode(cut_at(whole_jpeg, share), {}), doctest::Contains("only a part"),
                         SnapshotError);
    CHECK_THROWS_AS(decode_luma(cut_at(whole_jpeg, share)), SnapshotError);
  }
}

TEST_CASE("of a JPEG in several scans nothing may be missing") {
  const auto row = [](int y, std::uint8_t* out) {
    for (int i = 0; i < 3 * 320; ++i) out[i] = static_cast<std::uint8_t>(i * y / 40);
  };
  const auto jpeg = test::encode_jpeg({320, 640}, {.progressive = true}, row);
  CHECK_THROWS_AS(decode(std::span(jpeg).first(jpeg.size() - 100), {}), SnapshotError);
}

TEST_CASE("a JPEG cut off anywhere else is refused") {
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
  for (const auto& good : {test::make_jpeg({64, 48}), make_png(test::make_gradient({64, 48})),
                           test::encode_webp({64, 48}, {}, test::plain(64, {200, 100, 50})),
                           test::encode_webp({64, 48}, {.lossless = true, .channels = 4},
                                             test::plain(64, {200, 100, 50, 90}))}) {
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

TEST_CASE("a JPEG that is slow to read is refused, however small its file") {
  constexpr Size kTwelveMegapixels = {4000, 3000};
  const auto grey = test::plain(4000, {100, 100, 100});
  const auto bomb = test::encode_jpeg(kTwelveMegapixels, {.scans = test::many_scans(190)}, grey);
  CHECK(bomb.size() < 200'000);
  CHECK_THROWS_WITH_AS(decode(bomb, {}), doctest::Contains("scans"), SnapshotError);
  CHECK_THROWS_WITH_AS(decode_luma(bomb), doctest::Contains("baseline"), SnapshotError);
  const auto usual = test::encode_jpeg(kTwelveMegapixels, {.progressive = true}, grey);
  CHECK(decode(usual, {500, 375}).size == Size{500, 375});
  const auto tiny =
      test::encode_jpeg({64, 48}, {.scans = test::many_scans(190)}, test::plain(64, {9, 9, 9}));
  CHECK(decode(tiny, {}).size == Size{64, 48});
}

TEST_CASE("a JPEG that needs much memory is refused") {
  const auto large =
      test::encode_jpeg({5500, 5000}, {.progressive = true}, test::plain(5500, {100, 100, 100}));
  CHECK_THROWS_WITH_AS(decode(large, {}), doctest::Contains("memory"), SnapshotError);
}

TEST_CASE("a PNG with more bytes than pixels are worth is refused") {
  auto png = make_png(test::make_gradient({64, 48}));
  constexpr std::size_t kWidth = 18, kHeight = 22, kBits = 24, kColour = 25;
  put(png, kWidth, 5'000);
  put(png, kHeight, 5'000);
  png[kBits] = std::byte{16};
  png[kColour] = std::byte{6};  // with transparency: eight bytes a pixel
  CHECK_THROWS_WITH_AS(decode(png, {}), doctest::Contains("unpacked"), SnapshotError);
}

TEST_CASE("what a PNG carries beside its picture takes no memory") {
  const auto png = test::with_texts(make_png(test::make_gradient({64, 48})), 40);
  CHECK(png.size() < 500'000);
  const test::PeakMemory peak;
  CHECK(decode(png, {}).size == Size{64, 48});
  CHECK(snapshot_size(png) == Size{64, 48});
  CHECK(peak.megabytes() < 100);
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
