#include "runner/onnxruntime/onnxruntime_network.hpp"

#include <onnxruntime_session_options_config_keys.h>

#include "camclassify/error.hpp"
#include "memory/aligned_buffer.hpp"
#include "memory/checked.hpp"
#include "memory/weight_arena.hpp"
#include "onnx/element_type.hpp"
#include "onnx/graph.hpp"
#include "runner/onnxruntime/custom_ops.hpp"
#include "runner/workspace.hpp"

namespace camclassify {
namespace {

Ort::SessionOptions session_options(const CustomOps& ops, int threads) {
  Ort::SessionOptions options;
  options.SetIntraOpNumThreads(threads);
  options.SetGraphOptimizationLevel(ORT_ENABLE_ALL);
  ops.add_to(*static_cast<OrtSessionOptions*>(options));
  // Its threads sleep while there is nothing to do, also within a run: spinning ones would take the
  // processor from whoever shares it.
  options.AddConfigEntry(kOrtSessionOptionsConfigAllowIntraOpSpinning, "0");
  return options;
}

// Type and shape of an input or output. Where the file leaves dimensions open: the batch, which is
// then 1, or of an output, whose shape shows when the network has run once.
TensorInfo describe(std::string name, const Ort::TypeInfo& type_info) {
  if (type_info.GetONNXType() != ONNX_TYPE_TENSOR) {
    throw BundleError("The network's '" + name + "' is not a tensor.");
  }
  const auto info = type_info.GetTensorTypeAndShapeInfo();
  const auto type = data_type(info.GetElementType());
  if (!type) {
    throw BundleError("The network's '" + name +
                      "' has a type other than u8, s8, i16, i32, i64 or f32.");
  }
  Shape shape = info.GetShape();
  if (!shape.empty() && shape[0] < 0) shape[0] = 1;
  return {std::move(name), *type, std::move(shape)};
}

bool is_open(const Shape& shape) {
  return std::ranges::any_of(shape, [](std::int64_t size) { return size < 0; });
}

// What the same network at several sizes of its inputs has in common.
struct LoadedSession {
  LoadedSession(const Model& model, int threads, bool sizes_are_open)
      : any_size(sizes_are_open),
        env(ORT_LOGGING_LEVEL_ERROR, "camclassify"),
        ops(Ort::GetApi(), threads) {
    const std::string file = write_onnx(model);
    const WeightArena::Scope weights;  // of the custom ops
    session = Ort::Session(env, file.data(), file.size(), session_options(ops, threads));
  }

  bool any_size;
  Ort::Env env;  // a reference to the one that the process has
  CustomOps ops;
  Ort::Session session{nullptr};
};

class OnnxRuntimeNetwork final : public Network {
 public:
  OnnxRuntimeNetwork(std::shared_ptr<LoadedSession> loaded, std::span<const Shape> shapes)
      : loaded_(std::move(loaded)), binding_(loaded_->session) {
    describe_all();
    for (std::size_t i = 0; i < inputs_.size(); ++i) {
      if (!shapes.empty()) inputs_[i].shape = shapes[i];
      if (is_open(inputs_[i].shape)) {
        throw BundleError("The network's input '" + inputs_[i].name +
                          "' has no fixed size; export it with fixed dimensions.");
      }
      buffers_.push_back(bind(inputs_[i], &Ort::IoBinding::BindInput));
    }
    if (std::ranges::any_of(outputs_, [](const auto& info) { return is_open(info.shape); })) {
      find_output_shapes();
    }
    for (const auto& info : outputs_) buffers_.push_back(bind(info, &Ort::IoBinding::BindOutput));
  }

  std::span<const TensorInfo> inputs() const override { return inputs_; }
  std::span<const TensorInfo> outputs() const override { return outputs_; }
  TensorView input(std::size_t index) override { return view(inputs_.at(index), buffers_[index]); }
  TensorView output(std::size_t index) override {
    return view(outputs_.at(index), buffers_[inputs_.size() + index]);
  }
  Runner runner() const override { return Runner::kOnnxRuntime; }

  std::unique_ptr<Network> with_inputs(std::span<const Shape> shapes) const override {
    if (!loaded_->any_size) throw Error("The network was not opened for inputs of other sizes.");
    check_inputs(inputs_, shapes);
    return std::make_unique<OnnxRuntimeNetwork>(loaded_, shapes);
  }

  std::unique_ptr<Network> in(std::shared_ptr<Workspace> /*workspace*/) const override {
    std::vector<Shape> shapes;
    for (const auto& input : inputs_) shapes.push_back(input.shape);
    return std::make_unique<OnnxRuntimeNetwork>(loaded_, shapes);
  }

  std::vector<OpInfo> ops() const override { return {}; }
  std::vector<OpTime> profile(int rounds) override {
    check_rounds(rounds);
    return {};
  }

  void run() override {
    try {
      loaded_->session.Run(run_options_, binding_);
    } catch (const Ort::Exception& error) {
      throw Error(std::string("ONNX Runtime failed to run the network: ") + error.what());
    }
  }

 private:
  static TensorView view(const TensorInfo& info, const AlignedBuffer& buffer) {
    return {info.type, info.shape, buffer.data()};
  }

  void describe_all() {
    const Ort::AllocatorWithDefaultOptions allocator;
    const Ort::Session& session = loaded_->session;
    for (std::size_t i = 0; i < session.GetInputCount(); ++i) {
      inputs_.push_back(
          describe(session.GetInputNameAllocated(i, allocator).get(), session.GetInputTypeInfo(i)));
    }
    for (std::size_t i = 0; i < session.GetOutputCount(); ++i) {
      outputs_.push_back(describe(session.GetOutputNameAllocated(i, allocator).get(),
                                  session.GetOutputTypeInfo(i)));
    }
  }

  AlignedBuffer bind(const TensorInfo& info,
                     void (Ort::detail::IoBindingImpl<OrtIoBinding>::*bind)(const char*,
                                                                            const Ort::Value&)) {
    if (!is_sound(info.shape)) {
      throw BundleError("The network's '" + info.name + "' has a size that is out of range.");
    }
    const TensorView tensor{info.type, info.shape, nullptr};
    AlignedBuffer buffer(tensor.bytes());
    const auto value = Ort::Value::CreateTensor(
        memory_, buffer.data(), tensor.bytes(), info.shape.data(), info.shape.size(),
        static_cast<ONNXTensorElementDataType>(element_type(info.type)));
    (binding_.*bind)(info.name.c_str(), value);
    return buffer;
  }

  void find_output_shapes() {
    for (const auto& info : outputs_) binding_.BindOutput(info.name.c_str(), memory_);
    run();
    const auto values = binding_.GetOutputValues();
    for (std::size_t i = 0; i < outputs_.size(); ++i) {
      outputs_[i].shape = values[i].GetTensorTypeAndShapeInfo().GetShape();
    }
    binding_.ClearBoundOutputs();
  }

  std::shared_ptr<LoadedSession> loaded_;
  Ort::MemoryInfo memory_ = Ort::MemoryInfo::CreateCpu(OrtArenaAllocator, OrtMemTypeDefault);
  Ort::IoBinding binding_{nullptr};
  Ort::RunOptions run_options_;
  std::vector<TensorInfo> inputs_, outputs_;
  std::vector<AlignedBuffer> buffers_;  // of the inputs, then of the outputs
};

}  // namespace

// NOLINTBEGIN(performance-unnecessary-value-param): both runners are opened alike, and one keeps it
std::unique_ptr<Network> open_onnxruntime_network(const Model& model,
                                                  std::shared_ptr<Workspace> workspace,
                                                  bool any_size) {
  // NOLINTEND(performance-unnecessary-value-param)
  load_onnxruntime();
  const int threads = workspace->threads().threads();
  try {
    if (!any_size) {
      return std::make_unique<OnnxRuntimeNetwork>(
          std::make_shared<LoadedSession>(model, threads, false), std::span<const Shape>{});
    }
    Model open = model;
    open_sizes(open);
    std::vector<Shape> shapes;
    for (const auto& input : model.inputs) shapes.push_back(input.shape.value_or(Shape{}));
    return std::make_unique<OnnxRuntimeNetwork>(
        std::make_shared<LoadedSession>(open, threads, true), shapes);
  } catch (const Ort::Exception& error) {
    throw BundleError(std::string("ONNX Runtime refuses the network: ") + error.what());
  }
}

}  // namespace camclassify
