#pragma once

#include <stdexcept>
#include <string>

namespace camclassify {

// What every public function throws when its input or the machine is at fault. The message is a
// complete sentence for the user: what is wrong, where, and what to do about it.
class Error : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

// The snapshot cannot be decoded (truncated, not a JPEG or PNG, larger than allowed).
class SnapshotError : public Error {
 public:
  using Error::Error;
};

// The bundle or one of its networks is malformed or missing.
class BundleError : public Error {
 public:
  using Error::Error;
};

// A network has ops that only ONNX Runtime can run, and its library is not there.
class OnnxRuntimeMissing : public Error {
 public:
  using Error::Error;
};

// The processor lacks instructions that the kernels need: nothing can run on it.
class UnsupportedProcessor : public Error {
 public:
  using Error::Error;
};

// A request asks for what cannot be: a number is not finite or out of range.
class RequestError : public Error {
 public:
  using Error::Error;
};

}  // namespace camclassify
