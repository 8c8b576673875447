#include "camclassify/image.hpp"

#include <pybind11/stl.h>

#include <string>
#include <utility>
#include <vector>

#include "arguments.hpp"
#include "camclassify/change_gate.hpp"
#include "camclassify/engine.hpp"
#include "modules.hpp"

namespace camclassify::bindings {
namespace {

using Pixels = py::array_t<std::uint8_t, py::array::c_style>;
using WidthHeight = std::pair<int, int>;

constexpr py::ssize_t kMostPixels = 65535;  // of a side

Pixels decode_to_array(const py::buffer& snapshot, WidthHeight cover) {
  const Bytes bytes(snapshot);
  Frame frame;
  {
    py::gil_scoped_release release;
    frame = decode(bytes.span(), Size{cover.first, cover.second});
  }
  return array_of(std::move(frame.pixels), {frame.size.height, frame.size.width, 3});
}

bool is_length(py::ssize_t pixels) { return pixels >= 1 && pixels <= kMostPixels; }

Frame frame_of(const Pixels& pixels) {
  if (pixels.ndim() != 3 || pixels.shape(2) != 3 || !is_length(pixels.shape(0)) ||
      !is_length(pixels.shape(1))) {
    throw py::value_error("A frame is an array of height x width x 3, at most 65535 each.");
  }
  Frame frame;
  frame.size = {static_cast<int>(pixels.shape(1)), static_cast<int>(pixels.shape(0))};
  frame.original_size = frame.size;
  frame.pixels.assign(pixels.data(), pixels.data() + pixels.size());
  return frame;
}

Pixels preprocess_array(const Pixels& pixels, const Box& region, WidthHeight size,
                        const std::string& fit, const std::string& order, std::uint8_t pad) {
  const Frame frame = frame_of(pixels);
  if (!is_length(size.first) || !is_length(size.second)) {
    throw py::value_error("A size is a width and a height from 1 to 65535.");
  }
  Pixels dst({size.second, size.first, 3});
  const std::span<std::uint8_t> dst_span(dst.mutable_data(), static_cast<std::size_t>(dst.size()));
  const Fit how = fit_of(fit);
  const ChannelOrder channels = order_of(order);
  py::gil_scoped_release release;
  preprocess(frame, region, {size.first, size.second}, how, channels, pad, dst_span);
  return dst;
}

// Whether the gate is open for a frame, which becomes its reference.
bool look(ChangeGate& gate, const Pixels& pixels) {
  const Plane plane = luma(frame_of(pixels));
  const bool open = gate.test(plane).open;
  gate.accept(plane);
  return open;
}

py::bytes to_bytes(const std::vector<std::byte>& jpeg) {
  return {reinterpret_cast<const char*>(jpeg.data()), jpeg.size()};
}

py::bytes draw(const py::buffer& snapshot, const std::vector<Box>& boxes) {
  const Bytes bytes(snapshot);
  std::vector<std::byte> jpeg;
  {
    py::gil_scoped_release release;
    jpeg = draw_boxes(bytes.span(), boxes);
  }
  return to_bytes(jpeg);
}

py::bytes cut(const py::buffer& snapshot, const Box& box, int side) {
  const Bytes bytes(snapshot);
  std::vector<std::byte> jpeg;
  {
    py::gil_scoped_release release;
    jpeg = cut_out(bytes.span(), box, side);
  }
  return to_bytes(jpeg);
}

py::bytes encode(const HeldFrame& held) {
  constexpr int kQuality = 90;
  std::vector<std::byte> jpeg;
  {
    py::gil_scoped_release release;
    jpeg = encode_jpeg(held.frame(), kQuality);
  }
  return to_bytes(jpeg);
}

}  // namespace

void bind_image(py::module_& module) {
  py::class_<Box>(module, "Box")
      .def(py::init([](float x0, float y0, float x1, float y1) {
             const Box box{x0, y0, x1, y1};
             check(box);
             return box;
           }),
           py::arg("x0"), py::arg("y0"), py::arg("x1"), py::arg("y1"))
      .def_readonly("x0", &Box::x0)
      .def_readonly("y0", &Box::y0)
      .def_readonly("x1", &Box::x1)
      .def_readonly("y1", &Box::y1);
  module.def(
      "snapshot_size",
      [](const py::buffer& snapshot) {
        const Size size = snapshot_size(Bytes(snapshot).span());
        return WidthHeight(size.width, size.height);
      },
      py::arg("snapshot"));
  module.def("decode", &decode_to_array, py::arg("snapshot"), py::arg("cover") = WidthHeight(0, 0));
  module.def("preprocess", &preprocess_array, py::arg("frame"), py::arg("region"), py::arg("size"),
             py::arg("fit"), py::arg("order"), py::arg("pad"));
  py::class_<ChangeGate>(module, "ChangeGate").def(py::init()).def("look", &look, py::arg("frame"));
  py::class_<HeldFrame>(module, "PlanarFrame")
      .def(py::init<WidthHeight, const std::array<HeldFrame::Plane, 3>&, bool, std::string_view,
                    bool>(),
           py::arg("size"), py::arg("planes"), py::kw_only(), py::arg("full_range"),
           py::arg("matrix"), py::arg("halved_rows"));
  module.def("encode_jpeg", &encode, py::arg("frame"));
  module.def("draw_boxes", &draw, py::arg("snapshot"), py::arg("boxes"));
  module.def("cut_out", &cut, py::arg("snapshot"), py::arg("box"), py::arg("side"));
}

}  // namespace camclassify::bindings
