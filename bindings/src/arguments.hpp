#pragma once

#include <pybind11/numpy.h>
#include <pybind11/pybind11.h>

#include <array>
#include <cstddef>
#include <optional>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include "camclassify/bundle.hpp"
#include "camclassify/image.hpp"
#include "camclassify/network.hpp"
#include "camclassify/planar_frame.hpp"
#include "camclassify/tensor.hpp"

namespace camclassify::bindings {

namespace py = pybind11;

// The bytes of a Python object with the buffer protocol, held as long as this lives, never copied.
// Throws TypeError unless they are contiguous.
class Bytes {
 public:
  explicit Bytes(const py::buffer& object);
  Bytes(Bytes&& other) noexcept;
  ~Bytes();

  std::span<const std::byte> span() const;

 private:
  Py_buffer view_{};
};

// Its bytes likewise. The planes are luma, Cb and Cr, each with its stride.
class HeldFrame {
 public:
  using Plane = std::pair<py::buffer, std::size_t>;

  HeldFrame(std::pair<int, int> size, const std::array<Plane, 3>& planes, bool full_range,
            std::string_view matrix, bool halved_rows);

  const PlanarFrame& frame() const { return frame_; }

 private:
  std::vector<Bytes> held_;
  PlanarFrame frame_;
};

// The values of the package's enumerations, as their strings. Throw ValueError for others.
// Nothing for "auto".
std::optional<Runner> runner_of(std::string_view name);
std::optional<Precision> precision_of(std::string_view name);
Regime regime_of(std::string_view name);
Fit fit_of(std::string_view name);
ChannelOrder order_of(std::string_view name);
Matrix matrix_of(std::string_view name);
std::string_view name_of(Runner runner);
std::string_view name_of(Precision precision);

py::dtype dtype_of(DataType type);

// A numpy array that owns `values`, without a copy.
template <class T>
py::array_t<T> array_of(std::vector<T>&& values, std::vector<py::ssize_t> shape) {
  auto* owned = new std::vector<T>(std::move(values));
  py::capsule owner(owned, [](void* held) { delete static_cast<std::vector<T>*>(held); });
  return py::array_t<T>(std::move(shape), owned->data(), owner);
}

}  // namespace camclassify::bindings
