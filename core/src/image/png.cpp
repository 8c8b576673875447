#include "image/png.hpp"

#include <png.h>

#include <algorithm>
#include <array>
#include <string>

#include "camclassify/error.hpp"

namespace camclassify {
namespace {

// Opens a PNG with libpng's simplified interface, which reads no pixels before it is asked to.
class PngReader {
 public:
  explicit PngReader(std::span<const std::byte> snapshot) {
    image_.version = PNG_IMAGE_VERSION;
    if (png_image_begin_read_from_memory(&image_, snapshot.data(), snapshot.size()) == 0) fail();
  }
  ~PngReader() { png_image_free(&image_); }
  PngReader(const PngReader&) = delete;
  PngReader& operator=(const PngReader&) = delete;

  Size size() const { return {static_cast<int>(image_.width), static_cast<int>(image_.height)}; }

  void read_rgb(std::vector<std::uint8_t>& pixels) {
    image_.format = PNG_FORMAT_RGB;
    pixels.resize(PNG_IMAGE_SIZE(image_));
    const png_color black = {0, 0, 0};
    if (png_image_finish_read(&image_, &black, pixels.data(), 0, nullptr) == 0) fail();
  }

 private:
  [[noreturn]] void fail() {
    const std::string reason = image_.message;
    png_image_free(&image_);
    throw SnapshotError("The PNG is damaged: " + reason + ".");
  }

  png_image image_ = {};
};

}  // namespace

bool is_png(std::span<const std::byte> snapshot) {
  constexpr std::array<unsigned char, 8> kSignature = {0x89, 'P', 'N', 'G', '\r', '\n', 0x1A, '\n'};
  return snapshot.size() >= kSignature.size() &&
         std::ranges::equal(snapshot.first(kSignature.size()),
                            std::as_bytes(std::span(kSignature)));
}

Size png_size(std::span<const std::byte> snapshot) { return PngReader(snapshot).size(); }

Frame decode_png(std::span<const std::byte> snapshot) {
  PngReader reader(snapshot);
  Frame frame{reader.size(), reader.size(), {}};
  reader.read_rgb(frame.pixels);
  return frame;
}

}  // namespace camclassify
