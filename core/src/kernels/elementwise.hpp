#pragma once

// Widening, maxima and sums over contiguous rows.

#include "kernels/kernel_set.hpp"
#include "kernels/vector.hpp"

namespace camclassify {
namespace {

// Plain loops: the compiler turns them into vector code.

void widen_u8(const std::uint8_t* HWY_RESTRICT src, std::int16_t* HWY_RESTRICT dst,
              std::size_t count) {
  for (std::size_t i = 0; i < count; ++i) dst[i] = src[i];
}

void widen_u8_to_f32(const std::uint8_t* HWY_RESTRICT src, float* HWY_RESTRICT dst,
                     std::size_t count) {
  for (std::size_t i = 0; i < count; ++i) dst[i] = static_cast<float>(src[i]);
}

template <class T>
void maximum_of(const std::byte* src, std::byte* dst, std::size_t count) {
  const hn::ScalableTag<T> d;
  const std::size_t lanes = hn::Lanes(d);
  const T* a = reinterpret_cast<const T*>(src);
  T* b = reinterpret_cast<T*>(dst);
  std::size_t i = 0;
  for (; i + lanes <= count; i += lanes) {
    hn::StoreU(hn::Max(hn::LoadU(d, a + i), hn::LoadU(d, b + i)), d, b + i);
  }
  for (; i < count; ++i) b[i] = a[i] > b[i] ? a[i] : b[i];
}

void maximum(const std::byte* src, std::byte* dst, DataType type, std::size_t count) {
  switch (type) {
    case DataType::kU8:
      return maximum_of<std::uint8_t>(src, dst, count);
    case DataType::kI16:
      return maximum_of<std::int16_t>(src, dst, count);
    default:
      return maximum_of<float>(src, dst, count);
  }
}

template <class T, class Sum>
void sum_of(const T* HWY_RESTRICT src, Sum* HWY_RESTRICT dst, std::size_t pixels,
            std::size_t channels) {
  for (std::size_t c = 0; c < channels; ++c) dst[c] = 0;
  for (std::size_t p = 0; p < pixels; ++p) {
    for (std::size_t c = 0; c < channels; ++c) dst[c] += src[p * channels + c];
  }
}

void sum_f32(const float* src, float* dst, std::size_t pixels, std::size_t channels) {
  sum_of(src, dst, pixels, channels);
}

void sum_u8(const std::uint8_t* src, std::int32_t* dst, std::size_t pixels, std::size_t channels) {
  sum_of(src, dst, pixels, channels);
}

}  // namespace
}  // namespace camclassify
