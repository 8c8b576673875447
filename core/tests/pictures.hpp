#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <random>
#include <vector>

#include "camclassify/image.hpp"
#include "image/jpeg.hpp"

// Pictures that the tests make themselves.
namespace camclassify::test {

struct Rgb {
  int r, g, b;
};

inline Frame make_frame(Size size, const std::function<Rgb(int x, int y)>& colour) {
  Frame frame{size, size, {}, {}};
  for (int y = 0; y < size.height; ++y)
    for (int x = 0; x < size.width; ++x)
      for (const int value : {colour(x, y).r, colour(x, y).g, colour(x, y).b})
        frame.pixels.push_back(static_cast<std::uint8_t>(value));
  return frame;
}

// Smooth, coloured, different everywhere.
inline Frame make_gradient(Size size) {
  return make_frame(size, [&](int x, int y) {
    return Rgb{255 * x / size.width, 255 * y / size.height, 128};
  });
}

inline std::vector<std::byte> make_jpeg(Size size) { return encode_jpeg(make_gradient(size), 90); }

}  // namespace camclassify::test
