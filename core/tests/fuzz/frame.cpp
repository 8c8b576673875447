// Any sizes, strides and bytes as a frame in planes.

#include <array>
#include <cstdlib>
#include <vector>

#include "camclassify/error.hpp"
#include "camclassify/planar_frame.hpp"
#include "input.hpp"

using namespace camclassify;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  fuzz::Input input(data, size);
  PlanarFrame frame;
  frame.size = {static_cast<int>(input.number(input.from(1, 90))),
                static_cast<int>(input.number(input.from(1, 40)))};
  frame.full_range = input.one_in(2);
  frame.halved_rows = input.one_in(2);
  std::array<std::vector<std::byte>, 3> planes;
  for (std::size_t i = 0; i < planes.size(); ++i) {
    const int width = i == 0 ? 90 : 45;
    planes.at(i).resize(static_cast<std::size_t>(input.from(0, width * 40)));
    std::uint32_t state = input.seed();
    for (std::byte& sample : planes.at(i))
      sample = static_cast<std::byte>((state = state * 1664525 + 1013904223) >> 24);
    frame.planes.at(i) = {planes.at(i), static_cast<std::size_t>(input.number(width))};
  }
  try {
    check(frame, {.max_pixels = 1 << 16});
  } catch (const SnapshotError&) {
    return 0;
  }
  const Frame rgb = to_rgb(frame);
  if (luma(frame).size != luma(rgb).size) std::abort();
  if (decode(encode_jpeg(frame, 80), {}).size != rgb.size) std::abort();
  return 0;
}
