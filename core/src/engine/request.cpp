#include <algorithm>
#include <cmath>
#include <initializer_list>
#include <span>
#include <string>

#include "camclassify/engine.hpp"
#include "camclassify/error.hpp"

namespace camclassify {
namespace {

// Far above what a home draws, and few enough for a frame to be looked at in time.
constexpr std::size_t kMostRegions = 64, kMostMasks = 256, kMostMaskPoints = 16'384,
                      kMostViews = 16;
constexpr float kZenith = 90;  // degrees

// NaN is none.
bool is_fraction(float value) { return value >= 0 && value <= 1; }

void check_count(std::size_t count, std::size_t most, const std::string& what) {
  if (count <= most) return;
  throw RequestError("A request has " + std::to_string(count) + " " + what + "; at most " +
                     std::to_string(most) + " are allowed.");
}

void check_mask(const Polygon& mask) {
  for (const auto& [x, y] : mask) {
    if (is_fraction(x) && is_fraction(y)) continue;
    throw RequestError("A mask's point (" + std::to_string(x) + ", " + std::to_string(y) +
                       ") is not within the frame; give fractions from 0 to 1.");
  }
}

// What a request has, in all views together.
struct Count {
  std::size_t regions = 0, masks = 0, points = 0;
};

void check_parts(std::span<const Box> regions, std::span<const Polygon> masks, Count& count) {
  count.regions += regions.size();
  check_count(count.regions, kMostRegions, "regions");
  for (const Box& region : regions) check(region);
  count.masks += masks.size();
  check_count(count.masks, kMostMasks, "masks");
  for (const Polygon& mask : masks) {
    count.points += mask.size();
    check_count(count.points, kMostMaskPoints, "points of masks");
    check_mask(mask);
  }
}

}  // namespace

void check(const Box& box) {
  const bool within = std::ranges::all_of(
      std::initializer_list<float>{box.x0, box.y0, box.x1, box.y1}, is_fraction);
  if (within && box.x0 < box.x1 && box.y0 < box.y1) return;
  throw RequestError(
      "The box (" + std::to_string(box.x0) + ", " + std::to_string(box.y0) + ", " +
      std::to_string(box.x1) + ", " + std::to_string(box.y1) +
      ") is not a part of the frame; give x0 < x1 and y0 < y1, fractions from 0 to 1.");
}

void check(const Request& request) {
  if (request.sun_elevation && !(std::abs(*request.sun_elevation) <= kZenith)) {
    throw RequestError("The sun's elevation " + std::to_string(*request.sun_elevation) +
                       " is not one; give degrees from -90 to 90.");
  }
  if (request.min_score && !is_fraction(*request.min_score)) {
    throw RequestError("The score " + std::to_string(*request.min_score) +
                       " is not one; give a fraction from 0 to 1.");
  }
  if (!(request.effort > 0 && request.effort <= 1)) {
    throw RequestError("The effort " + std::to_string(request.effort) +
                       " is not one; give a fraction above 0, up to 1.");
  }
  check_count(request.views.size(), kMostViews, "views");
  Count count;
  check_parts(request.regions, request.masks, count);
  for (const KnownView& view : request.views) check_parts(view.regions, view.masks, count);
}

}  // namespace camclassify
