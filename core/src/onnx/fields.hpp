#pragma once

#include <protozero/types.hpp>

// Field numbers and constants of onnx.proto, as far as they are used here.
// Source: https://github.com/onnx/onnx/blob/main/onnx/onnx.proto
namespace camclassify::onnx {

enum class ModelField : protozero::pbf_tag_type {
  kIrVersion = 1,
  kGraph = 7,
  kOpsetImport = 8,
  kFunctions = 25,
};

enum class OpsetField : protozero::pbf_tag_type { kDomain = 1, kVersion = 2 };

enum class GraphField : protozero::pbf_tag_type {
  kNode = 1,
  kName = 2,
  kInitializer = 5,
  kInput = 11,
  kOutput = 12,
  kValueInfo = 13,
  kSparseInitializer = 15,
};

enum class NodeField : protozero::pbf_tag_type {
  kInput = 1,
  kOutput = 2,
  kName = 3,
  kType = 4,
  kAttribute = 5,
  kDomain = 7,
};

enum class AttributeField : protozero::pbf_tag_type {
  kName = 1,
  kFloat = 2,
  kInt = 3,
  kString = 4,
  kGraph = 6,
  kInts = 8,
  kGraphs = 11,
  kType = 20,
};

enum class AttributeType : int { kFloat = 1, kInt = 2, kString = 3, kInts = 7 };

enum class TensorField : protozero::pbf_tag_type {
  kDims = 1,
  kDataType = 2,
  kFloatData = 4,
  kInt32Data = 5,
  kInt64Data = 7,
  kName = 8,
  kRawData = 9,
  kExternalData = 13,
  kDataLocation = 14,
};

enum class ValueField : protozero::pbf_tag_type { kName = 1, kType = 2 };
enum class TypeField : protozero::pbf_tag_type { kTensor = 1 };
enum class TensorTypeField : protozero::pbf_tag_type { kElementType = 1, kShape = 2 };
enum class ShapeField : protozero::pbf_tag_type { kDim = 1 };
enum class DimField : protozero::pbf_tag_type { kValue = 1 };

}  // namespace camclassify::onnx
