#pragma once

#include "camclassify/image.hpp"

namespace camclassify {

// What tells whether a picture shows what is there now. Shares, 0..1.
struct Appearance {
  float differing = 1;  // of the picture that is not as in the one before; 1 if there was none
  float black = 0;      // of the picture that is black
  float grey = 0;       // of its rows that are one mid-grey from side to side, from the bottom up:
                        // what decoders leave where they know no better
};

// Both of any size; `before` may be empty.
Appearance appearance_of(const Plane& luma, const Plane& before);

}  // namespace camclassify
