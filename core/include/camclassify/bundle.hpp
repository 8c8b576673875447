#pragma once

#include <array>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "camclassify/image.hpp"

namespace camclassify {

// Lighting condition.
enum class Regime : std::uint8_t { kDay, kDusk, kNight };
inline constexpr std::size_t kRegimeCount = 3;
std::string_view name_of(Regime regime);

enum class Precision : std::uint8_t { kFp32, kInt8 };

struct ClassInfo {
  std::string name;                           // "delivery_truck"
  std::vector<std::string> parents;           // "vehicle"; nearest first; empty for a root
  std::array<float, kRegimeCount> threshold;  // score at which a detection counts, per regime
  bool on_by_default = false;
};

// See docs/bundle.md, which this mirrors member by member.
struct NetworkFile {
  Precision precision = Precision::kFp32;
  bool fused = true;
  std::filesystem::path path;
};

struct InputInfo {
  std::string name;
  Size size;
  Fit fit = Fit::kLetterbox;
  ChannelOrder order = ChannelOrder::kRgb;
  std::uint8_t pad = 114;
  // Of a fully convolutional network: the least and the most of width and height, which may be any
  // multiple of its largest stride in between. Absent: `size` only.
  std::optional<std::pair<int, int>> sides = {};
};

// A head of a scene network: one class group's columns of the predictors.
struct SceneHead {
  std::string name;                  // "people"
  std::string output;                // N x anchors x classes, scores 0..1 (after the sigmoid)
  std::vector<std::string> classes;  // a class of the bundle per column; "" where none
  // Run only where something was found that is, or may be, of one of these; empty: always.
  std::vector<std::string> when = {};
};

// How the heads of a scene network are run once the trunk has.
enum class Execution : std::uint8_t {
  kSerial,    // with the trunk, one after the other
  kParallel,  // side by side, a thread each
};

struct SceneNetwork {
  std::string name;
  std::vector<Regime> regimes;  // active in these
  std::vector<NetworkFile> files;
  InputInfo input;
  std::string boxes_output;       // N x anchors x 4: cx, cy offsets and log w, log h per cell
  std::string objectness_output;  // N x anchors x 1, 0..1
  std::vector<int> strides;       // of the levels, in the anchors' order
  std::vector<SceneHead> heads;
  Execution execution = Execution::kSerial;
  // Run only where a scene network before it found something that may be of one of these classes;
  // empty: always.
  std::vector<std::string> when = {};
};

// A group of classifier rows that stand for one class: its score is the sum of their softmax.
struct SpecialistClass {
  std::string name;
  std::vector<int> rows;
};

// A head of the object network: refines detections of `refines` into finer classes.
struct Specialist {
  std::string name;                  // "vehicle_kinds"
  std::string output;                // N x rows, logits
  std::vector<std::string> refines;  // scene classes whose crops it looks at
  std::vector<SpecialistClass> classes;
  float min_score = 0.5F;   // of the winning class
  float min_margin = 0.2F;  // to the second best; below, the scene class stays
};

struct ObjectNetwork {
  std::string name;
  std::vector<Regime> regimes;
  std::vector<NetworkFile> files;
  InputInfo input;
  float crop_margin = 0.15F;    // of the box, added on each side
  std::string features_output;  // N x C: what taught classes are fitted on
  std::vector<Specialist> specialists;
};

// Which networks are in memory, where they differ between regimes.
enum class Resident : std::uint8_t {
  kAll,     // those of every regime
  kActive,  // those of the regimes that cameras are in; a regime's are loaded when it comes
};

struct Bundle {
  std::string name;
  std::string version;
  std::vector<ClassInfo> classes;
  // All scene networks that are active in a regime run on a frame: one for "one large network" and
  // "trunk + heads", one per group for class-group networks, one per regime for time-of-day
  // networks.
  std::vector<SceneNetwork> scenes;
  std::vector<ObjectNetwork> objects;
  Resident resident = Resident::kAll;

  const ClassInfo* find_class(std::string_view wanted) const;
};

// Reads `directory`/bundle.json and checks that every file and every class it names exists.
// Throws BundleError naming the key at fault.
Bundle load_bundle(const std::filesystem::path& directory);

}  // namespace camclassify
