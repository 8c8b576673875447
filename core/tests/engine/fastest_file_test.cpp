#include "engine/fastest_file.hpp"

#include <doctest/doctest.h>

#include <chrono>
#include <string>
#include <thread>

#include "camclassify/error.hpp"

namespace camclassify {
namespace {

// Does nothing, for a while.
class SlowNetwork final : public Network {
 public:
  explicit SlowNetwork(std::chrono::milliseconds time) : time_(time) {}
  std::span<const TensorInfo> inputs() const override { return {}; }
  std::span<const TensorInfo> outputs() const override { return {}; }
  TensorView input(std::size_t) override { return {}; }
  TensorView output(std::size_t) override { return {}; }
  void run() override { std::this_thread::sleep_for(time_); }
  Runner runner() const override { return Runner::kDirect; }
  std::unique_ptr<Network> with_inputs(std::span<const Shape>) const override { return nullptr; }
  std::unique_ptr<Network> in(std::shared_ptr<Workspace>) const override { return nullptr; }
  std::vector<OpInfo> ops() const override { return {}; }
  std::vector<OpTime> profile(int) override { return {}; }

 private:
  std::chrono::milliseconds time_;
};

struct Files {
  explicit Files(const std::string& name)
      : int8{Precision::kInt8, true, name + ".int8"},
        fp32{Precision::kFp32, true, name + ".fp32"} {}

  FastestFile choose(std::chrono::milliseconds int8_time, std::chrono::milliseconds fp32_time,
                     Speeds known = {}) {
    return fastest_file({&int8, &fp32}, 1, known, [&](const NetworkFile& file, const auto&) {
      ++opened;
      if (file.path == needs_onnxruntime) throw OnnxRuntimeMissing("missing");
      if (file.path == broken) throw BundleError("broken");
      return std::make_unique<SlowNetwork>(file.path == int8.path ? int8_time : fp32_time);
    });
  }

  NetworkFile int8, fp32;
  std::filesystem::path needs_onnxruntime, broken;
  int opened = 0;
};

constexpr std::chrono::milliseconds kShort{1}, kLong{20};

TEST_CASE("of two precisions the one that runs in less time is taken, whichever that is") {
  Files some("some"), others("others");
  CHECK(some.choose(kShort, kLong).file.path == some.int8.path);
  CHECK(others.choose(kLong, kShort).file.path == others.fp32.path);
}

TEST_CASE("a choice is measured once") {
  Files files("measured once");
  const FastestFile first = files.choose(kShort, kLong);
  CHECK(first.opened);
  const FastestFile second = files.choose(kLong, kShort);
  CHECK(second.file.path == files.int8.path);
  CHECK(second.speeds == first.speeds);
  CHECK_FALSE(second.opened);
  CHECK(files.opened == 2);
}

TEST_CASE("what was measured is told") {
  Files files("told");
  const Speeds speeds = files.choose(kShort, kLong).speeds;
  CHECK(speeds.int8 >= 1);
  CHECK(speeds.fp32 >= 20);
}

TEST_CASE("what is known is believed, and nothing is opened for it") {
  Files files("known");
  const Speeds known{.fp32 = 2, .int8 = 3};
  const FastestFile found = files.choose(kShort, kLong, known);
  CHECK(found.file.path == files.fp32.path);
  CHECK(found.speeds == known);
  CHECK(files.opened == 0);
}

TEST_CASE("what is known of one precision alone is measured") {
  Files files("half known");
  CHECK(files.choose(kShort, kLong, {.fp32 = 0.1}).file.path == files.int8.path);
  CHECK(files.opened == 2);
}

TEST_CASE(
    "a file that needs an ONNX Runtime is left out where there is none, if another does not") {
  Files files("left out");
  files.needs_onnxruntime = files.int8.path;
  const FastestFile found = files.choose(kShort, kLong);
  CHECK(found.file.path == files.fp32.path);
  CHECK(found.opened);
  CHECK(found.speeds == Speeds{});
  const auto refuse = [](const NetworkFile&, const auto&) -> std::unique_ptr<Network> {
    throw OnnxRuntimeMissing("missing");
  };
  const Files none("none");
  CHECK_THROWS_AS(fastest_file({&none.int8, &none.fp32}, 1, {}, refuse), OnnxRuntimeMissing);
}

TEST_CASE("a broken file is told of, whatever the other can do") {
  Files files("broken");
  files.broken = files.int8.path;
  CHECK_THROWS_WITH_AS(files.choose(kShort, kLong), "broken", BundleError);
}

TEST_CASE("measuring takes less than a second, however slow the networks are") {
  Files files("slow");
  const auto start = std::chrono::steady_clock::now();
  files.choose(std::chrono::milliseconds(90), std::chrono::milliseconds(100));
  CHECK(std::chrono::steady_clock::now() - start < std::chrono::seconds(1));
}

}  // namespace
}  // namespace camclassify
