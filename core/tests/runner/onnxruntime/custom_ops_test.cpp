#include "runner/onnxruntime/custom_ops.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <random>
#include <thread>

#include "camclassify/network.hpp"
#include "onnx/onnx_builder.hpp"
#include "runner/random_frames.hpp"
#include "runner/sample_networks.hpp"

namespace camclassify {
namespace {

using test::Bytes;
using test::bytes_of;

constexpr std::int64_t kSize = 64;

std::vector<std::uint8_t> picture(unsigned seed) {
  std::mt19937 random(seed);
  std::vector<std::uint8_t> pixels(kSize * kSize * 3);
  std::ranges::generate(pixels, [&] { return static_cast<std::uint8_t>(random()); });
  return pixels;
}

std::vector<Bytes> run_directly(const std::string& file, unsigned seed) {
  const auto network = open_network(bytes_of(file), {.runner = Runner::kDirect});
  return test::run(*network, seed);
}

// ONNX Runtime's own way to run a session, which many threads may use at the same time.
std::vector<Bytes> run(Ort::Session& session, unsigned seed) {
  auto pixels = picture(seed);
  const auto memory = Ort::MemoryInfo::CreateCpu(OrtArenaAllocator, OrtMemTypeDefault);
  const std::array<std::int64_t, 4> shape = {1, kSize, kSize, 3};
  const auto input = Ort::Value::CreateTensor<std::uint8_t>(memory, pixels.data(), pixels.size(),
                                                            shape.data(), shape.size());
  const Ort::AllocatorWithDefaultOptions allocator;
  std::vector<Ort::AllocatedStringPtr> owners;
  std::vector<const char*> names;
  for (std::size_t i = 0; i < session.GetOutputCount(); ++i) {
    owners.push_back(session.GetOutputNameAllocated(i, allocator));
    names.push_back(owners.back().get());
  }
  const char* const picture_name = "picture";
  std::vector<Bytes> outputs;
  for (const auto& value : session.Run({}, &picture_name, &input, 1, names.data(), names.size())) {
    const auto* const data = value.GetTensorData<std::byte>();
    const std::size_t size = value.GetTensorTypeAndShapeInfo().GetElementCount() * sizeof(float);
    outputs.emplace_back(data, data + size);
  }
  return outputs;
}

TEST_CASE("threads that run one session at the same time do not disturb each other" *
          doctest::skip(!onnxruntime_status().available)) {
  load_onnxruntime();
  constexpr unsigned kThreads = 4, kRuns = 40;
  for (const auto& sample : test::sample_networks(kSize)) {
    for (const int op_threads : {1, 2}) {
      CAPTURE(sample.name);
      CAPTURE(op_threads);
      std::vector<std::vector<Bytes>> expected;
      for (unsigned seed = 0; seed < kThreads; ++seed)
        expected.push_back(run_directly(sample.file, seed));
      const Ort::Env env(ORT_LOGGING_LEVEL_ERROR, "test");
      const CustomOps ops(Ort::GetApi(), op_threads);
      Ort::SessionOptions options;
      options.SetIntraOpNumThreads(op_threads);
      ops.add_to(*static_cast<OrtSessionOptions*>(options));
      Ort::Session session(env, sample.file.data(), sample.file.size(), options);
      std::atomic<int> wrong = 0;
      {
        std::vector<std::jthread> threads;
        for (unsigned seed = 0; seed < kThreads; ++seed)
          threads.emplace_back([&, seed] {
            for (unsigned i = 0; i < kRuns; ++i)
              wrong += run(session, seed) != expected[seed] ? 1 : 0;
          });
      }
      CHECK(wrong == 0);
    }
  }
}

// As programs do that know nothing of CamClassify but the path of its library.
Ort::SessionOptions options_with_library(const char* threads) {
  Ort::SessionOptions options;
  options.AddConfigEntry("camclassify.threads", threads);
  options.RegisterCustomOpsLibrary(CAMCLASSIFY_OPS_LIBRARY);
  return options;
}

TEST_CASE("any ONNX Runtime runs fused networks with the library of custom ops" *
          doctest::skip(!onnxruntime_status().available)) {
  load_onnxruntime();
  const Ort::Env env(ORT_LOGGING_LEVEL_ERROR, "test");
  for (const auto& sample : test::sample_networks(kSize)) {
    for (const char* const threads : {"1", "3", "64"}) {
      CAPTURE(sample.name);
      CAPTURE(threads);
      const auto options = options_with_library(threads);
      Ort::Session session(env, sample.file.data(), sample.file.size(), options);
      CHECK(run(session, 7) == run_directly(sample.file, 7));
    }
  }
}

TEST_CASE("a number of threads that no session has is refused with its name" *
          doctest::skip(!onnxruntime_status().available)) {
  load_onnxruntime();
  for (const char* const threads : {"0", "-1", "65", "two", "", "99999999999999999999"}) {
    CAPTURE(threads);
    CHECK_THROWS_WITH_AS(options_with_library(threads), doctest::Contains("camclassify.threads"),
                         Ort::Exception);
  }
}

}  // namespace
}  // namespace camclassify
