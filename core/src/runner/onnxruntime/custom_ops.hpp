#pragma once

#include <deque>
#include <string>

#include "memory/aligned_buffer.hpp"
#include "memory/pool.hpp"
#include "runner/onnxruntime/c_api.hpp"

namespace camclassify {

// The fused ops as custom ops of an ONNX Runtime, for sessions of so many threads, which this must
// outlive. Sessions, and threads that run one of them, may use it at the same time.
class CustomOps {
 public:
  CustomOps(const OrtApi& api, int threads);
  CustomOps(const CustomOps&) = delete;
  CustomOps& operator=(const CustomOps&) = delete;

  // Throws Error.
  void add_to(OrtSessionOptions& options) const;

  // What all nodes share. Those of one run run one after another.
  struct Shared {
    const OrtApi& api;
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
  std::deque<Type> types_;  // sessions hold their addresses
  Owned<OrtCustomOpDomain> domain_;
};

}  // namespace camclassify
