#include "engine/scene.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

#include "engine/box.hpp"

namespace camclassify {
namespace {

// More would keep more memory than they save work: planning a size takes less than a look at it.
constexpr std::size_t kMostSizes = 8;

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

bool takes(const SceneNetwork& info, Size input) {
  const auto& sides = *info.input.sides;
  return std::ranges::all_of(std::array{input.width, input.height}, [&](int side) {
    return side >= sides.first && side <= sides.second &&
           std::ranges::all_of(info.strides, [&](int stride) { return side % stride == 0; });
  });
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
             const EngineOptions& options, std::shared_ptr<Workspace> workspace)
    : Scene(info, make_heads(info, bundle, taxonomy),
            LoadedNetwork(info.name, info.files, info.input,
                          outputs_of(info, needed_heads(info, bundle, taxonomy)), options,
                          std::move(workspace))) {}

Scene::Scene(const SceneNetwork& info, std::vector<Head> heads, LoadedNetwork network)
    : info_(info), heads_(std::move(heads)), usual_(sized(std::move(network))) {}

Scene Scene::in(std::shared_ptr<Workspace> workspace) const {
  return {info_, heads_, usual_.network.in(std::move(workspace))};
}

std::vector<Scene::Head> Scene::make_heads(const SceneNetwork& info, const Bundle& bundle,
                                           const Taxonomy& taxonomy) {
  std::vector<Head> heads;
  std::size_t apart = 0;
  for (const SceneHead* head : needed_heads(info, bundle, taxonomy)) {
    Head loaded{head->output, {}, {}, {}};
    if (!head->when.empty()) loaded.when = taxonomy.kinds_of(head->when);
    if (is_apart(info, *head)) loaded.apart = apart++;
    for (const std::string& name : head->classes) loaded.columns.push_back(taxonomy.find(name));
    heads.push_back(std::move(loaded));
  }
  return heads;
}

Scene::Sized Scene::sized(LoadedNetwork network) const {
  const Size size = network.input().size;
  std::int64_t rows = 0;
  for (const int stride : info_.strides) rows += (size.width / stride) * (size.height / stride);
  Sized sized{std::move(network), {}, {}, {}};
  sized.boxes = sized.network.output(info_.boxes_output, rows, 4);
  sized.objectness = sized.network.output(info_.objectness_output, rows, 1);
  for (const Head& head : heads_)
    sized.scores.push_back(
        sized.network.output(head.output, rows, static_cast<std::int64_t>(head.columns.size())));
  return sized;
}

Scene::Sized& Scene::at(Size input) {
  // Windows are chosen for the first network of a regime; another one may not take their size.
  if (!info_.input.sides || input == info_.input.size || !takes(info_, input)) return usual_;
  const auto found = std::ranges::find_if(
      others_, [&](const Sized& sized) { return sized.network.input().size == input; });
  if (found != others_.end()) {
    others_.splice(others_.begin(), others_, found);
  } else {
    if (others_.size() == kMostSizes) others_.pop_back();
    others_.push_front(sized(usual_.network.resized(input)));
  }
  return others_.front();
}

std::vector<Candidate> Scene::look(const Frame& frame, const Window& window, const Floors& floors,
                                   const Findings& seen) {
  Sized& sized = at(window.input);
  const Placement placement = sized.network.run(frame, window.region);
  const Look look{sized, placement, frame, window.region, floors};
  const float least = *std::ranges::min_element(floors);
  likely_anchors_.clear();
  for (std::size_t i = 0; i < sized.objectness.size(); ++i)
    if (sized.objectness[i] >= least) likely_anchors_.push_back(i);
  heads_run_.assign(heads_.size(), false);
  std::vector<std::size_t> always, waiting;
  for (std::size_t i = 0; i < heads_.size(); ++i)
    (heads_[i].when.empty() ? always : waiting).push_back(i);
  std::vector<Candidate> candidates;
  run_heads(always, sized);
  collect(always, look, candidates);
  std::erase_if(waiting, [&](std::size_t i) {
    return !are_of_kind(std::span<const Candidate>(candidates), heads_[i].when) &&
           !are_of_kind(seen, heads_[i].when);
  });
  run_heads(waiting, sized);
  collect(waiting, look, candidates);
  return candidates;
}

// Where no anchor is likely no head can find anything, so those apart from the trunk are spared.
void Scene::run_heads(std::span<const std::size_t> heads, Sized& sized) {
  std::vector<std::size_t> apart;
  for (const std::size_t i : heads) {
    heads_run_[i] = !heads_[i].apart || !likely_anchors_.empty();
    if (heads_[i].apart && heads_run_[i]) apart.push_back(*heads_[i].apart);
  }
  if (!apart.empty()) sized.network.run_heads(apart);
}

void Scene::collect(std::span<const std::size_t> heads, const Look& look,
                    std::vector<Candidate>& candidates) const {
  for (const std::size_t anchor : likely_anchors_) {
    for (const std::size_t number : heads) {
      const Head& head = heads_[number];
      const auto columns = head.columns.size();
      for (std::size_t column = 0; column < columns; ++column) {
        const ClassId id = head.columns[column];
        if (id == kNoClass) continue;
        const float score =
            look.sized.objectness[anchor] * look.sized.scores[number][anchor * columns + column];
        if (!(score >= look.floors[static_cast<std::size_t>(id)])) continue;  // NaN neither
        const Box box = to_frame(anchor, look);
        if (!holds_a_pixel(box, whole_size(look.frame)) || is_cut(box, look.region)) continue;
        candidates.push_back({.id = id, .score = score, .box = box});
      }
    }
  }
}

Scene::Anchor Scene::anchor(std::size_t index, Size input) const {
  auto rest = static_cast<int>(index);
  for (const int stride : info_.strides) {
    const int columns = input.width / stride, cells = columns * (input.height / stride);
    if (rest < cells) {
      const int x = rest % columns, y = rest / columns;
      return {static_cast<float>(x), static_cast<float>(y), static_cast<float>(stride)};
    }
    rest -= cells;
  }
  return {};  // beyond the last
}

Box Scene::to_frame(std::size_t index, const Look& look) const {
  const auto [cell_x, cell_y, stride] = anchor(index, look.sized.network.input().size);
  const float* code = &look.sized.boxes[index * 4];
  const float centre_x = (code[0] + cell_x) * stride, centre_y = (code[1] + cell_y) * stride;
  const float half_width = std::exp(code[2]) * stride / 2,
              half_height = std::exp(code[3]) * stride / 2;
  const Box& region = look.region;
  const Size size = whole_size(look.frame);
  const float per_x = 1 / (look.placement.scale_x * static_cast<float>(size.width));
  const float per_y = 1 / (look.placement.scale_y * static_cast<float>(size.height));
  return clipped(
      {region.x0 + (centre_x - half_width) * per_x, region.y0 + (centre_y - half_height) * per_y,
       region.x0 + (centre_x + half_width) * per_x, region.y0 + (centre_y + half_height) * per_y});
}

}  // namespace camclassify
