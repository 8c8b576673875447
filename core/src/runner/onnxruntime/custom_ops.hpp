#pragma once

#include <deque>
#include <string>

#include "memory/aligned_buffer.hpp"
#include "memory/pool.hpp"
#include "runner/onnxruntime/library.hpp"

namespace camclassify {

// The fused ops as ONNX Runtime custom ops, for one session, which this must outlive. Threads may
// run the session at the same time.
class CustomOps {
 public:
  explicit CustomOps(int threads);
  CustomOps(const CustomOps&) = delete;
  CustomOps& operator=(const CustomOps&) = delete;

  const Ort::CustomOpDomain& domain() const { return domain_; }

  // What the nodes of the session share. Those of one run run one after another.
  struct Shared {
    int threads = 1;
    Pool<AlignedBuffer> scratch;
  };

  // One type of op: what ONNX Runtime calls, and what those calls need to know.
  struct Type : OrtCustomOp {
    std::string name;
    Shared* shared = nullptr;
  };

 private:
  Shared shared_;
  std::deque<Type> types_;  // the session holds their addresses
  Ort::CustomOpDomain domain_;
};

}  // namespace camclassify
