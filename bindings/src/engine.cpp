#include "camclassify/engine.hpp"

#include <pybind11/stl.h>
#include <pybind11/stl/filesystem.h>

#include <cstring>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "arguments.hpp"
#include "camclassify/error.hpp"
#include "modules.hpp"

namespace camclassify::bindings {
namespace {

// An engine that several Python threads may hold: the GIL is released while one uses it.
class SharedEngine {
 public:
  explicit SharedEngine(const EngineOptions& options) : engine_(options) {}

  Result classify(const py::buffer& snapshot, const Request& request) {
    const Bytes bytes(snapshot);
    py::gil_scoped_release release;
    return engine_.classify(bytes.span(), request);
  }

  Result classify_frame(const HeldFrame& held, const Request& request) {
    py::gil_scoped_release release;
    return engine_.classify(held.frame(), request);
  }

  std::vector<float> features_in_frame(const HeldFrame& held, const Box& box,
                                       const std::string& regime) {
    const Regime known = regime_of(regime);
    py::gil_scoped_release release;
    return engine_.features(held.frame(), box, known);
  }

  std::vector<float> features(const py::buffer& snapshot, const Box& box,
                              const std::string& regime) {
    const Bytes bytes(snapshot);
    const Regime known = regime_of(regime);
    py::gil_scoped_release release;
    return engine_.features(bytes.span(), box, known);
  }

  // What an Engine's member function without a snapshot gives.
  template <auto kFunction, class... Arguments>
  auto call(const Arguments&... arguments) {
    py::gil_scoped_release release;
    return (engine_.*kFunction)(arguments...);
  }

  const Bundle& bundle() const { return engine_.bundle(); }  // never changes

 private:
  Engine engine_;
};

std::unique_ptr<SharedEngine> open_engine(
    std::filesystem::path bundle, const std::string& runner, const std::string& precision,
    bool fused, int lanes, int threads, std::vector<std::string> classes,
    const std::map<std::string, std::pair<double, double>>& speeds) {
  EngineOptions options;
  options.bundle = std::move(bundle);
  options.runner = runner_of(runner);
  options.precision = precision_of(precision);
  options.fused = fused;
  options.lanes = lanes;
  options.threads = threads;
  options.classes = std::move(classes);
  for (const auto& [network, each] : speeds) options.speeds[network] = {each.first, each.second};
  py::gil_scoped_release release;
  return std::make_unique<SharedEngine>(options);
}

std::optional<py::bytes> bytes_of(const std::optional<Likeness>& likeness) {
  if (!likeness) return std::nullopt;
  return py::bytes(reinterpret_cast<const char*>(likeness->contrasts.data()),
                   likeness->contrasts.size());
}

KnownView make_view(const py::bytes& bytes, std::vector<Box> regions, std::vector<Polygon> masks) {
  const std::string_view given = bytes;
  Likeness likeness;
  if (given.size() != likeness.contrasts.size())
    throw RequestError("A view's likeness has " + std::to_string(given.size()) + " bytes; it has " +
                       std::to_string(likeness.contrasts.size()) + ".");
  std::memcpy(likeness.contrasts.data(), given.data(), given.size());
  return {likeness, std::move(regions), std::move(masks)};
}

Request make_request(std::string camera, std::optional<float> sun_elevation,
                     std::vector<Box> regions, std::vector<Polygon> masks, bool use_gate,
                     bool features, std::optional<float> min_score, float effort,
                     std::vector<KnownView> views) {
  Request request;
  request.camera = std::move(camera);
  request.sun_elevation = sun_elevation;
  request.regions = std::move(regions);
  request.masks = std::move(masks);
  request.use_gate = use_gate;
  request.features = features;
  request.min_score = min_score;
  request.effort = effort;
  request.views = std::move(views);
  return request;
}

void bind_bundle(py::module_& module) {
  py::class_<ClassInfo>(module, "ClassInfo")
      .def_readonly("name", &ClassInfo::name)
      .def_readonly("parents", &ClassInfo::parents)
      .def_readonly("on_by_default", &ClassInfo::on_by_default)
      .def_property_readonly("threshold", [](const ClassInfo& self) {
        py::dict threshold;
        for (const Regime regime : {Regime::kDay, Regime::kDusk, Regime::kNight}) {
          threshold[py::cast(camclassify::name_of(regime))] =
              self.threshold[static_cast<std::size_t>(regime)];
        }
        return threshold;
      });
  py::class_<Bundle>(module, "Bundle")
      .def_readonly("name", &Bundle::name)
      .def_readonly("version", &Bundle::version)
      .def_readonly("classes", &Bundle::classes);
  module.def("load_bundle", &load_bundle, py::arg("directory"));
}

void bind_active_network(py::module_& module) {
  py::class_<ActiveNetwork>(module, "ActiveNetwork")
      .def_readonly("name", &ActiveNetwork::name)
      .def_property_readonly("runner",
                             [](const ActiveNetwork& self) { return name_of(self.runner); })
      .def_property_readonly("precision",
                             [](const ActiveNetwork& self) { return name_of(self.precision); })
      .def_readonly("fused", &ActiveNetwork::fused)
      .def_property_readonly("speeds", [](const ActiveNetwork& self) {
        return std::pair(self.speeds.fp32, self.speeds.int8);
      });
}

void bind_result(py::module_& module) {
  py::class_<Detection>(module, "Detection")
      .def_readonly("name", &Detection::name)
      .def_readonly("score", &Detection::score)
      .def_readonly("box", &Detection::box)
      .def_readonly("features", &Detection::features)
      .def_readonly("remembered", &Detection::remembered);
  py::class_<Window>(module, "Window")
      .def_readonly("region", &Window::region)
      .def_property_readonly("width", [](const Window& self) { return self.input.width; })
      .def_property_readonly("height", [](const Window& self) { return self.input.height; });
  py::class_<Timing>(module, "Timing")
      .def_readonly("decode", &Timing::decode)
      .def_readonly("gate", &Timing::gate)
      .def_readonly("scene", &Timing::scene)
      .def_readonly("object", &Timing::object)
      .def_readonly("total", &Timing::total);
  py::class_<View>(module, "View")
      .def_readonly("known", &View::known)
      .def_readonly("moved", &View::moved)
      .def_property_readonly("likeness", [](const View& self) { return bytes_of(self.likeness); });
  py::class_<Appearance>(module, "Appearance")
      .def_readonly("differing", &Appearance::differing)
      .def_readonly("black", &Appearance::black)
      .def_readonly("grey", &Appearance::grey);
  py::class_<Result>(module, "Result")
      .def_property_readonly("width", [](const Result& self) { return self.size.width; })
      .def_property_readonly("height", [](const Result& self) { return self.size.height; })
      .def_property_readonly("regime",
                             [](const Result& self) { return camclassify::name_of(self.regime); })
      .def_readonly("changed", &Result::changed)
      .def_readonly("detections", &Result::detections)
      .def_readonly("windows", &Result::windows)
      .def_readonly("proposals", &Result::proposals)
      .def_readonly("view", &Result::view)
      .def_readonly("appearance", &Result::appearance)
      .def_readonly("timing", &Result::timing);
}

}  // namespace

void bind_engine(py::module_& module) {
  bind_bundle(module);
  bind_active_network(module);
  bind_result(module);
  py::class_<KnownView>(module, "KnownView")
      .def(py::init(&make_view), py::kw_only(), py::arg("likeness"), py::arg("regions"),
           py::arg("masks"));
  py::class_<Request>(module, "Request")
      .def(py::init(&make_request), py::kw_only(), py::arg("camera"), py::arg("sun_elevation"),
           py::arg("regions"), py::arg("masks"), py::arg("use_gate"), py::arg("features"),
           py::arg("min_score"), py::arg("effort"), py::arg("views"));
  py::class_<SharedEngine>(module, "Engine")
      .def(py::init(&open_engine), py::arg("bundle"), py::kw_only(), py::arg("runner"),
           py::arg("precision"), py::arg("fused"), py::arg("lanes"), py::arg("threads"),
           py::arg("classes"), py::arg("speeds"))
      .def("classify", &SharedEngine::classify, py::arg("snapshot"), py::arg("request"))
      .def("features", &SharedEngine::features, py::arg("snapshot"), py::arg("box"),
           py::arg("regime"))
      .def("classify", &SharedEngine::classify_frame, py::arg("frame"), py::arg("request"))
      .def("features", &SharedEngine::features_in_frame, py::arg("frame"), py::arg("box"),
           py::arg("regime"))
      .def("forget", &SharedEngine::call<&Engine::forget, std::string>, py::arg("camera"))
      .def_property_readonly("feature_length", &SharedEngine::call<&Engine::feature_length>)
      .def_property_readonly("bundle", &SharedEngine::bundle,
                             py::return_value_policy::reference_internal)
      .def_property_readonly("networks", &SharedEngine::call<&Engine::networks>)
      .def_property_readonly("active_heads", &SharedEngine::call<&Engine::active_heads>)
      .def_property_readonly("head_runs", &SharedEngine::call<&Engine::head_runs>);
}

}  // namespace camclassify::bindings
