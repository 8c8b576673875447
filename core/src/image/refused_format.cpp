#include "image/refused_format.hpp"

#include <algorithm>
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

// A part of a stream may hold a picture.
constexpr std::string_view kParts = "--";

constexpr std::array kFormats = {
    Format{0, "<", "a web page", kCheckAddress},
    Format{0, "{", "JSON", kCheckAddress},
    Format{0, "[", "JSON", kCheckAddress},
    Format{0, kParts, "a stream of several pictures", kCheckAddress},
    Format{0, "GIF8", "a GIF picture", kSetJpeg},
    Format{0, "BM", "a BMP picture", kSetJpeg},
    Format{0, "II*\0"sv, "a TIFF picture", kSetJpeg},
    Format{0, "MM\0*"sv, "a TIFF picture", kSetJpeg},
    Format{0, "\xFF\x0A", "a JPEG XL picture", kSetJpeg},
    Format{4, "JXL ", "a JPEG XL picture", kSetJpeg},
    Format{4, "jP  ", "a JPEG 2000 picture", kSetJpeg},
    Format{4, "ftypavi", "an AVIF picture", kSetJpeg},
    Format{4, "ftyphe", "a HEIC picture", kSetJpeg},
    Format{4, "ftypmif1", "a HEIC or AVIF picture", kSetJpeg},
    Format{4, "ftypmsf1", "a HEIC or AVIF picture", kSetJpeg},
    Format{4, "ftyp", "a video", kSetJpeg},
    Format{0, "\0\0\0\1"sv, "a video", kSetJpeg},
};

const Format* find_format(std::string_view bytes) {
  const auto* const found = std::ranges::find_if(kFormats, [&](const Format& format) {
    return bytes.size() > format.at && bytes.substr(format.at).starts_with(format.signature);
  });
  return found == kFormats.end() ? nullptr : &*found;
}

std::string_view text(std::span<const std::byte> bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

// Letters of any language, as far as an answer is shown to begin with them.
bool is_text(std::string_view bytes) {
  constexpr std::size_t kShown = 200;
  return std::ranges::all_of(bytes.substr(0, kShown), [](char letter) {
    const auto code = static_cast<unsigned char>(letter);
    return (code >= ' ' && code != 0x7F) || code == '\t' || code == '\r' || code == '\n';
  });
}

}  // namespace

std::string describe_refused_format(std::span<const std::byte> snapshot) {
  if (snapshot.empty()) return "The snapshot is empty.";
  if (const Format* format = find_format(text(snapshot)))
    return "The snapshot is " + std::string(format->name) + "." + std::string(format->advice);
  const std::string_view kind = is_text(text(snapshot)) ? "a text, no" : "no";
  return "The snapshot is " + std::string(kind) + " JPEG, PNG or WebP picture." +
         std::string(kCheckAddress);
}

bool is_refused_whole(std::span<const std::byte> snapshot) {
  const Format* format = find_format(text(snapshot));
  return format != nullptr && format->signature != kParts;
}

}  // namespace camclassify
