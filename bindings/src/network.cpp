#include "camclassify/network.hpp"

#include <pybind11/stl.h>
#include <pybind11/stl/filesystem.h>

#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "arguments.hpp"
#include "modules.hpp"

namespace camclassify::bindings {
namespace {

// A network that several Python threads may hold: the GIL is released while one runs it.
class SharedNetwork {
 public:
  explicit SharedNetwork(std::unique_ptr<Network> network) : network_(std::move(network)) {}

  Network& operator*() { return *network_; }
  Network* operator->() { return network_.get(); }

  void run() {
    py::gil_scoped_release release;
    const std::scoped_lock lock(mutex_);
    network_->run();
  }

  std::vector<OpTime> profile(int rounds) {
    py::gil_scoped_release release;
    const std::scoped_lock lock(mutex_);
    return network_->profile(rounds);
  }

 private:
  std::unique_ptr<Network> network_;
  std::mutex mutex_;
};

NetworkOptions options_of(const std::string& runner, int threads, std::vector<std::string> outputs,
                          std::vector<std::vector<std::string>> heads, bool fp32_twin) {
  NetworkOptions options;
  options.runner = runner_of(runner);
  options.threads = threads;
  options.outputs = std::move(outputs);
  options.heads = std::move(heads);
  options.fp32_twin = fp32_twin;
  return options;
}

std::unique_ptr<SharedNetwork> open_file(const std::filesystem::path& file,
                                         const std::string& runner, int threads,
                                         std::vector<std::string> outputs,
                                         std::vector<std::vector<std::string>> heads,
                                         bool fp32_twin) {
  const NetworkOptions options =
      options_of(runner, threads, std::move(outputs), std::move(heads), fp32_twin);
  py::gil_scoped_release release;
  return std::make_unique<SharedNetwork>(open_network(file, options));
}

std::unique_ptr<SharedNetwork> open_bytes(const py::buffer& onnx, const std::string& runner,
                                          int threads, std::vector<std::string> outputs,
                                          std::vector<std::vector<std::string>> heads,
                                          bool fp32_twin) {
  const Bytes bytes(onnx);
  const NetworkOptions options =
      options_of(runner, threads, std::move(outputs), std::move(heads), fp32_twin);
  py::gil_scoped_release release;
  return std::make_unique<SharedNetwork>(open_network(bytes.span(), options));
}

// (name, dtype, shape) of each.
py::list described(std::span<const TensorInfo> tensors) {
  py::list list;
  for (const TensorInfo& tensor : tensors) {
    list.append(
        py::make_tuple(tensor.name, dtype_of(tensor.type), py::tuple(py::cast(tensor.shape))));
  }
  return list;
}

// An array on the network's own buffer; keeps the network alive.
py::array array_on(const TensorView& tensor, py::handle owner) {
  return {dtype_of(tensor.type), tensor.shape, tensor.data, owner};
}

}  // namespace

void bind_network(py::module_& module) {
  py::class_<SharedNetwork>(module, "Network")
      .def(py::init(&open_file), py::arg("file"), py::arg("runner") = "auto",
           py::arg("threads") = 1, py::arg("outputs") = std::vector<std::string>(),
           py::arg("heads") = std::vector<std::vector<std::string>>(), py::arg("fp32_twin") = false)
      .def(py::init(&open_bytes), py::arg("onnx"), py::arg("runner") = "auto",
           py::arg("threads") = 1, py::arg("outputs") = std::vector<std::string>(),
           py::arg("heads") = std::vector<std::vector<std::string>>(), py::arg("fp32_twin") = false)
      .def_property_readonly("runner", [](SharedNetwork& self) { return name_of(self->runner()); })
      .def_property_readonly("inputs",
                             [](SharedNetwork& self) { return described(self->inputs()); })
      .def_property_readonly("outputs",
                             [](SharedNetwork& self) { return described(self->outputs()); })
      .def(
          "input",
          [](const py::object& self, std::size_t index) {
            auto& network = self.cast<SharedNetwork&>();
            if (index >= network->inputs().size()) throw py::index_error("no such input");
            return array_on(network->input(index), self);
          },
          py::arg("index"))
      .def(
          "output",
          [](const py::object& self, std::size_t index) {
            auto& network = self.cast<SharedNetwork&>();
            if (index >= network->outputs().size()) throw py::index_error("no such output");
            return array_on(network->output(index), self);
          },
          py::arg("index"))
      .def("run", &SharedNetwork::run)
      .def_property_readonly("ops", [](SharedNetwork& self) { return self->ops(); })
      .def("profile", &SharedNetwork::profile, py::arg("rounds"));

  py::class_<OpInfo>(module, "OpInfo")
      .def_readonly("name", &OpInfo::name)
      .def_readonly("type", &OpInfo::type)
      .def_readonly("inputs", &OpInfo::inputs)
      .def_readonly("outputs", &OpInfo::outputs)
      .def_readonly("work", &OpInfo::work);
  py::class_<OpTime>(module, "OpTime")
      .def_readonly("name", &OpTime::name)
      .def_readonly("type", &OpTime::type)
      .def_readonly("milliseconds", &OpTime::milliseconds);

  py::class_<OnnxRuntimeStatus>(module, "OnnxRuntimeStatus")
      .def_readonly("available", &OnnxRuntimeStatus::available)
      .def_readonly("path", &OnnxRuntimeStatus::path)
      .def_readonly("version", &OnnxRuntimeStatus::version)
      .def_readonly("problem", &OnnxRuntimeStatus::problem);
  module.def("set_onnxruntime_library", &set_onnxruntime_library, py::arg("library"));
  module.def("onnxruntime_status", &onnxruntime_status);
}

}  // namespace camclassify::bindings
