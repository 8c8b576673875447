#include "camclassify/bundle.hpp"

#include <doctest/doctest.h>
#include <unistd.h>

#include <fstream>
#include <functional>
#include <nlohmann/json.hpp>
#include <random>

#include "camclassify/error.hpp"

namespace camclassify {
namespace {

using Json = nlohmann::json;

// A bundle's directory, gone with the object. The networks in it are empty files.
class Directory {
 public:
  explicit Directory(const std::string& text) {
    std::filesystem::create_directory(path_);
    std::ofstream(path_ / "bundle.json") << text;
    std::ofstream(path_ / "scene.onnx") << "";
    std::ofstream(path_ / "object.onnx") << "";
  }
  ~Directory() { std::filesystem::remove_all(path_); }
  Directory(const Directory&) = delete;
  Directory& operator=(const Directory&) = delete;

  Bundle load() const { return load_bundle(path_); }

 private:
  static inline int count_ = 0;
  std::filesystem::path path_ =
      std::filesystem::temp_directory_path() /
      ("camclassify-bundle-" + std::to_string(getpid()) + "-" + std::to_string(count_++));
};

Json make_json() {
  return Json::parse(R"({
    "format": 1, "name": "test", "version": "3",
    "classes": [
      {"name": "person", "threshold": 0.4, "on_by_default": true},
      {"name": "vehicle", "threshold": {"day": 0.4, "dusk": 0.5, "night": 0.6}},
      {"name": "car", "parents": ["vehicle"], "threshold": 0.4}],
    "scenes": [{
      "name": "scene", "files": [{"precision": "fp32", "fused": false, "path": "scene.onnx"}],
      "input": {"name": "picture", "width": 416, "height": 256, "fit": "letterbox", "order": "bgr", "pad": 114},
      "boxes": "boxes", "objectness": "objectness", "strides": [8, 16, 32],
      "heads": [{"name": "all", "output": "all", "classes": ["person", "vehicle", ""]}]}],
    "objects": [{
      "name": "object", "regimes": ["day"], "files": [{"precision": "int8", "fused": true, "path": "object.onnx"}],
      "input": {"name": "picture", "width": 224, "height": 224, "fit": "stretch", "order": "rgb"},
      "crop_margin": 0.1, "features": "features",
      "specialists": [{"name": "kinds", "output": "logits", "refines": ["vehicle"],
                       "classes": [{"name": "car", "rows": [1, 2]}, {"name": "", "rows": [0]}], "min_score": 0.6}]}]
  })");
}

TEST_CASE("a bundle is read member by member") {
  const Bundle bundle = Directory(make_json().dump()).load();
  CHECK(bundle.name == "test");
  CHECK(bundle.version == "3");
  REQUIRE(bundle.find_class("car"));
  CHECK(bundle.find_class("car")->parents == std::vector<std::string>{"vehicle"});
  CHECK(bundle.find_class("vehicle")->threshold[2] == doctest::Approx(0.6));
  CHECK(bundle.find_class("person")->on_by_default);
  CHECK_FALSE(bundle.find_class("unicorn"));
  const SceneNetwork& scene = bundle.scenes.at(0);
  CHECK(scene.regimes.size() == kRegimeCount);
  CHECK(scene.input.size == Size{416, 256});
  CHECK(scene.input.order == ChannelOrder::kBgr);
  CHECK(scene.files.at(0).path.filename() == "scene.onnx");
  CHECK(scene.heads.at(0).classes.size() == 3);
  const ObjectNetwork& object = bundle.objects.at(0);
  CHECK(object.regimes == std::vector{Regime::kDay});
  CHECK(object.input.fit == Fit::kStretch);
  CHECK(object.files.at(0).precision == Precision::kInt8);
  CHECK(object.specialists.at(0).classes.at(0).rows == std::vector{1, 2});
  CHECK(object.specialists.at(0).min_score == doctest::Approx(0.6));
}

TEST_CASE("how networks are run and kept is read, and has defaults") {
  const Bundle plain = Directory(make_json().dump()).load();
  CHECK(plain.resident == Resident::kAll);
  CHECK(plain.scenes.at(0).execution == Execution::kSerial);
  CHECK(plain.scenes.at(0).when.empty());
  Json json = make_json();
  json["resident"] = "active";
  json["scenes"][0]["execution"] = "parallel";
  json["scenes"][0]["heads"].push_back(Json::parse(
      R"({"name": "cars", "output": "cars", "classes": ["car"], "when": ["vehicle"]})"));
  json["scenes"].push_back(json["scenes"][0]);
  json["scenes"][1]["when"] = Json::array({"person"});
  const Bundle bundle = Directory(json.dump()).load();
  CHECK(bundle.resident == Resident::kActive);
  CHECK(bundle.scenes.at(0).execution == Execution::kParallel);
  CHECK(bundle.scenes.at(0).heads.at(0).when.empty());
  CHECK(bundle.scenes.at(0).heads.at(1).when == std::vector<std::string>{"vehicle"});
  CHECK(bundle.scenes.at(1).when == std::vector<std::string>{"person"});
}

TEST_CASE("every mistake is reported with the file and the key at fault") {
  struct Mistake {
    const char* pointer;
    Json value;  // discarded: the key is removed
    const char* key;
  };
  const Json kRemoved = Json(Json::value_t::discarded);
  const std::vector<Mistake> mistakes = {
      {"/format", 2, "'format' is of a later version"},
      {"/name", kRemoved, "'name' is missing"},
      {"/classes/0/name", "", "'classes[0].name'"},
      {"/classes/0/name", std::string("per\0son", 7), "'classes[0].name' must not hold a zero"},
      {"/classes/1/name", "person", "'classes[1].name' names a class twice"},
      {"/classes/0/threshold", 1.5, "'classes[0].threshold' must be a number from 0 to 1"},
      {"/classes/1/threshold/dusk", kRemoved, "'classes[1].threshold.dusk' is missing"},
      {"/classes/2/parents", Json::array({"boat"}),
       "'classes[2].parents' names the unknown class 'boat'"},
      {"/classes/1/parents", Json::array({"car"}), "'classes[1].parents'"},
      {"/scenes", Json::array(), "'scenes' has no network for the regime 'day'"},
      {"/scenes/0/regimes", Json::array({"noon"}), "'scenes[0].regimes[0]' is 'noon'"},
      {"/scenes/0/files", Json::array(), "'scenes[0].files'"},
      {"/scenes/0/files/0/path", "gone.onnx", "'scenes[0].files[0].path' names 'gone.onnx'"},
      {"/scenes/0/files/0/path", std::string(5000, 'x'), "'scenes[0].files[0].path' names"},
      {"/scenes/0/files/0/path", "../scene.onnx", "must stay inside the bundle"},
      {"/scenes/0/files/0/path", "/etc/passwd", "must stay inside the bundle"},
      {"/scenes/0/files/0/precision", "fp64", "must be one of 'fp32', 'int8'"},
      {"/scenes/0/input/width", 0, "'scenes[0].input.width' must be a whole number"},
      {"/scenes/0/input/width", 4.5, "'scenes[0].input.width' must be a whole number"},
      {"/scenes/0/input/fit", "crop", "'scenes[0].input.fit'"},
      {"/scenes/0/input/sides", 64, "'scenes[0].input.sides' must be a list"},
      {"/scenes/0/input/sides", {64}, "'scenes[0].input.sides' must be the least and the most"},
      {"/scenes/0/input/sides", {96, 64}, "'scenes[0].input.sides[1]' must be"},
      {"/scenes/0/input/sides", {64, 100}, "'scenes[0].input.sides' must be multiples of"},
      {"/scenes/0/input/sides", {64, 8192}, "'scenes[0].input.sides[1]' must be"},
      {"/scenes/0/strides", Json::array(), "'scenes[0].strides' must have at least one"},
      {"/scenes/0/strides/1", 15, "'scenes[0].strides[1]' must divide"},
      {"/scenes/0/heads", Json::array(), "'scenes[0].heads'"},
      {"/scenes/0/heads/0/when", Json::array({"person"}), "at least one head that is always run"},
      {"/scenes/0/when", Json::array({"boat"}), "'scenes[0].when[0]' names the class 'boat'"},
      {"/scenes/0/when", Json::array({"person"}),
       "'scenes' starts the regime 'day' with a network"},
      {"/scenes/0/execution", "fast", "must be one of 'serial', 'parallel'"},
      {"/resident", "some", "'resident' is 'some'"},
      {"/scenes/0/heads/0/classes/1", "boat",
       "'scenes[0].heads[0].classes[1]' names the class 'boat'"},
      {"/objects/0/specialists/0/refines", "vehicle",
       "'objects[0].specialists[0].refines' must be a list"},
      {"/objects/0/specialists/0/classes/0/rows/1", -1, "rows[1]' must be a whole number"},
      {"/objects/0/specialists/0/min_margin", 3, "'objects[0].specialists[0].min_margin'"},
  };
  for (const Mistake& mistake : mistakes) {
    Json json = make_json();
    const Json::json_pointer pointer(mistake.pointer);
    if (mistake.value.is_discarded())
      json[pointer.parent_pointer()].erase(pointer.back());
    else
      json[pointer] = mistake.value;
    const Directory directory(json.dump());
    CHECK_THROWS_WITH_AS(directory.load(), doctest::Contains(mistake.key), BundleError);
    CHECK_THROWS_WITH_AS(directory.load(), doctest::Contains("bundle.json"), BundleError);
  }
}

TEST_CASE("a file that is no JSON, or not there, is reported") {
  CHECK_THROWS_WITH_AS(Directory("{").load(), doctest::Contains("not valid JSON"), BundleError);
  CHECK_THROWS_WITH_AS(Directory("[]").load(), doctest::Contains("must be an object"), BundleError);
  CHECK_THROWS_WITH_AS(load_bundle("/nowhere"), doctest::Contains("cannot be read"), BundleError);
}

TEST_CASE("whatever happens to the text, reading ends with a bundle or a BundleError") {
  std::mt19937 random(5);
  const std::string good = make_json().dump();
  for (int round = 0; round < 300; ++round) {
    std::string bad = good;
    for (int i = 0; i < 3; ++i) {
      const auto at = random() % bad.size();
      if (random() % 2 != 0)
        bad.erase(at, random() % 8);
      else
        bad[at] = "{}[]\":,0-9etn"[random() % 13];
    }
    try {
      Directory(bad).load();
    } catch (const BundleError&) {
    }
  }
}

}  // namespace
}  // namespace camclassify
