#include "engine/scene.hpp"

#include <algorithm>
#include <cmath>

#include "engine/box.hpp"

namespace camclassify {
namespace {

std::vector<std::string> outputs_of(const SceneNetwork& info,
                                    const std::vector<const SceneHead*>& heads) {
  std::vector<std::string> outputs = {info.boxes_output, info.objectness_output};
  for (const SceneHead* head : heads) outputs.push_back(head->output);
  return outputs;
}

// Whether a border of the region, unless it is also one of the frame, cuts the box.
bool is_cut(const Box& box, const Box& region) {
  constexpr float kNear = 0.01F;  // of the region
  const float dx = kNear * width(region), dy = kNear * height(region);
  return (region.x0 > 0 && box.x0 < region.x0 + dx) || (region.y0 > 0 && box.y0 < region.y0 + dy) ||
         (region.x1 < 1 && box.x1 > region.x1 - dx) || (region.y1 < 1 && box.y1 > region.y1 - dy);
}

}  // namespace

std::vector<const SceneHead*> Scene::needed_heads(const SceneNetwork& info, const Bundle& bundle,
                                                  const Taxonomy& taxonomy) {
  std::vector<const SceneHead*> heads;
  for (const SceneHead& head : info.heads)
    if (taxonomy.needs(head, bundle.objects)) heads.push_back(&head);
  return heads;
}

Scene::Scene(const SceneNetwork& info, const Bundle& bundle, const Taxonomy& taxonomy,
             const EngineOptions& options)
    : network_(info.name, info.files, info.input,
               outputs_of(info, needed_heads(info, bundle, taxonomy)), options) {
  for (const int stride : info.strides)
    for (int y = 0; y < info.input.size.height / stride; ++y)
      for (int x = 0; x < info.input.size.width / stride; ++x)
        anchors_.push_back(
            {static_cast<float>(x), static_cast<float>(y), static_cast<float>(stride)});
  const auto rows = static_cast<std::int64_t>(anchors_.size());
  boxes_ = network_.output(info.boxes_output, rows, 4);
  objectness_ = network_.output(info.objectness_output, rows, 1);
  for (const SceneHead* head : needed_heads(info, bundle, taxonomy)) {
    Head loaded;
    for (const std::string& name : head->classes) loaded.columns.push_back(taxonomy.find(name));
    loaded.scores =
        network_.output(head->output, rows, static_cast<std::int64_t>(loaded.columns.size()));
    heads_.push_back(std::move(loaded));
  }
}

std::vector<Candidate> Scene::look(const Frame& frame, const Box& region, const Floors& floors) {
  std::vector<Candidate> candidates;
  const Placement placement = network_.run(frame, region);
  const float least = *std::ranges::min_element(floors);
  for (std::size_t i = 0; i < anchors_.size(); ++i) {
    const float objectness = objectness_[i];
    if (objectness < least) continue;
    for (const Head& head : heads_) {
      const auto columns = head.columns.size();
      for (std::size_t column = 0; column < columns; ++column) {
        const ClassId id = head.columns[column];
        if (id == kNoClass) continue;
        const float score = objectness * head.scores[i * columns + column];
        if (score < floors[static_cast<std::size_t>(id)]) continue;
        const Box box = to_frame(i, placement, frame, region);
        if (!(area(box) > 0) || is_cut(box, region)) continue;
        candidates.push_back({.id = id, .score = score, .box = box});
      }
    }
  }
  return candidates;
}

Box Scene::to_frame(std::size_t anchor, const Placement& placement, const Frame& frame,
                    const Box& region) const {
  const auto [cell_x, cell_y, stride] = anchors_[anchor];
  const float* code = &boxes_[anchor * 4];
  const float centre_x = (code[0] + cell_x) * stride, centre_y = (code[1] + cell_y) * stride;
  const float half_width = std::exp(code[2]) * stride / 2,
              half_height = std::exp(code[3]) * stride / 2;
  const float per_x = 1 / (placement.scale_x * static_cast<float>(frame.size.width));
  const float per_y = 1 / (placement.scale_y * static_cast<float>(frame.size.height));
  return clipped(
      {region.x0 + (centre_x - half_width) * per_x, region.y0 + (centre_y - half_height) * per_y,
       region.x0 + (centre_x + half_width) * per_x, region.y0 + (centre_y + half_height) * per_y});
}

}  // namespace camclassify
