// Writes what the fuzzers start from into a folder for each:  fuzz_seeds FOLDER

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <random>

#include "image/encoders.hpp"
#include "pictures.hpp"
#include "runner/sample_networks.hpp"

namespace {

using namespace camclassify;
using namespace camclassify::test;

std::string to_text(std::span<const std::byte> bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

class Seeds {
 public:
  explicit Seeds(std::filesystem::path folder) : folder_(std::move(folder)) {}

  void add(const std::string& target, const std::string& name, const std::string& bytes) const {
    std::filesystem::create_directories(folder_ / target);
    std::ofstream(folder_ / target / name, std::ios::binary) << bytes;
  }

 private:
  std::filesystem::path folder_;
};

void add_networks(const Seeds& seeds) {
  std::vector<SampleNetwork> samples = sample_networks(8);
  for (const bool is_int8 : {false, true})
    samples.push_back({is_int8 ? "heads_int8" : "heads_fp32", two_headed_network(is_int8)});
  for (const SampleNetwork& sample : samples) {
    seeds.add("network", sample.name, sample.file);
    seeds.add("cut", sample.name, std::string({0, 1, 4, 2}) + sample.file);
  }
}

void add_snapshots(const Seeds& seeds) {
  constexpr Size kSize = {40, 24};
  const auto row_of = [](int bytes) {
    return [bytes](int y, std::uint8_t* row) {
      for (int i = 0; i < bytes; ++i) row[i] = static_cast<std::uint8_t>(i * 5 + y * 3);
    };
  };
  const RowWriter row = row_of(kSize.width);
  const auto add = [&](const std::string& name, std::span<const std::byte> bytes) {
    seeds.add("snapshot", name, to_text(bytes));
  };
  add("baseline", test::encode_jpeg(kSize, {}, row));
  add("halved", test::encode_jpeg(kSize, {.halved_colour = true}, row));
  add("progressive", test::encode_jpeg(kSize, {.progressive = true}, row));
  add("grey", test::encode_jpeg(kSize, {.colour = JpegColour::kGrey, .progressive = true}, row));
  add("cmyk", test::encode_jpeg(kSize, {.colour = JpegColour::kCmyk}, row));
  add("ycck", test::encode_jpeg(kSize, {.colour = JpegColour::kYcck}, row));
  add("scans", test::encode_jpeg({9, 9}, {.scans = many_scans(12)}, row_of(9)));
  const auto whole = test::encode_jpeg(kSize, {}, row);
  add("no_end", std::span(whole).first(whole.size() - 2));
  const std::string late = "\r\n" + to_text(whole);
  add("line_breaks", std::as_bytes(std::span(late)));
  const std::string part = "--a\r\nContent-Type: image/jpeg\r\n\r\n" + to_text(whole);
  add("part", std::as_bytes(std::span(part)));
  add("restarts", test::encode_jpeg({9, 40}, {.restart_rows = 1}, row_of(9)));
  const auto tall = test::encode_jpeg({9, 320}, {}, row_of(9));
  add("cut", std::span(tall).first(tall.size() - tall.size() / 20));
  for (int channels = 1; channels <= 4; ++channels)
    for (const int bits : {8, 16})
      add("png_" + std::to_string(channels) + "_" + std::to_string(bits),
          encode_png({9, 7}, {.bits = bits, .channels = channels, .interlaced = channels % 2 == 0},
                     row_of(9 * channels * bits / 8)));
  for (const bool lossless : {false, true})
    for (const int channels : {3, 4})
      add("webp_" + std::to_string(channels) + (lossless ? "_lossless" : ""),
          encode_webp({9, 7}, {.lossless = lossless, .channels = channels}, row_of(9 * channels)));
}

// For targets that make something of any bytes.
void add_any(const Seeds& seeds) {
  std::minstd_rand random;
  for (const char* target : {"drawing", "frame", "ops", "protocol", "request"}) {
    for (int i = 0; i < 32; ++i) {
      std::string bytes(300, '\0');
      for (char& byte : bytes) byte = static_cast<char>(random() >> 8);
      seeds.add(target, std::to_string(i), bytes);
    }
  }
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) {
    std::cerr << "usage: fuzz_seeds FOLDER\n";
    return 2;
  }
  const Seeds seeds(argv[1]);
  add_networks(seeds);
  add_snapshots(seeds);
  add_any(seeds);
}
