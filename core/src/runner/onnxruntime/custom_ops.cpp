#include "runner/onnxruntime/custom_ops.hpp"

#include <algorithm>
#include <exception>
#include <memory>
#include <mutex>
#include <vector>

#include "camclassify/error.hpp"
#include "onnx/model.hpp"
#include "ops/op_table.hpp"
#include "runner/onnxruntime/custom_op_node.hpp"
#include "runner/untaken_tasks.hpp"

namespace camclassify {
namespace {

// ONNX Runtime's own pool.
class SessionParallel final : public Parallel {
 public:
  SessionParallel(const OrtApi& api, const OrtKernelContext* context, int threads)
      : api_(api), context_(context), threads_(threads) {}

  int threads() const override { return threads_; }

  void run(int count, Task task) override {
    if (threads_ == 1 || count <= 1) {
      for (int i = 0; i < count; ++i) task(i, 0);
      return;
    }
    Work work{task, UntakenTasks(threads_), {}, {}};
    work.untaken.fill(count);
    const auto total = static_cast<std::size_t>(std::min(count, threads_));
    check(api_,
          api_.KernelContext_ParallelFor(context_, &SessionParallel::call, total, total, &work));
    if (work.error) std::rethrow_exception(work.error);
  }

 private:
  struct Work {
    Task task;
    UntakenTasks untaken;
    std::mutex mutex;
    std::exception_ptr error;
  };

  static void call(void* data, std::size_t thread) noexcept {
    auto& work = *static_cast<Work*>(data);
    while (const auto index = work.untaken.take(static_cast<int>(thread))) {
      try {
        work.task(*index, static_cast<int>(thread));
      } catch (...) {
        const std::scoped_lock lock(work.mutex);
        work.error = std::current_exception();
      }
    }
  }

  const OrtApi& api_;
  const OrtKernelContext* context_;
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

  void run(const Op& op, OrtKernelContext* context, CustomOps::Shared& shared) {
    const OrtApi& api = shared.api;
    for (std::size_t i = 0; i < inputs_.size(); ++i) {
      if (!is_constant_[i]) read_input(api, context, i);
    }
    if (!planned_) plan(op, shared.threads);
    for (std::size_t i = 0; i < outputs_.size(); ++i) {
      const Shape& shape = outputs_[i].shape;
      OrtValue* value = nullptr;
      check(api, api.KernelContext_GetOutput(context, i, shape.data(), shape.size(), &value));
      outputs_[i].data = value == nullptr ? nullptr : data_of(api, value);
    }
    const auto scratch = shared.scratch.take();
    if (scratch->bytes() < scratch_bytes_) *scratch = AlignedBuffer(scratch_bytes_);
    SessionParallel parallel(api, context, shared.threads);
    op.run(inputs_, outputs_, {scratch->data(), scratch_bytes_}, parallel);
  }

 private:
  static std::byte* data_of(const OrtApi& api, OrtValue* value) {
    void* data = nullptr;
    check(api, api.GetTensorMutableData(value, &data));
    return static_cast<std::byte*>(data);
  }

  void read_input(const OrtApi& api, const OrtKernelContext* context, std::size_t index) {
    const OrtValue* value = nullptr;
    check(api, api.KernelContext_GetInput(context, index, &value));
    if (value == nullptr) return;  // absent: its shape fits nothing
    OrtTensorTypeAndShapeInfo* info = nullptr;
    check(api, api.GetTensorTypeAndShape(value, &info));
    const Owned<OrtTensorTypeAndShapeInfo> owned(info, api.ReleaseTensorTypeAndShapeInfo);
    read_shape(api, info, dimensions_);
    TensorView& input = inputs_[index];
    if (dimensions_ != input.shape) {
      input.shape = shapes_[index] = dimensions_;
      planned_ = false;
    }
    input.data = data_of(api, const_cast<OrtValue*>(value));
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

  void compute(OrtKernelContext* context) { calls_.take()->run(*op_, context, shared_); }

  const OrtApi& api() const { return shared_.api; }

 private:
  CustomOps::Shared& shared_;
  std::unique_ptr<Op> op_;
  Pool<Call> calls_;
};

OrtStatus* create_kernel(const OrtCustomOp* op, const OrtApi*, const OrtKernelInfo* info,
                         void** kernel) noexcept {
  const auto& type = *static_cast<const CustomOps::Type*>(op);
  const OrtApi& api = type.shared->api;
  return guarded(api, [&] {
    *kernel = std::make_unique<Kernel>(type, CustomOpNode(api, type.name, info)).release();
  });
}

OrtStatus* compute(void* kernel, OrtKernelContext* context) noexcept {
  auto& self = *static_cast<Kernel*>(kernel);
  return guarded(self.api(), [&] { self.compute(context); });
}

void destroy_kernel(void* kernel) { std::unique_ptr<Kernel>(static_cast<Kernel*>(kernel)).reset(); }

// Any number of inputs and outputs, each of any type: the op itself checks them when it is made.
// Shapes and types are those that the file declares. There is no InferOutputShapeFn: newer releases
// take the type from it too, and tell it neither what the file declares nor how many outputs there
// are.
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

CustomOps::CustomOps(const OrtApi& api, int threads)
    : shared_{api, threads, Pool<AlignedBuffer>([] { return std::make_unique<AlignedBuffer>(); })},
      domain_(nullptr, api.ReleaseCustomOpDomain) {
  OrtCustomOpDomain* domain = nullptr;
  check(api, api.CreateCustomOpDomain(std::string(kFusedDomain).c_str(), &domain));
  domain_.reset(domain);
  for (const OpType* type : op_table()) {
    types_.push_back(Type{callbacks(), std::string(type->name), &shared_});
    check(api, api.CustomOpDomain_Add(domain, &types_.back()));
  }
}

void CustomOps::add_to(OrtSessionOptions& options) const {
  check(shared_.api, shared_.api.AddCustomOpDomain(&options, domain_.get()));
}

}  // namespace camclassify
