// The extension module camclassify_core._core: the engine and its parts, for Python.

#include <pybind11/pybind11.h>

#include <exception>
#include <string_view>

#include "camclassify/confinement.hpp"
#include "camclassify/error.hpp"
#include "camclassify/instruction_set.hpp"
#include "src/modules.hpp"

namespace py = pybind11;

namespace {

// The message may quote foreign bytes that are not UTF-8.
void raise(const char* name, const std::exception& error) {
  const std::string_view message = error.what();
  const auto text = py::reinterpret_steal<py::str>(PyUnicode_DecodeUTF8(
      message.data(), static_cast<py::ssize_t>(message.size()), "backslashreplace"));
  py::set_error(py::module_::import("camclassify_core.errors").attr(name), text);
}

void translate(std::exception_ptr thrown) {
  try {
    if (thrown) std::rethrow_exception(thrown);
  } catch (const camclassify::SnapshotError& error) {
    raise("SnapshotError", error);
  } catch (const camclassify::BundleError& error) {
    raise("BundleError", error);
  } catch (const camclassify::OnnxRuntimeMissing& error) {
    raise("OnnxRuntimeMissing", error);
  } catch (const camclassify::UnsupportedProcessor& error) {
    raise("UnsupportedProcessor", error);
  } catch (const camclassify::RequestError& error) {
    raise("RequestError", error);
  } catch (const camclassify::Error& error) {
    raise("CamClassifyError", error);
  }
}

void bind_confinement(py::module_& module) {
  using camclassify::Confinement;
  py::class_<Confinement>(module, "Confinement")
      .def_readonly("privileges", &Confinement::privileges)
      .def_readonly("programs", &Confinement::programs)
      .def_readonly("network", &Confinement::network)
      .def_readonly("writing", &Confinement::writing)
      .def_readonly("memory_bytes", &Confinement::memory_bytes)
      .def_readonly("landlock", &Confinement::landlock)
      .def_readonly("seccomp", &Confinement::seccomp);
  module.def(
      "confine",
      [](bool may_connect) {
        using camclassify::Connections;
        return camclassify::confine(may_connect ? Connections::kOpened : Connections::kRefused);
      },
      py::kw_only(), py::arg("may_connect") = false);
}

}  // namespace

PYBIND11_MODULE(_core, module) {
  py::register_local_exception_translator(&translate);
  module.def("instruction_set", &camclassify::instruction_set);
  bind_confinement(module);
  camclassify::bindings::bind_image(module);
  camclassify::bindings::bind_work(module);
  camclassify::bindings::bind_network(module);
  camclassify::bindings::bind_engine(module);
}
