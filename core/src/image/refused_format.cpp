#include "image/refused_format.hpp"

#include <array>
#include <string_view>

namespace camclassify {
namespace {

using namespace std::string_view_literals;

constexpr std::string_view kSetJpeg = " Only JPEG, PNG and WebP are read; set the camera to JPEG.";
constexpr std::string_view kCheckAddress =
    " Check the camera's snapshot address, user name and password.";

// A format by how it begins.
struct Format {
  std::size_t at;
  std::string_view signature, name, advice;
};

constexpr std::array kFormats = {
    Format{0, "<", "a web page", kCheckAddress},
    Format{0, "{", "JSON", kCheckAddress},
    Format{0, "[", "JSON", kCheckAddress},
    Format{0, "--", "a stream of several pictures", kCheckAddress},
    Format{0, "GIF8", "a GIF picture", kSetJpeg},
    Format{0, "BM", "a BMP picture", kSetJpeg},
    Format{4, "ftypavi", "an AVIF picture", kSetJpeg},
    Format{4, "ftyphe", "a HEIC picture", kSetJpeg},
    Format{4, "ftypmif1", "a HEIC or AVIF picture", kSetJpeg},
    Format{4, "ftyp", "a video", kSetJpeg},
    Format{0, "\0\0\0\1"sv, "a video", kSetJpeg},
};

}  // namespace

std::string describe_refused_format(std::span<const std::byte> snapshot) {
  if (snapshot.empty()) return "The snapshot is empty.";
  const std::string_view bytes(reinterpret_cast<const char*>(snapshot.data()), snapshot.size());
  for (const Format& format : kFormats)
    if (bytes.size() > format.at && bytes.substr(format.at).starts_with(format.signature))
      return "The snapshot is " + std::string(format.name) + "." + std::string(format.advice);
  return "The snapshot is no JPEG, PNG or WebP picture." + std::string(kCheckAddress);
}

}  // namespace camclassify
