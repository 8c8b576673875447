#include "camclassify/bundle.hpp"

#include <algorithm>
#include <string>
#include <system_error>

#include "engine/json_value.hpp"

namespace camclassify {
namespace {

constexpr std::array<std::string_view, kRegimeCount> kRegimeNames = {"day", "dusk", "night"};

// The value of a table of names, by name.
template <class T, std::size_t kCount>
T choice(const JsonValue& value, const std::array<std::pair<std::string_view, T>, kCount>& names) {
  const std::string text = value.text();
  std::string known;
  for (const auto& [name, choice] : names) {
    if (name == text) return choice;
    known += (known.empty() ? "'" : ", '") + std::string(name) + "'";
  }
  value.fail("is '" + text + "', but must be one of " + known);
}

Regime read_regime(const JsonValue& value) {
  return choice<Regime, kRegimeCount>(value, {{{kRegimeNames[0], Regime::kDay},
                                               {kRegimeNames[1], Regime::kDusk},
                                               {kRegimeNames[2], Regime::kNight}}});
}

std::vector<Regime> read_regimes(const JsonValue& network) {
  if (!network.has("regimes")) return {Regime::kDay, Regime::kDusk, Regime::kNight};
  std::vector<Regime> regimes;
  for (const JsonValue& item : network.at("regimes").items()) regimes.push_back(read_regime(item));
  if (regimes.empty()) network.at("regimes").fail("must name at least one regime");
  return regimes;
}

// Whether a file that exists is below a directory, links followed.
bool is_inside(const std::filesystem::path& file, const std::filesystem::path& directory) {
  std::error_code error;
  const auto outer = std::filesystem::canonical(directory, error);
  const auto inner = std::filesystem::canonical(file, error);
  return !error && std::ranges::mismatch(outer, inner).in1 == outer.end();
}

float read_fraction(const JsonValue& value) { return value.real(0, 1); }

class BundleReader {
 public:
  explicit BundleReader(const std::filesystem::path& directory)
      : directory_(directory), root_(JsonValue::read(directory / "bundle.json", document_)) {}

  Bundle read() {
    constexpr int kFormat = 1;
    if (root_.has("format") && root_.at("format").integer(1, 1'000'000) != kFormat)
      root_.at("format").fail("is of a later version: update CamClassify to use this bundle");
    bundle_.name = root_.at("name").text();
    bundle_.version = root_.at("version").text();
    for (const JsonValue& item : root_.at("classes").items()) read_class(item);
    check_parents();
    for (const JsonValue& item : root_.at("scenes").items())
      bundle_.scenes.push_back(read_scene(item));
    if (root_.has("objects"))
      for (const JsonValue& item : root_.at("objects").items())
        bundle_.objects.push_back(read_object(item));
    check_regimes();
    bundle_.resident = root_.value_or("resident", bundle_.resident, [](const JsonValue& v) {
      return choice<Resident, 2>(v, {{{"all", Resident::kAll}, {"active", Resident::kActive}}});
    });
    return std::move(bundle_);
  }

 private:
  void read_class(const JsonValue& value) {
    ClassInfo info;
    info.name = value.at("name").text();
    if (info.name.empty()) value.at("name").fail("must not be empty");
    if (bundle_.find_class(info.name)) value.at("name").fail("names a class twice");
    if (value.has("parents")) info.parents = value.at("parents").texts();
    const JsonValue threshold = value.at("threshold");
    for (std::size_t i = 0; i < kRegimeCount; ++i)
      info.threshold[i] =
          read_fraction(threshold.is_object() ? threshold.at(kRegimeNames[i]) : threshold);
    info.on_by_default =
        value.value_or("on_by_default", false, [](const JsonValue& v) { return v.boolean(); });
    bundle_.classes.push_back(std::move(info));
  }

  // A parent's own parents must be among its children's, or a chain could end in a circle.
  void check_parents() const {
    for (const JsonValue& item : root_.at("classes").items()) {
      if (!item.has("parents")) continue;
      const std::vector<std::string> parents = item.at("parents").texts();
      for (const std::string& name : parents) {
        const ClassInfo* parent = bundle_.find_class(name);
        if (!parent) item.at("parents").fail("names the unknown class '" + name + "'");
        for (const std::string& grandparent : parent->parents)
          if (std::ranges::find(parents, grandparent) == parents.end() ||
              grandparent == item.at("name").text())
            item.at("parents").fail(std::string("must also name '")
                                        .append(grandparent)
                                        .append("', a parent of '")
                                        .append(name)
                                        .append("'"));
      }
    }
  }

  void check_regimes() const {
    for (std::size_t i = 0; i < kRegimeCount; ++i) {
      const auto first = std::ranges::find_if(bundle_.scenes, [&](const SceneNetwork& scene) {
        return std::ranges::find(scene.regimes, static_cast<Regime>(i)) != scene.regimes.end();
      });
      const std::string regime = "the regime '" + std::string(kRegimeNames[i]) + "'";
      if (first == bundle_.scenes.end()) root_.at("scenes").fail("has no network for " + regime);
      if (!first->when.empty())
        root_.at("scenes").fail("starts " + regime + " with a network that waits for another's " +
                                "findings ('when')");
    }
  }

  std::string read_class_name(const JsonValue& value) const {
    std::string name = value.text();
    if (!name.empty() && !bundle_.find_class(name))
      value.fail("names the class '" + name + "', which is not among 'classes'");
    return name;
  }

  std::vector<std::string> read_class_names(const JsonValue& value) const {
    std::vector<std::string> names;
    for (const JsonValue& item : value.items()) names.push_back(read_class_name(item));
    if (names.empty()) value.fail("must name at least one class");
    return names;
  }

  std::vector<NetworkFile> read_files(const JsonValue& value) const {
    std::vector<NetworkFile> files;
    for (const JsonValue& item : value.items()) {
      NetworkFile file;
      file.precision = choice<Precision, 2>(
          item.at("precision"), {{{"fp32", Precision::kFp32}, {"int8", Precision::kInt8}}});
      file.fused = item.at("fused").boolean();
      const JsonValue path = item.at("path");
      const std::filesystem::path relative = path.text();
      if (relative.is_absolute() || std::ranges::find(relative, "..") != relative.end())
        path.fail("must stay inside the bundle");
      file.path = directory_ / relative;
      std::error_code error;  // of a name that no file system allows: then it is not there either
      if (!std::filesystem::is_regular_file(file.path, error))
        path.fail("names '" + relative.string() + "', which is not in the bundle");
      if (!is_inside(file.path, directory_)) path.fail("must stay inside the bundle");
      files.push_back(std::move(file));
    }
    if (files.empty()) value.fail("must name at least one file");
    return files;
  }

  static constexpr int kLeastSide = 8, kMostSide = 4096;  // of a network's input

  static InputInfo read_input(const JsonValue& value) {
    InputInfo input;
    input.name = value.at("name").text();
    input.size = {value.at("width").integer(kLeastSide, kMostSide),
                  value.at("height").integer(kLeastSide, kMostSide)};
    input.fit = choice<Fit, 2>(value.at("fit"),
                               {{{"letterbox", Fit::kLetterbox}, {"stretch", Fit::kStretch}}});
    input.order = choice<ChannelOrder, 2>(
        value.at("order"), {{{"rgb", ChannelOrder::kRgb}, {"bgr", ChannelOrder::kBgr}}});
    input.pad = static_cast<std::uint8_t>(value.value_or(
        "pad", int{input.pad}, [](const JsonValue& v) { return v.integer(0, 255); }));
    return input;
  }

  static std::pair<int, int> read_sides(const JsonValue& value, const std::vector<int>& strides) {
    const std::vector<JsonValue> both = value.items();
    if (both.size() != 2) value.fail("must be the least and the most of width and height");
    const int step = *std::ranges::max_element(strides);
    const int least = both[0].integer(kLeastSide, kMostSide);
    const int most = both[1].integer(least, kMostSide);
    if (least % step != 0 || most % step != 0)
      value.fail("must be multiples of the largest stride, " + std::to_string(step));
    return {least, most};
  }

  SceneNetwork read_scene(const JsonValue& value) const {
    constexpr int kMostStride = 256;
    SceneNetwork scene;
    scene.name = value.at("name").text();
    scene.regimes = read_regimes(value);
    scene.files = read_files(value.at("files"));
    scene.input = read_input(value.at("input"));
    scene.boxes_output = value.at("boxes").text();
    scene.objectness_output = value.at("objectness").text();
    for (const JsonValue& item : value.at("strides").items()) {
      const int stride = item.integer(1, kMostStride);
      if (scene.input.size.width % stride != 0 || scene.input.size.height % stride != 0)
        item.fail("must divide the input's width and height");
      scene.strides.push_back(stride);
    }
    if (scene.strides.empty()) value.at("strides").fail("must have at least one stride");
    for (const JsonValue& item : value.at("heads").items())
      scene.heads.push_back({item.at("name").text(), item.at("output").text(),
                             read_class_names(item.at("classes")), read_when(item)});
    if (value.at("input").has("sides"))
      scene.input.sides = read_sides(value.at("input").at("sides"), scene.strides);
    if (scene.heads.empty()) value.at("heads").fail("must have at least one head");
    if (std::ranges::all_of(scene.heads, [](const auto& head) { return !head.when.empty(); }))
      value.at("heads").fail("must have at least one head that is always run");
    scene.execution = value.value_or("execution", scene.execution, [](const JsonValue& v) {
      return choice<Execution, 2>(
          v, {{{"serial", Execution::kSerial}, {"parallel", Execution::kParallel}}});
    });
    scene.when = read_when(value);
    return scene;
  }

  std::vector<std::string> read_when(const JsonValue& value) const {
    if (!value.has("when") || value.at("when").items().empty()) return {};
    return read_class_names(value.at("when"));
  }

  Specialist read_specialist(const JsonValue& value) const {
    constexpr int kMostRows = 1'000'000;
    Specialist specialist;
    specialist.name = value.at("name").text();
    specialist.output = value.at("output").text();
    specialist.refines = read_class_names(value.at("refines"));
    for (const JsonValue& item : value.at("classes").items()) {
      SpecialistClass entry{read_class_name(item.at("name")), {}};
      for (const JsonValue& row : item.at("rows").items())
        entry.rows.push_back(row.integer(0, kMostRows));
      specialist.classes.push_back(std::move(entry));
    }
    if (specialist.classes.empty()) value.at("classes").fail("must have at least one class");
    specialist.min_score = value.value_or("min_score", specialist.min_score, read_fraction);
    specialist.min_margin = value.value_or("min_margin", specialist.min_margin, read_fraction);
    return specialist;
  }

  ObjectNetwork read_object(const JsonValue& value) const {
    ObjectNetwork object;
    object.name = value.at("name").text();
    object.regimes = read_regimes(value);
    object.files = read_files(value.at("files"));
    object.input = read_input(value.at("input"));
    object.crop_margin = value.value_or("crop_margin", object.crop_margin,
                                        [](const JsonValue& v) { return v.real(0, 2); });
    object.features_output =
        value.value_or("features", std::string(), [](const JsonValue& v) { return v.text(); });
    for (const JsonValue& item : value.at("specialists").items())
      object.specialists.push_back(read_specialist(item));
    return object;
  }

  std::filesystem::path directory_;
  nlohmann::json document_;
  JsonValue root_;
  Bundle bundle_;
};

}  // namespace

std::string_view name_of(Regime regime) { return kRegimeNames[static_cast<std::size_t>(regime)]; }

const ClassInfo* Bundle::find_class(std::string_view wanted) const {
  const auto found = std::ranges::find(classes, wanted, &ClassInfo::name);
  return found == classes.end() ? nullptr : &*found;
}

Bundle load_bundle(const std::filesystem::path& directory) {
  return BundleReader(directory).read();
}

}  // namespace camclassify
