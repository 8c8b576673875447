#pragma once

#include <fuzzer/FuzzedDataProvider.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <limits>
#include <vector>

namespace camclassify::fuzz {

// The fuzzer's bytes as the numbers that a file or a request may hold: mostly sensible ones, now
// and then one at the edge of something.
class Input {
 public:
  Input(const std::uint8_t* data, std::size_t size) : bytes_(data, size) {}

  // False once the bytes are used up.
  bool one_in(int count) { return bytes_.ConsumeIntegralInRange(1, count) == count; }
  int from(int least, int most) { return bytes_.ConsumeIntegralInRange(least, most); }
  std::size_t index(std::size_t count) {
    return bytes_.ConsumeIntegralInRange<std::size_t>(0, count - 1);
  }
  std::uint32_t seed() { return bytes_.ConsumeIntegral<std::uint32_t>(); }

  template <class T, std::size_t kCount>
  T choice(const std::array<T, kCount>& choices) {
    return choices.at(index(kCount));
  }

  // `likely`, or a number at the edge of an integer type, or any other.
  std::int64_t number(std::int64_t likely) {
    const int position = ++numbers_;
    if (std::ranges::find(odd_, position) == odd_.end()) return likely;
    constexpr std::int64_t k32 = std::int64_t{1} << 32;
    constexpr auto kMost = std::numeric_limits<std::int64_t>::max();
    constexpr auto kEdges = std::to_array<std::int64_t>(
        {0,           1,         -1,        2,
         255,         256,       32767,     32768,
         65535,       65536,     65537,     k32 / 4,
         k32 / 2 - 1, k32 / 2,   k32 - 1,   k32,
         k32 + 1,     kMost / 4, kMost / 2, kMost - 1,
         kMost,       -kMost,    -k32 / 2,  std::numeric_limits<std::int64_t>::min()});
    switch (from(0, 2)) {
      case 0:
        return choice(kEdges);
      case 1:
        return static_cast<std::int64_t>(static_cast<std::uint64_t>(likely) +
                                         static_cast<std::uint64_t>(choice(kEdges)));
      default:
        return bytes_.ConsumeIntegral<std::int64_t>();
    }
  }

  // `count` numbers whose sum is `total`, mostly; in 32 bits if not in 64.
  std::vector<std::int64_t> parts(std::int64_t total, std::size_t count) {
    std::vector<std::int64_t> parts;
    std::uint64_t rest = static_cast<std::uint64_t>(total);
    for (std::size_t i = 1; i < count; ++i) {
      const std::int64_t part = number(total > 1 ? from(1, 8) : 1);
      parts.push_back(part);
      rest -= static_cast<std::uint64_t>(part);
    }
    if (one_in(4)) rest &= 0x7FFFFFFF;
    parts.push_back(number(static_cast<std::int64_t>(rest)));
    return parts;
  }

  // A fraction of something, mostly; else any float there is.
  float fraction() {
    constexpr auto kEdges = std::to_array<float>(
        {0, 1, -1, 0.5F, 2, 1e-30F, 1e9F, -1e9F, std::numeric_limits<float>::max(),
         std::numeric_limits<float>::denorm_min(), std::numeric_limits<float>::infinity(),
         -std::numeric_limits<float>::infinity(), std::numeric_limits<float>::quiet_NaN()});
    return one_in(5) ? choice(kEdges) : bytes_.ConsumeFloatingPointInRange<float>(0, 1);
  }

  std::vector<std::uint8_t> rest() { return bytes_.ConsumeRemainingBytes<std::uint8_t>(); }

 private:
  static constexpr int kNumbers = 40;  // in something of usual size

  FuzzedDataProvider bytes_;
  int numbers_ = 0;
  std::array<int, 2> odd_ = {};
};

}  // namespace camclassify::fuzz
