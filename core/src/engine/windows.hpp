#pragma once

#include <span>
#include <vector>

#include "camclassify/engine.hpp"

namespace camclassify {

// Which sizes of input a scene network takes: any multiple of `step` from `least` to `most`, each
// way; where these are all the same, one size only.
struct InputSides {
  int least = 0, most = 0, step = 1;
};

InputSides sides_of(const SceneNetwork& network);

// Something in the frame that is to be looked at.
struct Place {
  Box box;
  // Of a known object: how many pixels of the network its longer side had when it was seen. 0:
  // something changed there, which may also be several smaller objects, or a part of one.
  float pixels = 0;
};

// How many pixels of the network an object's longer side should have: it is found best in between.
// Smaller ones are missed, larger ones taken apart.
inline constexpr float kSmallestObject = 32, kLargestObject = 280;

// Windows in which every place lies whole, at a scale at which it is seen well; several share one
// where that is cheaper. `frame`: the size of the picture.
std::vector<Window> windows_around(std::span<const Place> places, Size frame,
                                   const InputSides& sides);

// Windows that cover a part of the frame, so that whatever is as small as `smallest` pixels of the
// picture is seen well in one of them. At most `most_windows`, coarser if there would be more.
std::vector<Window> windows_over(const Box& part, Size frame, const InputSides& sides,
                                 float smallest, int most_windows);

// One window of the whole frame, with about as many pixels as the network's usual input.
Window whole_frame(Size frame, const InputInfo& input, const InputSides& sides, float share = 1);

// A window around an object whose longer side had so many pixels of the network at the first look:
// at about half of that scale, or twice.
Window window_for_second_look(const Box& object, float pixels, bool is_finer, Size frame,
                              const InputInfo& input, const InputSides& sides);

// What a look costs: pixels of the input.
float cost(Size input);

// Pixels of the picture.
float longer_side(const Box& box, Size frame);

// Whether the whole of an object lies in a region.
bool holds(const Box& region, const Box& object);

// Whether an object of that size is seen whole and well in the window.
bool shows(const Window& window, const Box& object, Size frame);

// Pixels of the network per pixel of the picture.
float scale_of(const Window& window, Size frame);

}  // namespace camclassify
