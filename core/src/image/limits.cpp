#include "image/limits.hpp"

#include <string>

#include "camclassify/error.hpp"

namespace camclassify {

void check_pixels(Size size, const DecodeLimits& limits) {
  if (std::int64_t{size.width} * size.height > limits.max_pixels)
    throw SnapshotError("The snapshot is " + std::to_string(size.width) + " x " +
                        std::to_string(size.height) + "; at most " +
                        std::to_string(limits.max_pixels) +
                        " pixels are accepted. Set the camera to a lower resolution.");
}

}  // namespace camclassify
