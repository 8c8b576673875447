#include "image/picture_start.hpp"

#include <algorithm>
#include <string_view>

#include "image/jpeg.hpp"
#include "image/png.hpp"
#include "image/refused_format.hpp"
#include "image/webp.hpp"

namespace camclassify {
namespace {

constexpr std::size_t kLongest = 4096;  // bytes before a picture

bool starts_picture(std::span<const std::byte> bytes) {
  // Two bytes alone would be found in anything. Some cameras send zeros before the second marker.
  constexpr std::size_t kNext = 2, kZeros = 4;
  const auto next = bytes.subspan(std::min(kNext, bytes.size()));
  const bool has_zeros =
      next.size() >= kZeros && std::ranges::count(next.first(kZeros), std::byte{0}) == kZeros;
  const bool starts_jpeg =
      is_jpeg(bytes) && !next.empty() && (next[0] == std::byte{0xFF} || has_zeros);
  return starts_jpeg || is_png(bytes) || is_webp(bytes);
}

}  // namespace

std::span<const std::byte> picture_in(std::span<const std::byte> snapshot) {
  const auto begin = std::ranges::find_if(snapshot, [](std::byte value) {
    return std::string_view(" \t\r\n").find(std::to_integer<char>(value)) == std::string_view::npos;
  });
  const std::span<const std::byte> rest = {begin, snapshot.end()};
  // What is of another kind may well contain a picture, as a preview; it is not what the camera
  // shows.
  if (is_jpeg(rest) || is_png(rest) || is_webp(rest) || is_refused_whole(rest)) return rest;
  for (std::size_t at = 0; at < std::min(rest.size(), kLongest); ++at)
    if (starts_picture(rest.subspan(at))) return rest.subspan(at);
  return rest;
}

}  // namespace camclassify
