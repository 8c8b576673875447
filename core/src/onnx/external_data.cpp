#include "onnx/external_data.hpp"

#include <algorithm>
#include <array>
#include <cstdint>

#include "camclassify/error.hpp"
#include "onnx/fields.hpp"
#include "onnx/message.hpp"

namespace camclassify {
namespace {

using namespace onnx;

enum class Kind : std::uint8_t {
  kModel,
  kTraining,
  kFunction,
  kGraph,
  kNode,
  kAttribute,
  kSparseTensor,
  kTensor,
};

// A field of one message of onnx.proto that holds another.
struct Holds {
  Kind holder;
  std::uint32_t field;
  Kind held;
};

// All ways to a tensor.
constexpr std::array<Holds, 19> kHolds = {{
    {Kind::kModel, 7, Kind::kGraph},
    {Kind::kModel, 20, Kind::kTraining},
    {Kind::kModel, 25, Kind::kFunction},
    {Kind::kTraining, 1, Kind::kGraph},
    {Kind::kTraining, 2, Kind::kGraph},
    {Kind::kFunction, 7, Kind::kNode},
    {Kind::kFunction, 11, Kind::kAttribute},
    {Kind::kGraph, 1, Kind::kNode},
    {Kind::kGraph, 5, Kind::kTensor},
    {Kind::kGraph, 15, Kind::kSparseTensor},
    {Kind::kNode, 5, Kind::kAttribute},
    {Kind::kAttribute, 5, Kind::kTensor},
    {Kind::kAttribute, 6, Kind::kGraph},
    {Kind::kAttribute, 10, Kind::kTensor},
    {Kind::kAttribute, 11, Kind::kGraph},
    {Kind::kAttribute, 22, Kind::kSparseTensor},
    {Kind::kAttribute, 23, Kind::kSparseTensor},
    {Kind::kSparseTensor, 1, Kind::kTensor},
    {Kind::kSparseTensor, 2, Kind::kTensor},
}};

// Messages in messages; deeper ones are no network but an attack on the stack.
constexpr int kMostDepth = 32;

void check_tensor(Model::Bytes view) {
  std::string tensor = "A tensor";
  bool external = false;
  auto field = message<TensorField>(view);
  while (field.next()) {
    switch (field.tag()) {
      case TensorField::kName:
        tensor = "Tensor '" + name(field) + "'";
        break;
      case TensorField::kExternalData:
        external = true;
        field.skip();
        break;
      case TensorField::kDataLocation:
        external |= integer(field) != 0;
        break;
      default:
        field.skip();
    }
  }
  if (external) {
    throw BundleError(tensor + " lies in another file; save the network with its weights inside.");
  }
}

void check(Kind kind, Model::Bytes view, int depth) {
  if (kind == Kind::kTensor) return check_tensor(view);
  if (depth > kMostDepth) malformed("its parts are nested too deeply");
  protozero::pbf_reader field(reinterpret_cast<const char*>(view.data()), view.size());
  while (field.next()) {
    const auto* const holds = std::ranges::find_if(kHolds, [&](const Holds& each) {
      return each.holder == kind && each.field == field.tag();
    });
    if (holds != kHolds.end()) {
      check(holds->held, bytes(field), depth + 1);
    } else {
      field.skip();
    }
  }
}

}  // namespace

void refuse_external_data(Model::Bytes file) { check(Kind::kModel, file, 0); }

}  // namespace camclassify
