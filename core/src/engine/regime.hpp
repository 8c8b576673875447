#pragma once

#include <optional>

#include "camclassify/bundle.hpp"
#include "camclassify/image.hpp"

namespace camclassify {

// What a picture's light looks like.
struct Light {
  float brightness = 0;  // mean luma, 0..255
  float colour = 0;      // mean distance between a pixel's largest and smallest channel, 0..255
};

Light measure_light(const Frame& frame);

// A picture without colour is infra-red light: night, whatever the sun says. Otherwise the sun's
// elevation (degrees) decides, civil twilight being dusk; without one, the brightness does.
// `before`, the regime of the camera's last frame, is left only by a clear margin.
Regime choose_regime(const Light& light, std::optional<float> sun_elevation,
                     std::optional<Regime> before);

}  // namespace camclassify
