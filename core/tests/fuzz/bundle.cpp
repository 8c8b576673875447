// Any bytes as a bundle.json:  fuzz_bundle CORPUS_DIR   (start it with the default bundle's)
// The networks that the default bundle names are there, as empty files.

#include <unistd.h>

#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "camclassify/bundle.hpp"
#include "camclassify/error.hpp"

namespace {

class Directory {
 public:
  Directory() {
    std::filesystem::create_directory(path_);
    for (const char* network : {"scene.onnx", "scene.fused.onnx", "scene.int8.onnx", "object.onnx",
                                "object.fused.onnx", "object.int8.onnx"}) {
      std::ofstream(path_ / network).flush();
    }
  }
  ~Directory() { std::filesystem::remove_all(path_); }
  Directory(const Directory&) = delete;
  Directory& operator=(const Directory&) = delete;

  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_ = std::filesystem::temp_directory_path() /
                                ("camclassify-fuzz-bundle-" + std::to_string(getpid()));
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const Directory directory;
  std::ofstream(directory.path() / "bundle.json", std::ios::binary)
      .write(reinterpret_cast<const char*>(data), static_cast<std::streamsize>(size));
  try {
    camclassify::load_bundle(directory.path());
  } catch (const camclassify::BundleError&) {
  }
  return 0;
}
