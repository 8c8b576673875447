#pragma once

#include <pybind11/pybind11.h>

namespace camclassify::bindings {

// Each adds one part of the core to the extension module. bind_image comes first: the others use
// Box.
void bind_image(pybind11::module_& module);
void bind_network(pybind11::module_& module);
void bind_engine(pybind11::module_& module);

}  // namespace camclassify::bindings
