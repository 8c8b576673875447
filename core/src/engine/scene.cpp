#include "engine/scene.hpp"

#include <algorithm>
#include <cmath>

#include "engine/box.hpp"

namespace camclassify {
namespace {

// Whether a head is run apart from the trunk: side by side with others, or not always.
bool is_apart(const SceneNetwork& info, const SceneHead& head) {
  return info.execution == Execution::kParallel || !head.when.empty();
}

WantedOutputs outputs_of(const SceneNetwork& info, const std::vector<const SceneHead*>& heads) {
  WantedOutputs outputs{{info.boxes_output, info.objectness_output}};
  for (const SceneHead* head : heads) {
    outputs.all.push_back(head->output);
    if (is_apart(info, *head)) outputs.apart.push_back({head->output});
  }
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
    if (taxonomy.needs(head, bundle)) heads.push_back(&head);
  return heads;
}

Scene::Scene(const SceneNetwork& info, const Bundle& bundle, const Taxonomy& taxonomy,
             const EngineOptions& options)
    : network_(info.name, info.files, info.input,
               outputs_of(info, needed_heads(info, bundle, taxonomy)), options) {
  std::int64_t rows = 0;
  for (const int stride : info.strides)
    rows += std::int64_t{info.input.size.width / stride} * (info.input.size.height / stride);
  boxes_ = network_.output(info.boxes_output, rows, 4);
  objectness_ = network_.output(info.objectness_output, rows, 1);
  for (const int stride : info.strides)
    for (int y = 0; y < info.input.size.height / stride; ++y)
      for (int x = 0; x < info.input.size.width / stride; ++x)
        anchors_.push_back(
            {static_cast<float>(x), static_cast<float>(y), static_cast<float>(stride)});
  std::size_t apart = 0;
  for (const SceneHead* head : needed_heads(info, bundle, taxonomy)) {
    Head loaded;
    if (!head->when.empty()) loaded.when = taxonomy.kinds_of(head->when);
    if (is_apart(info, *head)) loaded.apart = apart++;
    for (const std::string& name : head->classes) loaded.columns.push_back(taxonomy.find(name));
    loaded.scores =
        network_.output(head->output, rows, static_cast<std::int64_t>(loaded.columns.size()));
    heads_.push_back(std::move(loaded));
  }
}

std::vector<Candidate> Scene::look(const Frame& frame, const Box& region, const Floors& floors,
                                   const Findings& seen) {
  const Placement placement = network_.run(frame, region);
  const Window window{placement, frame, region, floors};
  const float least = *std::ranges::min_element(floors);
  likely_anchors_.clear();
  for (std::size_t i = 0; i < anchors_.size(); ++i)
    if (objectness_[i] >= least) likely_anchors_.push_back(i);
  heads_run_.assign(heads_.size(), false);
  std::vector<std::size_t> always, waiting;
  for (std::size_t i = 0; i < heads_.size(); ++i)
    (heads_[i].when.empty() ? always : waiting).push_back(i);
  std::vector<Candidate> candidates;
  run_heads(always);
  collect(always, window, candidates);
  std::erase_if(waiting, [&](std::size_t i) {
    return !are_of_kind(std::span<const Candidate>(candidates), heads_[i].when) &&
           !are_of_kind(seen, heads_[i].when);
  });
  run_heads(waiting);
  collect(waiting, window, candidates);
  return candidates;
}

// Where no anchor is likely no head can find anything, so those apart from the trunk are spared.
void Scene::run_heads(std::span<const std::size_t> heads) {
  std::vector<std::size_t> apart;
  for (const std::size_t i : heads) {
    heads_run_[i] = !heads_[i].apart || !likely_anchors_.empty();
    if (heads_[i].apart && heads_run_[i]) apart.push_back(*heads_[i].apart);
  }
  if (!apart.empty()) network_.run_heads(apart);
}

void Scene::collect(std::span<const std::size_t> heads, const Window& window,
                    std::vector<Candidate>& candidates) const {
  for (const std::size_t anchor : likely_anchors_) {
    for (const std::size_t number : heads) {
      const Head& head = heads_[number];
      const auto columns = head.columns.size();
      for (std::size_t column = 0; column < columns; ++column) {
        const ClassId id = head.columns[column];
        if (id == kNoClass) continue;
        const float score = objectness_[anchor] * head.scores[anchor * columns + column];
        if (!(score >= window.floors[static_cast<std::size_t>(id)])) continue;  // NaN neither
        const Box box = to_frame(anchor, window);
        if (!holds_a_pixel(box, window.frame.size) || is_cut(box, window.region)) continue;
        candidates.push_back({.id = id, .score = score, .box = box});
      }
    }
  }
}

Box Scene::to_frame(std::size_t anchor, const Window& window) const {
  const auto [cell_x, cell_y, stride] = anchors_[anchor];
  const float* code = &boxes_[anchor * 4];
  const float centre_x = (code[0] + cell_x) * stride, centre_y = (code[1] + cell_y) * stride;
  const float half_width = std::exp(code[2]) * stride / 2,
              half_height = std::exp(code[3]) * stride / 2;
  const Box& region = window.region;
  const Size size = window.frame.size;
  const float per_x = 1 / (window.placement.scale_x * static_cast<float>(size.width));
  const float per_y = 1 / (window.placement.scale_y * static_cast<float>(size.height));
  return clipped(
      {region.x0 + (centre_x - half_width) * per_x, region.y0 + (centre_y - half_height) * per_y,
       region.x0 + (centre_x + half_width) * per_x, region.y0 + (centre_y + half_height) * per_y});
}

}  // namespace camclassify
