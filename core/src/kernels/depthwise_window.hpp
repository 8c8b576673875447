#pragma once

#include <type_traits>

#include "kernels/kernel_set.hpp"

namespace camclassify {
namespace {

// Calls f with the kernel and the stride of a depthwise convolution as constants.
template <class Function>
void with_window(const DepthwiseRow& r, const Function& f) {
  const std::integral_constant<int, 1> one;
  const std::integral_constant<int, 2> two;
  const std::integral_constant<int, 3> three;
  const std::integral_constant<int, 5> five;
  if (r.stride == 1) return r.kernel == 3 ? f(three, one) : f(five, one);
  return r.kernel == 3 ? f(three, two) : f(five, two);
}

}  // namespace
}  // namespace camclassify
