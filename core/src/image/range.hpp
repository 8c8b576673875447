#pragma once

#include <algorithm>

namespace camclassify {

// Values [begin, end) along an axis of a picture.
struct Range {
  int begin, end;
};

// What of them an axis of `length` has, at least one.
inline Range at_least_one(Range range, int length) {
  const int begin = std::min(range.begin, length - 1);
  return {begin, std::clamp(range.end, begin + 1, length)};
}

}  // namespace camclassify
