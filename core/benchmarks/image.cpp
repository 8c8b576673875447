// What a snapshot costs before any network sees it:  image FILE...
// Median CPU time of each step, the steps called in turn.

#include <algorithm>
#include <cstdio>
#include <ctime>
#include <exception>
#include <fstream>
#include <functional>
#include <iterator>
#include <string>
#include <vector>

#include "camclassify/change_gate.hpp"
#include "camclassify/image.hpp"
#include "camclassify/planar_frame.hpp"

namespace {

using namespace camclassify;

constexpr Size kInput = {416, 416};
// Windows of a sixth of the picture.
constexpr Box kTop = {0.3F, 0, 0.7F, 0.416F}, kMiddle = {0.3F, 0.3F, 0.7F, 0.716F},
              kBottom = {0.3F, 0.584F, 0.7F, 1};

struct Step {
  const char* name;
  std::function<void()> run;
  std::vector<double> milliseconds;
};

void measure(const std::vector<std::byte>& snapshot) {
  constexpr int kRounds = 100;
  const Size size = snapshot_size(snapshot);
  const int longer = std::max(size.width, size.height);
  const Size cover = {kInput.width * size.width / longer, kInput.height * size.height / longer};
  const Frame frame = decode(snapshot, cover);
  const Plane plane = decode_luma(snapshot);
  ChangeGate gate;
  gate.accept(plane);
  // What is in it does not matter, but the size does.
  const std::vector<std::byte> samples(
      static_cast<std::size_t>(size.width + 1) * static_cast<std::size_t>(size.height + 1),
      std::byte{90});
  const auto width = static_cast<std::size_t>(size.width);
  const PlanarFrame planar{size, {{{samples, width}, {samples, width}, {samples, width}}}};
  std::vector<std::uint8_t> input(std::size_t{3} * kInput.width * kInput.height);
  std::vector<Step> steps = {
      {"luma", [&] { decode_luma(snapshot); }, {}},
      {"gate", [&] { gate.test(plane); }, {}},
      {"decode to cover", [&] { decode(snapshot, cover); }, {}},
      {"decode fully", [&] { decode(snapshot, {}); }, {}},
      {"a sixth, top", [&] { decode_part(snapshot, {}, kTop); }, {}},
      {"a sixth, middle", [&] { decode_part(snapshot, {}, kMiddle); }, {}},
      {"a sixth, bottom", [&] { decode_part(snapshot, {}, kBottom); }, {}},
      {"luma of planes", [&] { luma(planar); }, {}},
      {"planes to RGB", [&] { to_rgb(planar); }, {}},
      {"preprocess",
       [&] { preprocess(frame, {}, kInput, Fit::kLetterbox, ChannelOrder::kBgr, 114, input); },
       {}},
  };
  for (int round = 0; round < kRounds; ++round) {
    for (Step& step : steps) {
      const std::clock_t start = std::clock();
      step.run();
      step.milliseconds.push_back(1000.0 * static_cast<double>(std::clock() - start) /
                                  CLOCKS_PER_SEC);
    }
  }
  for (Step& step : steps) {
    std::ranges::sort(step.milliseconds);
    std::printf("  %-16s %7.3f ms\n", step.name, step.milliseconds[kRounds / 2]);
  }
}

}  // namespace

int main(int count, char** arguments) {
  for (int i = 1; i < count; ++i) {
    std::ifstream stream(arguments[i], std::ios::binary);
    const std::string bytes((std::istreambuf_iterator<char>(stream)), {});
    const auto view = std::as_bytes(std::span(bytes));
    std::printf("%s (%zu bytes)\n", arguments[i], bytes.size());
    try {
      measure({view.begin(), view.end()});
    } catch (const std::exception& error) {
      std::printf("  %s\n", error.what());
      return 1;
    }
  }
}
