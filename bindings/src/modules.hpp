#pragma once

#include <pybind11/pybind11.h>

namespace camclassify::bindings {

// Each adds one part of the core to the extension module. bind_image comes first: the others use
// Box; and bind_work before bind_network, whose ops tell their work.
void bind_image(pybind11::module_& module);
void bind_work(pybind11::module_& module);
void bind_network(pybind11::module_& module);
void bind_engine(pybind11::module_& module);

}  // namespace camclassify::bindings
