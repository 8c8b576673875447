#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "camclassify/planar_frame.hpp"

// Frames as video decoders give them, made by the tests.
namespace camclassify::test {

// Owns the samples of a frame; rows are longer than they have to be.
class Planar {
 public:
  static constexpr int kPadding = 13;  // bytes

  explicit Planar(Size size, bool halved_rows = true) {
    frame_.size = size;
    frame_.halved_rows = halved_rows;
    const Size colour = {(size.width + 1) / 2, halved_rows ? (size.height + 1) / 2 : size.height};
    const std::array sizes = {size, colour, colour};
    for (std::size_t i = 0; i < sizes.size(); ++i) {
      const auto stride = static_cast<std::size_t>(sizes.at(i).width + kPadding);
      bytes_.at(i).resize(stride * static_cast<std::size_t>(sizes.at(i).height) - kPadding);
      frame_.planes.at(i) = {bytes_.at(i), stride};
    }
  }

  // `value` of column and row, for each sample of a plane: 0 luma, 1 Cb, 2 Cr.
  template <class Value>
  void fill(std::size_t plane, Value value) {
    const std::size_t stride = frame_.planes.at(plane).stride;
    for (std::size_t i = 0; i < bytes_.at(plane).size(); ++i)
      bytes_.at(plane)[i] =
          static_cast<std::byte>(value(static_cast<int>(i % stride), static_cast<int>(i / stride)));
  }

  int sample(std::size_t plane, int x, int y) const {
    const auto at = static_cast<std::size_t>(y) * frame_.planes.at(plane).stride;
    return std::to_integer<int>(bytes_.at(plane)[at + static_cast<std::size_t>(x)]);
  }

  PlanarFrame& frame() { return frame_; }

 private:
  PlanarFrame frame_;
  std::array<std::vector<std::byte>, 3> bytes_;
};

}  // namespace camclassify::test
