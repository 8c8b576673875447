#include "arguments.hpp"

#include <array>
#include <string>
#include <utility>

namespace camclassify::bindings {
namespace {

template <class T>
using Names = std::initializer_list<std::pair<std::string_view, T>>;

template <class T>
T value_of(std::string_view name, Names<T> names) {
  for (const auto& [known, value] : names) {
    if (known == name) return value;
  }
  throw py::value_error("unknown value: " + std::string(name));
}

}  // namespace

Bytes::Bytes(const py::buffer& object) {
  if (PyObject_GetBuffer(object.ptr(), &view_, PyBUF_SIMPLE) != 0) throw py::error_already_set();
}

Bytes::Bytes(Bytes&& other) noexcept : view_(std::exchange(other.view_, {})) {}

Bytes::~Bytes() {
  if (view_.obj != nullptr) PyBuffer_Release(&view_);
}

std::span<const std::byte> Bytes::span() const {
  return {static_cast<const std::byte*>(view_.buf), static_cast<std::size_t>(view_.len)};
}

HeldFrame::HeldFrame(std::pair<int, int> size, const std::array<Plane, 3>& planes, bool full_range,
                     std::string_view matrix, bool halved_rows) {
  frame_.size = {size.first, size.second};
  frame_.full_range = full_range;
  frame_.matrix = matrix_of(matrix);
  frame_.halved_rows = halved_rows;
  for (std::size_t i = 0; i < planes.size(); ++i) {
    const auto& [bytes, stride] = planes.at(i);
    held_.emplace_back(bytes);
    frame_.planes.at(i) = {held_.back().span(), stride};
  }
  check(frame_);
}

std::optional<Runner> runner_of(std::string_view name) {
  return value_of<std::optional<Runner>>(
      name,
      {{"auto", std::nullopt}, {"onnxruntime", Runner::kOnnxRuntime}, {"direct", Runner::kDirect}});
}

std::optional<Precision> precision_of(std::string_view name) {
  return value_of<std::optional<Precision>>(
      name, {{"auto", std::nullopt}, {"fp32", Precision::kFp32}, {"int8", Precision::kInt8}});
}

Regime regime_of(std::string_view name) {
  return value_of<Regime>(
      name, {{"day", Regime::kDay}, {"dusk", Regime::kDusk}, {"night", Regime::kNight}});
}

Fit fit_of(std::string_view name) {
  return value_of<Fit>(name, {{"stretch", Fit::kStretch}, {"letterbox", Fit::kLetterbox}});
}

ChannelOrder order_of(std::string_view name) {
  return value_of<ChannelOrder>(name, {{"rgb", ChannelOrder::kRgb}, {"bgr", ChannelOrder::kBgr}});
}

Matrix matrix_of(std::string_view name) {
  return value_of<Matrix>(name, {{"bt601", Matrix::kBt601}, {"bt709", Matrix::kBt709}});
}

std::string_view name_of(Runner runner) {
  constexpr std::array<std::string_view, 2> kNames{"onnxruntime", "direct"};
  return kNames[static_cast<std::size_t>(runner)];
}

std::string_view name_of(Precision precision) {
  constexpr std::array<std::string_view, 2> kNames{"fp32", "int8"};
  return kNames[static_cast<std::size_t>(precision)];
}

py::dtype dtype_of(DataType type) {
  switch (type) {
    case DataType::kU8:
      return py::dtype::of<std::uint8_t>();
    case DataType::kS8:
      return py::dtype::of<std::int8_t>();
    case DataType::kI16:
      return py::dtype::of<std::int16_t>();
    case DataType::kI32:
      return py::dtype::of<std::int32_t>();
    case DataType::kI64:
      return py::dtype::of<std::int64_t>();
    case DataType::kF32:
      return py::dtype::of<float>();
  }
  throw py::value_error("unknown data type");
}

}  // namespace camclassify::bindings
