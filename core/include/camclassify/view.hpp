#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include "camclassify/image.hpp"

namespace camclassify {

// A view is what a camera shows between two moves of it. This is what it is recognised by: of 32 x
// 18 parts of the picture, row after row, how much lighter each is than the parts around it, in
// grey levels, at most 127 in either direction.
struct Likeness {
  static constexpr int kColumns = 32, kRows = 18;
  std::array<std::int8_t, std::size_t{kColumns}* kRows> contrasts = {};
  friend bool operator==(const Likeness&, const Likeness&) = default;
};

// Of a luma plane of any size, at least one value. Absent if hardly anything shows, in the dark, in
// fog or where light blinds the camera: such a picture may be of any view.
std::optional<Likeness> likeness_of(const Plane& luma);

// Whether two pictures show the same view. Light, weather, a bump of the camera by up to a
// sixteenth of the picture and what moves through the view hardly count: of twelve blocks of the
// picture, those in which `now` shows anything, a third must agree.
bool is_same_view(const Likeness& known, const Likeness& now);

// What a snapshot shows, compared with the known views of the camera.
struct View {
  std::optional<std::size_t> known;  // the first of them that it may be; absent: none
  bool moved = false;                // another view than that of the snapshot before
  std::optional<Likeness> likeness;  // of the snapshot
};

// `before`: of the latest snapshot with a likeness, if there was one.
View recognise(const std::optional<Likeness>& now, const std::optional<Likeness>& before,
               std::span<const Likeness> known);

}  // namespace camclassify
