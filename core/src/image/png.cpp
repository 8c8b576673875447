#include "image/png.hpp"

#include <png.h>

#include <algorithm>
#include <array>
#include <csetjmp>
#include <cstring>
#include <string>

#include "camclassify/error.hpp"

namespace camclassify {
namespace {

// libpng leaves a failed call by longjmp, so the functions below that call it hold no object with a
// destructor while they do.
class PngReader {
 public:
  explicit PngReader(std::span<const std::byte> snapshot) : rest_(snapshot) {
    png_ = png_create_read_struct(PNG_LIBPNG_VER_STRING, this, &on_error, [](auto...) {});
    info_ = png_create_info_struct(png_);
    open();
  }
  ~PngReader() { png_destroy_read_struct(&png_, &info_, nullptr); }
  PngReader(const PngReader&) = delete;
  PngReader& operator=(const PngReader&) = delete;

  Size size() const {
    return {static_cast<int>(png_get_image_width(png_, info_)),
            static_cast<int>(png_get_image_height(png_, info_))};
  }

  // All rows, RGB.
  void read(std::span<std::uint8_t> pixels) {
    if (setjmp(png_jmpbuf(png_))) fail();
    const std::size_t stride = png_get_rowbytes(png_, info_);
    for (int pass = 0; pass < passes_; ++pass)
      for (std::size_t at = 0; at < pixels.size(); at += stride)
        png_read_row(png_, pixels.data() + at, nullptr);
  }

 private:
  void open() {
    if (setjmp(png_jmpbuf(png_))) {
      png_destroy_read_struct(&png_, &info_, nullptr);
      fail();
    }
    png_set_read_fn(png_, this, &on_read);
    // Of the chunks beside the picture only transparency is read: texts alone could take gigabytes.
    png_set_keep_unknown_chunks(png_, PNG_HANDLE_CHUNK_NEVER, nullptr, -1);
    png_read_info(png_, info_);
    png_set_expand(png_);
    png_set_scale_16(png_);
    png_set_gray_to_rgb(png_);
    const png_color_16 black = {};
    png_set_background_fixed(png_, &black, PNG_BACKGROUND_GAMMA_SCREEN, 0, PNG_FP_1);
    passes_ = png_set_interlace_handling(png_);
    png_read_update_info(png_, info_);
  }

  static void on_read(png_structp png, png_bytep dst, std::size_t count) {
    auto& rest = static_cast<PngReader*>(png_get_io_ptr(png))->rest_;
    if (count > rest.size()) png_error(png, "it ends before its last row");
    std::memcpy(dst, rest.data(), count);
    rest = rest.subspan(count);
  }

  [[noreturn]] static void on_error(png_structp png, png_const_charp message) {
    auto* self = static_cast<PngReader*>(png_get_error_ptr(png));
    std::strncpy(self->message_.data(), message, self->message_.size() - 1);
    png_longjmp(png, 1);
  }

  [[noreturn]] void fail() const {
    throw SnapshotError(std::string("The PNG is damaged: ") + message_.data() + ".");
  }

  std::span<const std::byte> rest_;
  std::array<char, 128> message_ = {};
  png_structp png_ = nullptr;
  png_infop info_ = nullptr;
  int passes_ = 1;
};

std::size_t big_endian_at(std::span<const std::byte> bytes, std::size_t at) {
  std::size_t value = 0;
  for (std::size_t i = 0; i < 4; ++i)
    value = value << 8 | std::to_integer<std::size_t>(bytes[at + i]);
  return value;
}

// The payload of the chunk that holds Exif, a TIFF file. Empty if there is none.
std::span<const std::byte> exif_of_png(std::span<const std::byte> png) {
  constexpr std::size_t kSignature = 8, kType = 4, kPayload = 8, kChecksum = 4;
  auto rest = png.subspan(kSignature);
  while (rest.size() >= kPayload) {
    const std::size_t length = big_endian_at(rest, 0);
    if (length > rest.size() - kPayload) break;
    if (std::memcmp(rest.data() + kType, "eXIf", 4) == 0) return rest.subspan(kPayload, length);
    rest = rest.subspan(std::min(kPayload + length + kChecksum, rest.size()));
  }
  return {};
}

}  // namespace

bool is_png(std::span<const std::byte> snapshot) {
  constexpr std::array<unsigned char, 8> kSignature = {0x89, 'P', 'N', 'G', '\r', '\n', 0x1A, '\n'};
  return snapshot.size() >= kSignature.size() &&
         std::ranges::equal(snapshot.first(kSignature.size()),
                            std::as_bytes(std::span(kSignature)));
}

PngHeader read_png_header(std::span<const std::byte> snapshot) {
  constexpr std::size_t kWidth = 16, kHeight = 20, kBits = 24, kColour = 25, kEnd = 33;
  constexpr std::array<int, 7> kChannels = {1, 0, 3, 1, 2, 0, 4};  // of each type of colour
  if (snapshot.size() < kEnd)
    throw SnapshotError("The PNG is damaged: it ends before its picture.");
  const auto number = [&](std::size_t at) {
    return static_cast<std::int64_t>(big_endian_at(snapshot, at));
  };
  constexpr std::int64_t kLongest = 1'000'000;  // as libpng has it
  const std::int64_t width = number(kWidth), height = number(kHeight);
  const auto colour = std::to_integer<std::size_t>(snapshot[kColour]);
  if (width < 1 || height < 1 || width > kLongest || height > kLongest ||
      colour >= kChannels.size())
    throw SnapshotError("The PNG is damaged: its header makes no sense.");
  const std::int64_t bits = std::to_integer<int>(snapshot[kBits]) * kChannels.at(colour);
  return {{static_cast<int>(width), static_cast<int>(height)},
          (width * bits + 7) / 8 * height,
          exif_orientation(exif_of_png(snapshot))};
}

Frame decode_png(std::span<const std::byte> snapshot, const PngHeader& header) {
  PngReader reader(snapshot);
  const Size size = reader.size();
  Frame frame{size, size, {}, {}};
  frame.pixels.resize(std::size_t{3} * static_cast<std::size_t>(size.width) *
                      static_cast<std::size_t>(size.height));
  reader.read(frame.pixels);
  if (header.orientation == 1) return frame;
  const Size turned = upright(size, header.orientation);
  Frame upright_frame{turned, turned, std::vector<std::uint8_t>(frame.pixels.size()), {}};
  place_upright(frame.pixels, 0, size, 3, header.orientation, upright_frame.pixels);
  return upright_frame;
}

}  // namespace camclassify
