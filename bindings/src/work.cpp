#include "camclassify/work.hpp"

#include <pybind11/stl.h>

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "arguments.hpp"
#include "modules.hpp"

namespace camclassify::bindings {
namespace {

const char* name_of(DataType type) {
  switch (type) {
    case DataType::kU8:
      return "u8";
    case DataType::kI16:
      return "i16";
    default:
      return "f32";
  }
}

OpWork asked(std::string op, const std::string& precision, std::vector<Shape> inputs,
             std::vector<Shape> weights,
             std::map<std::string, OpShape::Attribute, std::less<>> attributes, int limited_from,
             int threads, const std::string& instruction_set) {
  const OpShape shape{std::move(op),     precision_of(precision) == Precision::kInt8,
                      std::move(inputs), std::move(weights),
                      limited_from,      std::move(attributes)};
  py::gil_scoped_release release;
  return op_work(shape, threads, instruction_set);
}

}  // namespace

void bind_work(py::module_& module) {
  py::class_<BlockWork>(module, "BlockWork")
      .def_readonly("count", &BlockWork::count)
      .def_readonly("vectors", &BlockWork::vectors)
      .def_readonly("weight_bytes", &BlockWork::weight_bytes)
      .def_property_readonly("tiles",
                             [](const BlockWork& self) {
                               std::vector<std::pair<int, std::int64_t>> tiles;
                               for (const auto& [pixels, count] : self.tiles) {
                                 tiles.emplace_back(pixels, count);
                               }
                               return tiles;
                             })
      .def_readonly("copied", &BlockWork::copied);

  py::class_<ProductWork>(module, "ProductWork")
      .def_readonly("times", &ProductWork::times)
      .def_property_readonly("read", [](const ProductWork& self) { return name_of(self.read); })
      .def_property_readonly("written",
                             [](const ProductWork& self) { return name_of(self.written); })
      .def_readonly("planes", &ProductWork::planes)
      .def_readonly("pairs", &ProductWork::pairs)
      .def_readonly("pixels", &ProductWork::pixels)
      .def_readonly("operand_bytes", &ProductWork::operand_bytes)
      .def_readonly("steps", &ProductWork::steps)
      .def_readonly("rest", &ProductWork::rest)
      .def_readonly("blocks", &ProductWork::blocks);

  py::class_<DepthwiseWork>(module, "DepthwiseWork")
      .def_readonly("kernel", &DepthwiseWork::kernel)
      .def_readonly("stride", &DepthwiseWork::stride)
      .def_readonly("rows", &DepthwiseWork::rows)
      .def_readonly("outputs", &DepthwiseWork::outputs)
      .def_readonly("tiles", &DepthwiseWork::tiles)
      .def_readonly("loaded_bytes", &DepthwiseWork::loaded_bytes)
      .def_readonly("window_bytes", &DepthwiseWork::window_bytes)
      .def_readonly("rest", &DepthwiseWork::rest);

  py::class_<OpWork>(module, "OpWork")
      .def_readonly("parts", &OpWork::parts)
      .def_readonly("weight_bytes", &OpWork::weight_bytes)
      .def_readonly("read_bytes", &OpWork::read_bytes)
      .def_readonly("written_bytes", &OpWork::written_bytes)
      .def_readonly("products", &OpWork::products)
      .def_readonly("depthwise", &OpWork::depthwise)
      .def_readonly("rows", &OpWork::rows)
      .def_readonly("turns", &OpWork::turns)
      .def_readonly("padded_bytes", &OpWork::padded_bytes)
      .def_readonly("copied_bytes", &OpWork::copied_bytes)
      .def_readonly("inside_bytes", &OpWork::inside_bytes)
      .def_readonly("part_scratch_bytes", &OpWork::part_scratch_bytes)
      .def_readonly("residual", &OpWork::residual)
      .def_readonly("pooled", &OpWork::pooled);

  module.def("op_work", &asked, py::arg("op"), py::kw_only(), py::arg("precision"),
             py::arg("inputs"), py::arg("weights"), py::arg("attributes"), py::arg("limited_from"),
             py::arg("threads"), py::arg("instruction_set"));
}

}  // namespace camclassify::bindings
