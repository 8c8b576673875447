// What the worst pictures cost that are just accepted, and how soon worse ones are refused:
//   image_limits BUNDLE
// Wall time and growth of resident memory of each step, for each picture in a process of its own.
// The engine has its networks loaded before.

#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <functional>
#include <random>
#include <vector>

#include "camclassify/engine.hpp"
#include "camclassify/error.hpp"
#include "camclassify/image.hpp"
#include "image/encoders.hpp"
#include "image/many_codes.hpp"
#include "image/peak_memory.hpp"

namespace {

using namespace camclassify;
using namespace camclassify::test;

// Rows of noise of that height around grey; 0 gives the flattest picture there is.
RowWriter noise(int bytes, int height) {
  return [bytes, height, generator = std::minstd_rand()](int, std::uint8_t* row) mutable {
    for (int i = 0; i < bytes; ++i)
      row[i] = static_cast<std::uint8_t>(
          128 + (height == 0 ? 0 : static_cast<int>(generator() >> 8) % height - height / 2));
  };
}

using Bytes = std::vector<std::byte>;

struct Picture {
  const char* name;
  std::function<Bytes()> make;
};

Bytes jpeg(Size size, const JpegKind& kind, int height) {
  const int channels = kind.colour == JpegColour::kCmyk ? 4 : 3;
  return encode_jpeg(size, kind, noise(channels * size.width, height));
}

Bytes png(Size size, const PngKind& kind, int height) {
  return encode_png(size, kind, noise(size.width * kind.channels * kind.bits / 8, height));
}

Bytes webp(Size size, const WebpKind& kind, int height) {
  return encode_webp(size, kind, noise(size.width * kind.channels, height));
}

Bytes turned(Bytes jpeg) {
  constexpr unsigned char kExif[] = {0xFF, 0xE1, 0, 34, 'E', 'x', 'i', 'f', 0,    0, 'I', 'I',
                                     42,   0,    8, 0,  0,   0,   1,   0,   0x12, 1, 3,   0,
                                     1,    0,    0, 0,  6,   0,   0,   0,   0,    0, 0,   0};
  const auto view = std::as_bytes(std::span(kExif));
  jpeg.insert(jpeg.begin() + 2, view.begin(), view.end());
  return jpeg;
}

// Every bit of every coefficient in a scan of its own.
std::vector<JpegScan> refining_scans(int bits) {
  std::vector<JpegScan> scans = {{.low_bit = 0}};
  for (int bit = bits; bit >= 0; --bit)
    for (int component = 0; component < 3; ++component)
      scans.push_back({.component = component,
                       .first = 1,
                       .last = 63,
                       .high_bit = bit == bits ? 0 : bit + 1,
                       .low_bit = bit});
  return scans;
}

const std::vector<Picture> kPictures = {
    {"JPEG, flat",
     [] {
       return jpeg({6000, 6000}, {.halved_colour = true}, 0);
     }},
    {"JPEG, dense",
     [] {
       return jpeg({6000, 6000}, {.quality = 88, .halved_colour = true}, 200);
     }},
    {"JPEG, 4:4:4, turned",
     [] {
       return turned(jpeg({6000, 6000}, {.quality = 60}, 200));
     }},
    {"JPEG, CMYK, turned",
     [] {
       return turned(jpeg({6000, 6000}, {.colour = JpegColour::kCmyk, .quality = 15}, 200));
     }},
    {"JPEG, progressive",
     [] {
       return jpeg({5600, 5600}, {.quality = 50, .halved_colour = true, .progressive = true}, 150);
     }},
    {"JPEG, progressive, 4:4:4",
     [] {
       return jpeg({4500, 4500}, {.quality = 50, .progressive = true}, 150);
     }},
    {"JPEG, progressive, dense",
     [] {
       return jpeg({3400, 3400}, {.quality = 82, .progressive = true}, 200);
     }},
    {"JPEG, many scans, flat",
     [] {
       return jpeg({4500, 4500}, {.scans = many_scans(40)}, 0);
     }},
    {"JPEG, refined bit by bit",
     [] {
       return jpeg({2800, 2800}, {.quality = 90, .scans = refining_scans(9)}, 200);
     }},
    {"JPEG, refined, flat",
     [] {
       return jpeg({4500, 4500}, {.scans = refining_scans(10)}, 0);
     }},
    {"PNG, dense",
     [] {
       return png({3500, 3000}, {}, 256);
     }},
    {"PNG, flat",
     [] {
       return png({5770, 5770}, {}, 0);
     }},
    {"PNG, 16 bit, RGBA, interlaced",
     [] {
       return png({3500, 3500}, {.bits = 16, .channels = 4, .interlaced = true}, 2);
     }},
    {"PNG, RGBA, interlaced",
     [] {
       return png({5000, 5000}, {.channels = 4, .interlaced = true}, 2);
     }},
    {"PNG, grey, interlaced",
     [] {
       return png({6000, 6000}, {.channels = 1, .interlaced = true}, 64);
     }},
    {"WebP, flat",
     [] {
       return webp({6000, 6000}, {}, 0);
     }},
    {"WebP, dense",
     [] {
       return webp({6000, 6000}, {.quality = 30}, 80);
     }},
    {"WebP, RGBA",
     [] {
       return webp({3900, 4000}, {.quality = 75, .channels = 4}, 40);
     }},
    {"WebP, lossless, dense",
     [] {
       return webp({3900, 3000}, {.lossless = true}, 80);
     }},
    {"WebP, lossless, RGBA",
     [] {
       return webp({3900, 4000}, {.lossless = true, .channels = 4}, 4);
     }},
    {"WebP, lossless, many codes",
     [] {
       return many_codes({3990, 4000}, 5500);
     }},
    {"WebP, small and dense",
     [] {
       return webp({2700, 2700}, {.quality = 90}, 250);
     }},
    {"too many pixels",
     [] {
       return jpeg({6000, 6001}, {}, 0);
     }},
    {"too many bytes",
     [] {
       return jpeg({4000, 3000}, {.quality = 100}, 256);
     }},
    {"too many scans",
     [] {
       return jpeg({4000, 3000}, {.scans = many_scans(190)}, 0);
     }},
    {"too much in scans",
     [] {
       return jpeg({5000, 5000}, {.quality = 90, .halved_colour = true, .progressive = true}, 256);
     }},
    {"too large for scans",
     [] {
       return jpeg({4700, 4700}, {.progressive = true}, 0);
     }},
    {"PNG, too much unpacked",
     [] {
       return png({5000, 5001}, {.channels = 4}, 0);
     }},
    {"WebP, too large, lossless",
     [] {
       return many_codes({4500, 4500}, 1);
     }},
    {"WebP, too many codes",
     [] {
       return many_codes({2000, 2000}, 65'536);
     }},
};

void measure(const char* name, const Bytes& snapshot, Engine& engine) {
  std::printf("%-28s %5.1f MB", name, static_cast<double>(snapshot.size()) / 1e6);
  const Box corner = {0, 0, 1, 1};
  Request request;
  request.camera = "drive";
  for (const std::function<void()>& step : std::vector<std::function<void()>>{
           [&] { decode_luma(snapshot); }, [&] { decode(snapshot, {}); },
           [&] {
             draw_boxes(snapshot, {&corner, 1});
           },
           [&] { cut_out(snapshot, corner, 320); }, [&] { engine.classify(snapshot, request); }}) {
    const PeakMemory peak;
    const auto start = std::chrono::steady_clock::now();
    const char* outcome = "";
    try {
      step();
    } catch (const SnapshotError&) {
      outcome = "!";
    }
    const std::chrono::duration<double, std::milli> taken =
        std::chrono::steady_clock::now() - start;
    std::printf(" %5.0f ms %4.0f MB%s", taken.count(), peak.megabytes(), outcome);
  }
  std::printf("\n");
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) {
    std::fprintf(stderr, "usage: image_limits BUNDLE\n");
    return 2;
  }
  std::printf("%-37s %15s %15s %15s %15s %15s   (!: refused)\n", "", "luma", "frame", "boxes drawn",
              "cut out", "classified");
  for (const Picture& picture : kPictures) {
    std::fflush(stdout);
    const pid_t child = fork();
    if (child == 0) {
      EngineOptions options;
      options.bundle = argv[1];
      Engine engine(options);
      engine.classify(jpeg({640, 480}, {}, 0), {});
      measure(picture.name, picture.make(), engine);
      std::fflush(stdout);
      _exit(0);
    }
    waitpid(child, nullptr, 0);
  }
}
