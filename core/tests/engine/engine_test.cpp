#include "camclassify/engine.hpp"

#include <doctest/doctest.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <limits>
#include <nlohmann/json.hpp>
#include <set>
#include <string>

#include "camclassify/error.hpp"
#include "camclassify/network.hpp"
#include "image/encoders.hpp"
#include "pictures.hpp"
#include "planar.hpp"

namespace camclassify {
namespace {

const std::filesystem::path kDefaultBundle =
    CAMCLASSIFY_REPOSITORY "/bindings/camclassify_core/default_bundle";

EngineOptions make_options(std::vector<std::string> classes = {}) {
  EngineOptions options;
  options.bundle = kDefaultBundle;
  options.classes = std::move(classes);
  return options;
}

// The default bundle with another manifest, gone with the object.
class EditedBundle {
 public:
  template <class Edit>
  explicit EditedBundle(Edit edit) {
    std::filesystem::create_directory(path_);
    for (const auto& entry : std::filesystem::directory_iterator(kDefaultBundle))
      if (entry.path().extension() == ".onnx")
        std::filesystem::copy(entry.path(), path_ / entry.path().filename());
    auto manifest = nlohmann::json::parse(std::ifstream(kDefaultBundle / "bundle.json"));
    edit(manifest);
    std::ofstream(path_ / "bundle.json") << manifest;
  }
  ~EditedBundle() { std::filesystem::remove_all(path_); }
  EditedBundle(const EditedBundle&) = delete;
  EditedBundle& operator=(const EditedBundle&) = delete;

  EngineOptions options() const {
    EngineOptions options;
    options.bundle = path_;
    return options;
  }

 private:
  std::filesystem::path path_ =
      std::filesystem::temp_directory_path() / ("camclassify-engine-" + std::to_string(getpid()));
};

const std::vector<std::byte>& grey_snapshot() {
  static const auto snapshot =
      encode_jpeg(test::make_frame({640, 480},
                                   [](int x, int y) {
                                     return test::Rgb{90 + x / 20, 110, 100 + y / 20};
                                   }),
                  90);
  return snapshot;
}

const std::vector<std::byte>& changed_snapshot() {
  static const auto snapshot = encode_jpeg(
      test::make_frame(
          {640, 480},
          [](int x, int y) {
            const bool block = x > 200 && x < 280 && y > 200 && y < 400;
            return block ? test::Rgb{230, 40, 40} : test::Rgb{90 + x / 20, 110, 100 + y / 20};
          }),
      90);
  return snapshot;
}

std::vector<std::byte> read_photograph(const std::string& name) {
  std::ifstream stream(CAMCLASSIFY_REPOSITORY "/tests/photographs/" + name, std::ios::binary);
  const std::string bytes((std::istreambuf_iterator<char>(stream)), {});
  const auto view = std::as_bytes(std::span(bytes));
  return {view.begin(), view.end()};
}

// Names of the detections, each once, in order of the alphabet.
std::vector<std::string> names_in(const Result& result) {
  std::set<std::string> names;
  for (const Detection& detection : result.detections) names.insert(detection.name);
  return {names.begin(), names.end()};
}

Request of_camera(std::string name) {
  Request request;
  request.camera = std::move(name);
  return request;
}

// Looks after which the whole of a picture was looked at.
constexpr int kMostSearched = 16;

std::int64_t total_runs(const Engine& engine) {
  std::int64_t total = 0;
  for (const std::int64_t runs : engine.head_runs()) total += runs;
  return total;
}

TEST_CASE("an empty scene gives no detections, and says what it took") {
  Engine engine(make_options());
  const Result result = engine.classify(grey_snapshot(), {});
  CHECK(result.size == Size{640, 480});
  CHECK(result.changed);
  CHECK(result.regime == Regime::kDay);
  CHECK(result.detections.empty());
  CHECK(result.timing.decode > 0);
  CHECK(result.timing.scene > 0);
  CHECK(result.timing.total >= result.timing.scene);
}

// A photograph as a video decoder would give it, and the same picture without loss as a PNG.
struct Twins {
  test::Planar planar;
  std::vector<std::byte> png;

  explicit Twins(const std::vector<std::byte>& photograph) : Twins(decode(photograph, {})) {}

 private:
  explicit Twins(const Frame& seen) : planar(seen.size) {
    const auto mean = [&](const std::array<double, 3>& weights, int x, int y) {
      const auto at = static_cast<std::size_t>(std::min(y, seen.size.height - 1)) *
                          static_cast<std::size_t>(seen.size.width) +
                      static_cast<std::size_t>(std::min(x, seen.size.width - 1));
      double sum = 0;
      for (std::size_t i = 0; i < 3; ++i) sum += weights.at(i) * seen.pixels[3 * at + i];
      return static_cast<int>(sum);
    };
    planar.fill(0, [&](int x, int y) { return 16 + mean({0.183, 0.614, 0.062}, x, y); });
    planar.fill(1, [&](int x, int y) { return 128 + mean({-0.101, -0.338, 0.439}, 2 * x, 2 * y); });
    planar.fill(2, [&](int x, int y) { return 128 + mean({0.439, -0.399, -0.040}, 2 * x, 2 * y); });
    const Frame rgb = to_rgb(planar.frame());
    const auto row_bytes = static_cast<std::size_t>(3 * rgb.size.width);
    png = test::encode_png(rgb.size, {}, [&](int y, std::uint8_t* row) {
      std::copy_n(&rgb.pixels[static_cast<std::size_t>(y) * row_bytes], row_bytes, row);
    });
  }
};

void check_same(const Result& a, const Result& b) {
  CHECK(a.size == b.size);
  CHECK(a.regime == b.regime);
  CHECK(a.changed == b.changed);
  CHECK(a.windows == b.windows);
  CHECK(a.proposals == b.proposals);
  REQUIRE(a.detections.size() == b.detections.size());
  for (std::size_t i = 0; i < a.detections.size(); ++i) {
    CHECK(a.detections[i].name == b.detections[i].name);
    CHECK(a.detections[i].score == b.detections[i].score);
    CHECK(a.detections[i].box == b.detections[i].box);
    CHECK(a.detections[i].features == b.detections[i].features);
  }
}

TEST_CASE("a frame in planes and the same picture without loss are answered alike, to the bit") {
  Engine engine(make_options());
  Twins twins(read_photograph("dog.jpg"));
  Request request;
  request.features = true;
  const Result of_planes = engine.classify(twins.planar.frame(), request);
  CHECK(of_planes.detections.size() >= 3);
  check_same(of_planes, engine.classify(twins.png, request));
  const Box dog{0.16F, 0.38F, 0.42F, 0.94F};
  CHECK(engine.features(twins.planar.frame(), dog, Regime::kDay) ==
        engine.features(twins.png, dog, Regime::kDay));
  request.camera = "planes";
  Request other = request;
  other.camera = "png";
  for (int look = 0; look < 20; ++look) {
    if (look == 10) twins = Twins(read_photograph("leuvenA.jpg"));
    check_same(engine.classify(twins.planar.frame(), request), engine.classify(twins.png, other));
  }
}

// That JPEG without the last of its rows.
std::span<const std::byte> cut_short(const std::vector<std::byte>& jpeg) {
  return std::span(jpeg).first(jpeg.size() - jpeg.size() / 40);
}

TEST_CASE("a snapshot that lacks its last rows shows nothing new, nor lets anything go") {
  Engine engine(make_options());
  const auto jpeg = encode_jpeg(decode(read_photograph("dog.jpg"), {}), 90);
  REQUIRE(decode(cut_short(jpeg), {}).missing);
  const Result whole = engine.classify(jpeg, {});
  CHECK(names_in(engine.classify(cut_short(jpeg), {})) == names_in(whole));
  Request request = of_camera("cut");
  Result known;
  for (int look = 0; look < 30; ++look) known = engine.classify(jpeg, request);
  REQUIRE_FALSE(known.changed);
  REQUIRE(known.detections.size() >= 3);
  CHECK_FALSE(engine.classify(cut_short(jpeg), request).changed);
  request.use_gate = false;
  CHECK(names_in(engine.classify(cut_short(jpeg), request)) == names_in(known));
  request.use_gate = true;
  CHECK_FALSE(engine.classify(jpeg, request).changed);
}

TEST_CASE("what stands where a snapshot ends early stands there still") {
  Engine engine(make_options({"person"}));
  // Her feet are in the last rows.
  const Frame seen = decode(read_photograph("astronaut.png"), {});
  const auto jpeg = encode_jpeg(seen, 90);
  Request request = of_camera("cut at the feet");
  for (int look = 0; look < 5; ++look) engine.classify(jpeg, request);
  request.use_gate = false;
  const Result known = engine.classify(jpeg, request);
  REQUIRE(known.detections.size() == 1);
  REQUIRE(known.detections[0].box.y1 > 0.97F);
  const Result cut = engine.classify(cut_short(jpeg), request);
  REQUIRE(cut.detections.size() == 1);
  CHECK(cut.detections[0].box == known.detections[0].box);
}

TEST_CASE("a frame whose planes are too short is refused, and the engine goes on") {
  Engine engine(make_options());
  test::Planar planar({640, 480});
  PlanarFrame& frame = planar.frame();
  frame.planes[1].bytes = frame.planes[1].bytes.first(100);
  CHECK_THROWS_AS(engine.classify(frame, {}), SnapshotError);
  CHECK_THROWS_AS(engine.features(frame, {}, Regime::kDay), SnapshotError);
  CHECK(engine.classify(grey_snapshot(), {}).size == Size{640, 480});
}

TEST_CASE("photographs give what is on them and nothing else") {
  using Names = std::vector<std::string>;
  Engine engine(
      make_options({"person", "vehicle", "animal", "bicycle", "motorcycle", "dog", "cat", "bird"}));
  for (const auto& photograph : {
           std::pair<std::string, Names>{"astronaut.png", {"person"}},
           {"chelsea.png", {"cat"}},
           {"coffee.png", {}},
           {"dog.jpg", {"bicycle", "dog", "vehicle"}},
           {"eagle.jpg", {"bird"}},
           {"fruits.jpg", {}},
           {"leuvenA.jpg", {}},
           {"motorcycle_left.png", {"bicycle", "motorcycle"}},  // one behind the bench
           {"person.jpg", {"animal", "dog", "person"}},
       }) {
    CAPTURE(photograph.first);
    CHECK(names_in(engine.classify(read_photograph(photograph.first), {})) == photograph.second);
  }
}

TEST_CASE("a static scene runs no head again; a change does; each camera by itself") {
  Engine engine(make_options());
  engine.classify(grey_snapshot(), of_camera("drive"));
  const auto runs = total_runs(engine);
  CHECK_FALSE(engine.classify(grey_snapshot(), of_camera("drive")).changed);
  CHECK(total_runs(engine) == runs);
  CHECK(engine.classify(changed_snapshot(), of_camera("drive")).changed);
  CHECK(total_runs(engine) > runs);
  CHECK(engine.classify(grey_snapshot(), of_camera("garden")).changed);
}

TEST_CASE("the gate can be passed by, forgotten, and does not hold for another question") {
  Engine engine(make_options());
  engine.classify(grey_snapshot(), of_camera("drive"));
  Request request = of_camera("drive");
  request.use_gate = false;
  CHECK(engine.classify(grey_snapshot(), request).changed);
  CHECK_FALSE(engine.classify(grey_snapshot(), of_camera("drive")).changed);
  engine.forget("drive");
  CHECK(engine.classify(grey_snapshot(), of_camera("drive")).changed);
  request = of_camera("drive");
  request.min_score = 0.9F;
  CHECK(engine.classify(grey_snapshot(), request).changed);
}

TEST_CASE("a closed gate is not trusted for ever") {
  Engine engine(make_options());
  engine.classify(grey_snapshot(), of_camera("drive"));
  int closed = 0;
  while (closed < 1000 && !engine.classify(grey_snapshot(), of_camera("drive")).changed) ++closed;
  CHECK(closed > 20);
  CHECK(closed < 1000);
}

TEST_CASE("an answer says whether a thing was looked at or is remembered") {
  Engine engine(make_options({"person", "dog"}));
  const auto picture = read_photograph("dog.jpg");
  const auto look = [&](const Request& request) {
    const auto found = engine.classify(picture, request).detections;
    return found.empty() ? std::nullopt : std::optional(found[0].remembered);
  };
  CHECK(look({}) == false);
  Request open = of_camera("drive");
  open.use_gate = false;
  int frames = 0;
  for (; frames < 100 && look(open) != false; ++frames) {
  }
  for (; frames < 100 && look(open) != true; ++frames) {
  }
  CHECK(frames < 100);
  Result closed;
  do {
    closed = engine.classify(picture, of_camera("garden"));
  } while (closed.changed && ++frames < 200);
  REQUIRE(closed.detections.size() == 1);
  CHECK(closed.detections[0].remembered);
}

TEST_CASE("an answer says which view a camera shows") {
  Engine engine(make_options({"person"}));
  const auto street = read_photograph("leuvenA.jpg"), table = read_photograph("coffee.png");
  Request request = of_camera("drive");
  const Result first = engine.classify(street, request);
  REQUIRE(first.view);
  REQUIRE(first.view->likeness);
  CHECK_FALSE(first.view->moved);
  request.views = {{*first.view->likeness, {}, {}}};

  Result again = engine.classify(street, request);
  for (int looks = 0; again.changed && looks < kMostSearched; ++looks)
    again = engine.classify(street, request);
  CHECK_FALSE(again.changed);
  CHECK(again.view->known == 0);
  const Result turned = engine.classify(table, request);
  CHECK(turned.view->moved);
  CHECK_FALSE(turned.view->known);
  const Result back = engine.classify(street, request);
  CHECK(back.view->moved);
  CHECK(back.view->known == 0);
  CHECK_FALSE(engine.classify(street, {}).view);
}

TEST_CASE("what holds in one view only does not in others") {
  const std::vector<Polygon> everything = {{{0, 0}, {1, 0}, {1, 1}, {0, 1}}};
  const Box corner{0, 0, 0.25F, 0.25F};
  Engine engine(make_options({"dog", "person"}));
  const auto yard = read_photograph("dog.jpg"), meadow = read_photograph("person.jpg");
  const auto likeness_in = [&](const std::vector<std::byte>& snapshot) {
    return *engine.classify(snapshot, of_camera("any")).view->likeness;
  };
  const Likeness of_yard = likeness_in(yard), of_meadow = likeness_in(meadow);
  const auto looks_at = [](const Result& result, const Box& box) {
    return std::ranges::any_of(result.windows, [&](const Window& window) {
      return window.region.x0 <= box.x0 && window.region.y0 <= box.y0 &&
             window.region.x1 >= box.x1 && window.region.y1 >= box.y1 && window.region.x1 < 0.5F;
    });
  };
  Request request = of_camera("drive");
  request.views = {{of_meadow, {}, everything}, {of_yard, {corner}, {}}};
  const Result first = engine.classify(yard, request);
  CHECK(first.view->known == 1);
  CHECK(looks_at(first, corner));
  Result seen = engine.classify(yard, request);
  for (int looks = 0; seen.changed && looks < kMostSearched; ++looks)
    seen = engine.classify(yard, request);
  CHECK(names_in(seen) == std::vector<std::string>{"dog"});
  const Result hidden = engine.classify(meadow, request);
  CHECK(hidden.view->known == 0);
  CHECK(hidden.detections.empty());
  CHECK_FALSE(looks_at(hidden, corner));
}

TEST_CASE("the order in which views are named is no other question") {
  Engine engine(make_options({"person"}));
  Request request = of_camera("drive");
  const auto street = read_photograph("leuvenA.jpg");
  const Likeness likeness = *engine.classify(street, request).view->likeness;
  request.views = {{likeness, {{0, 0, 0.5F, 0.5F}}, {}}};
  Result result = engine.classify(street, request);
  for (int looks = 0; result.changed && looks < kMostSearched; ++looks)
    result = engine.classify(street, request);
  CHECK_FALSE(result.changed);
  request.views.insert(request.views.begin(), KnownView{});
  CHECK_FALSE(engine.classify(street, request).changed);
}

TEST_CASE("a camera that turns is looked at anew, also where nothing seems to have changed") {
  Engine engine(make_options({"person"}));
  Request request = of_camera("drive");
  request.regions = {{0.7F, 0.7F, 0.95F, 0.95F}};
  const auto street = read_photograph("leuvenA.jpg");
  engine.classify(street, request);
  const auto runs = total_runs(engine);
  engine.classify(read_photograph("coffee.png"), request);
  CHECK(total_runs(engine) == 2 * runs);
  engine.classify(street, request);
  CHECK(total_runs(engine) == 3 * runs);
}

TEST_CASE("heads that serve no wanted class are not there and not run") {
  Engine engine(make_options({"person"}));
  CHECK(engine.active_heads() == std::vector<std::string>{"scene/people"});
  engine.classify(grey_snapshot(), {});
  CHECK(engine.head_runs().at(0) >= 1);
  const auto all = Engine(make_options()).active_heads();
  CHECK(std::ranges::find(all, "scene/vehicles") != all.end());
  CHECK(all.size() > 3);
}

TEST_CASE("the object network does not run while the scene is empty") {
  Engine engine(make_options());
  engine.classify(changed_snapshot(), {});
  for (std::size_t i = 0; i < engine.active_heads().size(); ++i)
    if (engine.active_heads()[i].starts_with("object/")) CHECK(engine.head_runs()[i] == 0);
}

TEST_CASE("a change outside a region does not look at the region again") {
  Engine engine(make_options({"person"}));
  Request request = of_camera("drive");
  request.regions = {{0.7F, 0.7F, 0.95F, 0.95F}};
  engine.classify(grey_snapshot(), request);
  const Result result = engine.classify(changed_snapshot(), request);
  CHECK(!result.windows.empty());
  for (const Window& window : result.windows) CHECK_FALSE(window.region == request.regions[0]);
}

TEST_CASE("a change inside a mask is no change") {
  Engine engine(make_options());
  Request request = of_camera("drive");
  request.masks = {{{0.2F, 0.3F}, {0.6F, 0.3F}, {0.6F, 1}, {0.2F, 1}}};
  engine.classify(grey_snapshot(), request);
  CHECK_FALSE(engine.classify(changed_snapshot(), request).changed);
}

TEST_CASE("features describe what is in the box") {
  Engine engine(make_options());
  const auto features = engine.features(changed_snapshot(), {0.3F, 0.4F, 0.5F, 0.9F}, Regime::kDay);
  CHECK(features.size() == 1280);
  CHECK(features == engine.features(changed_snapshot(), {0.3F, 0.4F, 0.5F, 0.9F}, Regime::kDay));
  CHECK(features != engine.features(changed_snapshot(), {0.6F, 0.4F, 0.8F, 0.9F}, Regime::kDay));
}

TEST_CASE("the length of the features is known before there are any") {
  Engine engine(make_options({"person"}));
  CHECK(engine.feature_length() == 1280);
  const auto features = engine.features(grey_snapshot(), {0.3F, 0.4F, 0.5F, 0.9F}, Regime::kDay);
  CHECK(features.size() == engine.feature_length());
}

TEST_CASE("a bundle without an object network has features of length 0") {
  const EditedBundle bundle([](auto& manifest) { manifest.erase("objects"); });
  Engine engine(bundle.options());
  CHECK(engine.feature_length() == 0);
  CHECK_THROWS_WITH_AS(engine.features(grey_snapshot(), {}, Regime::kDay),
                       doctest::Contains("no object network"), Error);
}

TEST_CASE("features that a bundle cannot give are left out, and cost no look") {
  const EditedBundle no_object([](auto& manifest) { manifest.erase("objects"); });
  Request request;
  request.features = true;
  Engine engine(no_object.options());
  const Result result = engine.classify(read_photograph("dog.jpg"), request);
  CHECK(result.detections.size() > 1);
  for (const Detection& detection : result.detections) CHECK(detection.features.empty());
}

TEST_CASE("an object network without features says so") {
  const EditedBundle no_features([](auto& manifest) { manifest["objects"][0].erase("features"); });
  Engine engine(no_features.options());
  CHECK(engine.feature_length() == 0);
  CHECK_THROWS_WITH_AS(engine.features(grey_snapshot(), {}, Regime::kDay),
                       doctest::Contains("gives no features"), Error);
}

TEST_CASE("a damaged snapshot is an error and the engine goes on") {
  Engine engine(make_options());
  const auto whole = std::span(grey_snapshot());
  CHECK_THROWS_AS(engine.classify(whole.first(whole.size() / 2), of_camera("drive")),
                  SnapshotError);
  CHECK_THROWS_AS(engine.classify(std::span<const std::byte>{}, {}), SnapshotError);
  CHECK(engine.classify(whole, of_camera("drive")).changed);
}

TEST_CASE("a request that is out of range is an error, and the engine goes on") {
  constexpr float kNan = std::numeric_limits<float>::quiet_NaN();
  Engine engine(make_options({"person"}));
  Request request = of_camera("drive");
  request.masks = {{{kNan, 0.1F}, {0.4F, 0.9F}, {kNan, 0.2F}, {0.8F, 0.7F}, {0.1F, kNan}}};
  CHECK_THROWS_WITH_AS(engine.classify(grey_snapshot(), request), doctest::Contains("mask"), Error);
  CHECK_THROWS_WITH_AS(engine.features(grey_snapshot(), {0, kNan, 1, 1}, Regime::kDay),
                       doctest::Contains("box"), Error);
  CHECK(engine.classify(grey_snapshot(), of_camera("drive")).changed);
}

TEST_CASE("a class that the bundle does not have is an error that names it") {
  CHECK_THROWS_WITH_AS(Engine(make_options({"unicorn"})), doctest::Contains("'unicorn'"), Error);
}

TEST_CASE("a bundle that is not there is an error that names it") {
  EngineOptions options;
  options.bundle = "/nowhere";
  CHECK_THROWS_WITH_AS(Engine{options}, doctest::Contains("/nowhere"), BundleError);
}

}  // namespace
}  // namespace camclassify
