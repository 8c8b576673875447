#include "runner/onnxruntime/custom_ops.hpp"

#include <exception>
#include <memory>
#include <mutex>
#include <vector>

#include "camclassify/error.hpp"
#include "onnx/model.hpp"
#include "ops/op_table.hpp"
#include "runner/onnxruntime/custom_op_node.hpp"

namespace camclassify {
namespace {

// ONNX Runtime's own pool.
class SessionParallel final : public Parallel {
 public:
  SessionParallel(Ort::KernelContext& context, int threads)
      : context_(context), threads_(threads) {}

  int threads() const override { return threads_; }

  void run(int count, Task task) override {
    if (threads_ == 1 || count <= 1) {
      for (int i = 0; i < count; ++i) task(i);
      return;
    }
    Work work{task, {}, {}};
    const auto total = static_cast<std::size_t>(count);
    context_.ParallelFor(&SessionParallel::call, total, total, &work);
    if (work.error) std::rethrow_exception(work.error);
  }

 private:
  struct Work {
    Task task;
    std::mutex mutex;
    std::exception_ptr error;
  };

  static void call(void* data, std::size_t index) noexcept {
    auto& work = *static_cast<Work*>(data);
    try {
      work.task(static_cast<int>(index));
    } catch (...) {
      const std::lock_guard lock(work.mutex);
      work.error = std::current_exception();
    }
  }

  Ort::KernelContext& context_;
  int threads_;
};

// One run of a node. Shapes are worked out again only when an input's is not that of the last run.
class Call {
 public:
  explicit Call(const NodeInfo& node) {
    for (std::size_t i = 0; i < node.input_count(); ++i) {
      const auto constant = node.constant(i);
      is_constant_.push_back(constant.has_value());
      shapes_.push_back(constant ? constant->shape : Shape{});
      inputs_.push_back({node.input_type(i), shapes_.back(), nullptr});
    }
    for (std::size_t i = 0; i < node.output_count(); ++i) {
      outputs_.push_back({node.output_type(i), {}, nullptr});
    }
  }

  void run(const Op& op, Ort::KernelContext& context, CustomOps::Shared& shared) {
    for (std::size_t i = 0; i < inputs_.size(); ++i) {
      if (!is_constant_[i]) read_input(context.GetInput(i), i);
    }
    if (!planned_) plan(op, shared.threads);
    for (std::size_t i = 0; i < outputs_.size(); ++i) {
      auto output = context.GetOutput(i, outputs_[i].shape);
      outputs_[i].data =
          output == nullptr ? nullptr : static_cast<std::byte*>(output.GetTensorMutableRawData());
    }
    const auto scratch = shared.scratch.take();
    if (scratch->bytes() < scratch_bytes_) *scratch = AlignedBuffer(scratch_bytes_);
    SessionParallel parallel(context, shared.threads);
    op.run(inputs_, outputs_, {scratch->data(), scratch_bytes_}, parallel);
  }

 private:
  void read_input(const Ort::ConstValue& value, std::size_t index) {
    if (value == nullptr) return;  // absent: its shape fits nothing
    const auto info = value.GetTensorTypeAndShapeInfo();
    TensorView& input = inputs_[index];
    dimensions_.resize(info.GetDimensionsCount());
    Ort::ThrowOnError(Ort::GetApi().GetDimensions(info, dimensions_.data(), dimensions_.size()));
    if (dimensions_ != input.shape) {
      input.shape = shapes_[index] = dimensions_;
      planned_ = false;
    }
    const auto* const data = static_cast<const std::byte*>(value.GetTensorRawData());
    input.data = const_cast<std::byte*>(data);
  }

  void plan(const Op& op, int threads) {
    const auto shapes = op.infer(shapes_);
    if (shapes.size() < outputs_.size()) {
      throw BundleError("A node of the network has more outputs than its op makes.");
    }
    for (std::size_t i = 0; i < outputs_.size(); ++i) outputs_[i].shape = shapes[i];
    scratch_bytes_ = op.scratch_bytes(shapes_, threads);
    planned_ = true;
  }

  std::vector<bool> is_constant_;
  std::vector<Shape> shapes_;
  std::vector<TensorView> inputs_, outputs_;
  Shape dimensions_;
  std::size_t scratch_bytes_ = 0;
  bool planned_ = false;
};

// An op as a node of a session.
class Kernel {
 public:
  Kernel(const CustomOps::Type& type, const CustomOpNode& node)
      : shared_(*type.shared),
        op_(make_op(node)),
        calls_([first = Call(node)] { return std::make_unique<Call>(first); }) {}

  void compute(OrtKernelContext* raw_context) {
    Ort::KernelContext context(raw_context);
    calls_.take()->run(*op_, context, shared_);
  }

 private:
  CustomOps::Shared& shared_;
  std::unique_ptr<Op> op_;
  Pool<Call> calls_;
};

// No exception may cross into ONNX Runtime.
template <class Function>
OrtStatus* guarded(Function function) noexcept {
  try {
    function();
    return nullptr;
  } catch (const std::exception& error) {
    return Ort::GetApi().CreateStatus(ORT_FAIL, error.what());
  } catch (...) {
    return Ort::GetApi().CreateStatus(ORT_FAIL, "an unknown error in a fused op");
  }
}

OrtStatus* create_kernel(const OrtCustomOp* op, const OrtApi*, const OrtKernelInfo* info,
                         void** kernel) {
  return guarded([&] {
    const auto& type = *static_cast<const CustomOps::Type*>(op);
    *kernel = std::make_unique<Kernel>(type, CustomOpNode(type.name, info)).release();
  });
}

OrtStatus* compute(void* kernel, OrtKernelContext* context) {
  return guarded([&] { static_cast<Kernel*>(kernel)->compute(context); });
}

void destroy_kernel(void* kernel) { std::unique_ptr<Kernel>(static_cast<Kernel*>(kernel)).reset(); }

// Any number of inputs and outputs, each of any type: the op itself checks them when it is made.
OrtCustomOp callbacks() {
  OrtCustomOp op{};
  op.version = kOnnxRuntimeApi;
  op.CreateKernelV2 = create_kernel;
  op.KernelComputeV2 = compute;
  op.KernelDestroy = destroy_kernel;
  op.GetName = [](const OrtCustomOp* self) {
    return static_cast<const CustomOps::Type*>(self)->name.c_str();
  };
  op.GetExecutionProviderType = [](const OrtCustomOp*) -> const char* { return nullptr; };
  op.GetInputTypeCount = [](const OrtCustomOp*) -> std::size_t { return 1; };
  op.GetOutputTypeCount = [](const OrtCustomOp*) -> std::size_t { return 1; };
  op.GetInputType = [](const OrtCustomOp*, std::size_t) {
    return ONNX_TENSOR_ELEMENT_DATA_TYPE_UNDEFINED;
  };
  op.GetOutputType = op.GetInputType;
  op.GetInputCharacteristic = [](const OrtCustomOp*, std::size_t) { return INPUT_OUTPUT_VARIADIC; };
  op.GetOutputCharacteristic = op.GetInputCharacteristic;
  op.GetInputMemoryType = [](const OrtCustomOp*, std::size_t) { return OrtMemTypeDefault; };
  op.GetVariadicInputMinArity = [](const OrtCustomOp*) { return 1; };
  op.GetVariadicOutputMinArity = [](const OrtCustomOp*) { return 1; };
  op.GetVariadicInputHomogeneity = [](const OrtCustomOp*) { return 0; };
  op.GetVariadicOutputHomogeneity = [](const OrtCustomOp*) { return 0; };
  op.GetStartVersion = [](const OrtCustomOp*) { return 1; };
  op.GetEndVersion = [](const OrtCustomOp*) { return 1; };
  return op;
}

}  // namespace

CustomOps::CustomOps(int threads)
    : shared_{threads, Pool<AlignedBuffer>([] { return std::make_unique<AlignedBuffer>(); })},
      domain_(std::string(kFusedDomain).c_str()) {
  for (const OpType* type : op_table()) {
    domain_.Add(&types_.emplace_back(Type{callbacks(), std::string(type->name), &shared_}));
  }
}

}  // namespace camclassify
