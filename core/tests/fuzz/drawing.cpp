// Drawing boxes on a snapshot and cutting one out, with any floats there are.

#include <cstdlib>

#include "camclassify/error.hpp"
#include "camclassify/image.hpp"
#include "image/jpeg.hpp"
#include "input.hpp"

namespace {

using namespace camclassify;
namespace fuzz = camclassify::fuzz;

std::vector<std::byte> snapshot(Size size) {
  Frame frame{size, size, {}};
  frame.pixels.resize(std::size_t{3} * static_cast<std::size_t>(size.width) *
                      static_cast<std::size_t>(size.height));
  for (std::size_t i = 0; i < frame.pixels.size(); ++i)
    frame.pixels[i] = static_cast<std::uint8_t>(i * 7);
  return encode_jpeg(frame, 80);
}

Box box(fuzz::Input& input) {
  return {input.fraction(), input.fraction(), input.fraction(), input.fraction()};
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t bytes) {
  fuzz::Input input(data, bytes);
  const Size size = {input.from(1, 70), input.from(1, 70)};
  const auto jpeg = snapshot(size);
  std::vector<Box> boxes(input.index(5));
  for (Box& each : boxes) each = box(input);
  if (snapshot_size(draw_boxes(jpeg, boxes)) != size) std::abort();
  const int side = static_cast<int>(input.number(input.from(1, 96)));
  try {
    const Size cut = snapshot_size(cut_out(jpeg, box(input), side));
    if (cut.width > size.width || cut.height > size.height) std::abort();
  } catch (const Error&) {
  }
  return 0;
}
