#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "camclassify/appearance.hpp"
#include "camclassify/bundle.hpp"
#include "camclassify/image.hpp"
#include "camclassify/network.hpp"
#include "camclassify/planar_frame.hpp"
#include "camclassify/view.hpp"

namespace camclassify {

// Milliseconds that a network takes to run on this machine in each precision; 0: it was not tried.
struct Speeds {
  double fp32 = 0, int8 = 0;

  double& in(Precision precision) { return precision == Precision::kFp32 ? fp32 : int8; }
  friend bool operator==(const Speeds&, const Speeds&) = default;
};

struct EngineOptions {
  std::filesystem::path bundle;
  std::optional<Runner> runner = {};        // as NetworkOptions has it
  std::optional<Precision> precision = {};  // absent: what runs faster on this machine
  bool fused = true;
  int lanes = 1;                     // snapshots that are answered at a time, 1..kMostThreads
  int threads = 1;                   // of each lane, 1..kMostThreads
  std::vector<std::string> classes;  // wanted; empty: all. Heads that serve none are not run.
  // Of networks, by name, as ActiveNetwork::speeds told it before on this machine of this bundle
  // with these options: they are not measured again.
  std::map<std::string, Speeds> speeds = {};
};

// Corners as fractions of the frame, 0..1.
using Polygon = std::vector<std::pair<float, float>>;

// A view of a camera, and what holds in this view only, besides what holds in all of them.
struct KnownView {
  Likeness likeness;
  std::vector<Box> regions;
  std::vector<Polygon> masks;
};

// What a caller knows about a snapshot.
struct Request {
  std::string camera;  // key of the per-camera memory (gate, verdicts); "" for none
  // Degrees, -90..90; absent: the regime comes from the picture alone.
  std::optional<float> sun_elevation;
  // In every view, as those of `views` together with them: looked at more closely, besides the
  // whole frame, at most 64; and never looked at, at most 256, of 16384 points.
  std::vector<Box> regions;
  std::vector<Polygon> masks;
  bool use_gate = true;   // false: classify even if nothing changed
  bool features = false;  // also return each object's features, where there are any
  // Score above which detections are returned, 0..1; default: the bundle's thresholds of the
  // regime.
  std::optional<float> min_score;
  // Above 0, up to 1: of what the networks do otherwise. With less, what rests is looked at again
  // more rarely; below a half, fewer windows of a frame are looked at.
  float effort = 1;
  std::vector<KnownView> views;  // of the camera, the latest first; at most 16
};

// Throw Error if a box is no part of the frame, or a value of a request is out of its range. Engine
// checks what it is given.
void check(const Box& box);
void check(const Request& request);

// A part of the frame that a scene network looked at, and the size of its input for that.
struct Window {
  Box region;
  Size input;
  friend bool operator==(const Window&, const Window&) = default;
};

struct Detection {
  std::string name;  // class
  float score = 0;   // 0..1
  Box box;
  std::vector<float> features;  // of the object network, if asked for
  bool remembered = false;      // what it is was not looked at in this frame, but in an earlier one
};

struct Timing {  // milliseconds of wall time
  double decode = 0, gate = 0, scene = 0, object = 0, total = 0;
};

struct Result {
  Size size;  // of the snapshot
  Regime regime = Regime::kDay;
  bool changed =
      true;  // false: the gate was closed; the detections are those of the last frame classified
  std::vector<Detection> detections;
  std::vector<Window> windows;  // that were looked at; none if the gate was closed
  std::vector<Box> proposals;   // what moves, or moved to where it is, and is of no known class
  std::optional<View> view;     // if the request names a camera
  std::optional<Appearance> appearance;  // likewise
  Timing timing;
};

// A network that an engine has loaded, and how it runs.
struct ActiveNetwork {
  std::string name;
  Runner runner = Runner::kDirect;
  Precision precision = Precision::kFp32;
  bool fused = true;
  Speeds speeds = {};  // that decided on the precision; 0 if there was no choice
};

// Loads a bundle, answers classify(snapshot). Threads may call it at the same time: as many
// snapshots are answered side by side as there are lanes, each on the same weights, and those of
// one camera one after the other. Who finds no free lane waits for one.
class Engine {
 public:
  explicit Engine(const EngineOptions& options);
  ~Engine();
  Engine(Engine&&) noexcept;
  Engine& operator=(Engine&&) noexcept;

  // Throws SnapshotError, BundleError, Error (a request out of range). Remembers so many cameras,
  // those that were looked at last. The answer does not depend on what other lanes do.
  static constexpr std::size_t kMostCameras = 256;
  Result classify(std::span<const std::byte> snapshot, const Request& request);

  // Of a frame that somebody else decoded: what a lossless snapshot of to_rgb(frame) gives, to the
  // last bit, as long as the change gate says the same of both.
  Result classify(const PlanarFrame& frame, const Request& request);

  // Throws as classify(), and Error if no object network gives features in the regime. Features of
  // the object in `box`: one row of the object network's features output.
  std::vector<float> features(std::span<const std::byte> snapshot, const Box& box, Regime regime);
  std::vector<float> features(const PlanarFrame& frame, const Box& box, Regime regime);

  // How many numbers features() gives; 0 if the bundle has no object network, or one without a
  // features output. The first call may load that network. Throws BundleError, Error.
  std::size_t feature_length();

  // Drops the per-camera memory; a snapshot of it that is being answered leaves none behind.
  void forget(const std::string& camera);

  const Bundle& bundle() const;
  std::vector<ActiveNetwork> networks() const;
  // Names of the heads that classify() may run, after classes were selected: "scene/people", ...
  std::vector<std::string> active_heads() const;
  // How often each head has run, in the order of active_heads().
  std::vector<std::int64_t> head_runs() const;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace camclassify
