#include "camclassify/engine.hpp"

#include "camclassify/error.hpp"
#include "engine/box.hpp"
#include "engine/camera.hpp"
#include "engine/classifier.hpp"
#include "engine/decoded_snapshot.hpp"
#include "engine/lanes.hpp"
#include "engine/latest_by_name.hpp"
#include "engine/mask.hpp"
#include "engine/resident_networks.hpp"
#include "engine/stopwatch.hpp"
#include "engine/taxonomy.hpp"

namespace camclassify {
namespace {

// A closed gate is trusted for so many frames; then one is classified whatever it says.
constexpr int kMostFramesClosed = 60;

constexpr float kRestOfThing = 0.4F;  // overlap of a thing with the rest of it that is not missing

EngineOptions checked(const EngineOptions& options) {
  if (options.lanes < 1 || options.lanes > kMostThreads) {
    throw Error("An engine cannot have " + std::to_string(options.lanes) +
                " lanes; choose between 1 and " + std::to_string(kMostThreads) + ".");
  }
  return options;
}

std::vector<Likeness> likenesses_of(const std::vector<KnownView>& views) {
  std::vector<Likeness> likenesses;
  likenesses.reserve(views.size());
  for (const KnownView& view : views) likenesses.push_back(view.likeness);
  return likenesses;
}

// What a request asks about a picture that shows one of its views, or none of them.
Request in_view(const Request& request, const std::optional<std::size_t>& known) {
  Request asked = request;
  asked.views.clear();
  if (!known) return asked;
  const KnownView& view = request.views[*known];
  asked.regions.insert(asked.regions.end(), view.regions.begin(), view.regions.end());
  asked.masks.insert(asked.masks.end(), view.masks.begin(), view.masks.end());
  return asked;
}

// The request with what is missing of the picture masked.
Request of_what_shows(const Request& request, const std::optional<Box>& missing) {
  Request asked = request;
  if (missing) asked.masks.push_back(polygon_of(*missing));
  return asked;
}

// Lets what stood in the part that is missing stand there still.
void keep_unseen(const Box& missing, const Result& before, Result& result) {
  for (const Detection& detection : before.detections) {
    const float x = (detection.box.x0 + detection.box.x1) / 2, y = detection.box.y1;
    if (x < missing.x0 || x > missing.x1 || y < missing.y0 || y > missing.y1) continue;
    std::erase_if(result.detections, [&](const Detection& cut) {
      return cut.name == detection.name && iou(cut.box, detection.box) >= kRestOfThing;
    });
    result.detections.push_back(detection);
    result.detections.back().remembered = true;
  }
}

// Whether a result for one request also answers the other, if the picture is the same.
bool is_same_question(const Request& a, const Request& b) {
  return a.regions == b.regions && a.masks == b.masks && a.features == b.features &&
         a.min_score == b.min_score;
}

std::vector<Box> boxes_of(const std::vector<Detection>& detections) {
  std::vector<Box> boxes;
  boxes.reserve(detections.size());
  for (const Detection& detection : detections) boxes.push_back(detection.box);
  return boxes;
}

}  // namespace

class Engine::Impl {
 public:
  explicit Impl(const EngineOptions& options)
      : options_(checked(options)),
        bundle_(load_bundle(options.bundle)),
        taxonomy_(bundle_, options.classes),
        networks_(bundle_, taxonomy_, options_),
        lanes_(options.lanes) {}

  Result classify(const Picture& picture, const Request& request) {
    check(request);
    if (request.camera.empty()) return classify(picture, request, nullptr);
    Result result;
    // Whoever waits for another snapshot of the camera keeps no lane meanwhile.
    cameras_.visit(request.camera,
                   [&](Camera& camera) { result = classify(picture, request, &camera); });
    return result;
  }

  std::vector<float> features(const Picture& picture, const Box& box, Regime regime) {
    check(box);
    DecodedSnapshot snapshot(picture);
    const Lanes::Loan lane = lanes_.take();
    std::vector<float> features =
        networks_.look(lane.number(), regime, kNoClass, snapshot, box)->features();
    if (features.empty())
      throw Error("The object network of the bundle '" + bundle_.name + "' gives no features.");
    return features;
  }

  void forget(const std::string& camera) { cameras_.forget(camera); }

  const Bundle& bundle() const { return bundle_; }
  ResidentNetworks& networks() { return networks_; }

 private:
  Result classify(const Picture& picture, const Request& request, Camera* camera) {
    const Lanes::Loan lane = lanes_.take();
    Result result;
    {
      const Stopwatch stopwatch(result.timing.total);
      DecodedSnapshot snapshot(picture);
      result.size = snapshot.size();
      if (camera) {
        classify_if_changed(lane.number(), snapshot, request, *camera, result);
      } else {
        snapshot.expect_look();
        snapshot.hide(request.masks);
        const Request shown = of_what_shows(request, snapshot.missing());
        classifier(lane.number(), snapshot, shown, nullptr).classify({}, result);
      }
      result.timing.decode = snapshot.decode_ms();
    }
    return result;
  }

  Classifier classifier(int lane, DecodedSnapshot& snapshot, const Request& request,
                        Camera* camera) {
    return {bundle_, taxonomy_, networks_, lane, snapshot, request, camera};
  }

  void classify_if_changed(int lane, DecodedSnapshot& snapshot, const Request& request,
                           Camera& camera, Result& result) {
    // Where something moved a moment ago it will move now, and the regime is seen in colours only.
    if (camera.frames_closed == 0) snapshot.expect_look();
    const Plane& luma = snapshot.luma();
    snapshot.complete_luma(camera.gate.reference());
    Request asked;
    ChangeGate::Verdict verdict;
    {
      const Stopwatch stopwatch(result.timing.gate);
      result.appearance = appearance_of(luma, camera.luma);
      Plane unmasked = luma;
      const auto before = camera.likeness;
      result.view = recognise(likeness_of(luma), before, likenesses_of(request.views));
      asked = in_view(request, result.view->known);
      snapshot.hide(asked.masks);
      // What is remembered is of places in the view that was left, or answers another question.
      if (result.view->moved || (camera.last && !is_same_question(camera.request, asked)))
        camera = Camera{};
      camera.luma = std::move(unmasked);
      camera.likeness = result.view->likeness ? result.view->likeness : before;
      verdict = camera.gate.test(luma);
    }
    if (!verdict.open && request.use_gate && camera.last && !camera.attention.is_searching() &&
        !camera.proposals.is_searching() && ++camera.frames_closed <= kMostFramesClosed) {
      result.changed = false;
      result.regime = camera.last->regime;
      result.detections = camera.last->detections;
      for (Detection& detection : result.detections) detection.remembered = true;
      result.proposals = camera.last->proposals;
      return;
    }
    const Request shown = of_what_shows(asked, snapshot.missing());
    classifier(lane, snapshot, shown, &camera).classify(verdict, result);
    if (snapshot.missing() && camera.last) keep_unseen(*snapshot.missing(), *camera.last, result);
    {
      const Stopwatch stopwatch(result.timing.gate);
      camera.gate.accept(luma, boxes_of(result.detections));
    }
    camera.request = std::move(asked);
    camera.last = result;
    camera.frames_closed = 0;
  }

  EngineOptions options_;
  Bundle bundle_;
  Taxonomy taxonomy_;
  ResidentNetworks networks_;
  Lanes lanes_;
  LatestByName<Camera> cameras_{kMostCameras};
};

Engine::Engine(const EngineOptions& options) : impl_(std::make_unique<Impl>(options)) {}
Engine::~Engine() = default;
Engine::Engine(Engine&&) noexcept = default;
Engine& Engine::operator=(Engine&&) noexcept = default;

Result Engine::classify(std::span<const std::byte> snapshot, const Request& request) {
  return impl_->classify(snapshot, request);
}

Result Engine::classify(const PlanarFrame& frame, const Request& request) {
  return impl_->classify(frame, request);
}

std::vector<float> Engine::features(std::span<const std::byte> snapshot, const Box& box,
                                    Regime regime) {
  return impl_->features(snapshot, box, regime);
}

std::vector<float> Engine::features(const PlanarFrame& frame, const Box& box, Regime regime) {
  return impl_->features(frame, box, regime);
}

std::size_t Engine::feature_length() { return impl_->networks().feature_length(); }
void Engine::forget(const std::string& camera) { impl_->forget(camera); }
const Bundle& Engine::bundle() const { return impl_->bundle(); }
std::vector<ActiveNetwork> Engine::networks() const { return impl_->networks().loaded(); }
std::vector<std::string> Engine::active_heads() const { return impl_->networks().heads(); }
std::vector<std::int64_t> Engine::head_runs() const { return impl_->networks().head_runs(); }

}  // namespace camclassify
