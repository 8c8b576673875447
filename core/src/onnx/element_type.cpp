#include "onnx/element_type.hpp"

#include <algorithm>
#include <array>

namespace camclassify {
namespace {

struct Pair {
  DataType type;
  int element_type;
};
constexpr std::array<Pair, 6> kTypes{{{DataType::kF32, 1},
                                      {DataType::kU8, 2},
                                      {DataType::kS8, 3},
                                      {DataType::kI16, 5},
                                      {DataType::kI32, 6},
                                      {DataType::kI64, 7}}};

}  // namespace

std::optional<DataType> data_type(std::int64_t element_type) {
  const auto* const found = std::ranges::find(kTypes, element_type, &Pair::element_type);
  if (found == kTypes.end()) return std::nullopt;
  return found->type;
}

int element_type(DataType type) {
  return std::ranges::find(kTypes, type, &Pair::type)->element_type;
}

}  // namespace camclassify
