#include "image/jpeg.hpp"

#include <algorithm>
#include <csetjmp>
#include <cstdio>
#include <cstdlib>
#include <string>

// libjpeg's headers need <cstdio> before them, and this order.
#include <jpeglib.h>

#include <jerror.h>

#include "camclassify/error.hpp"

namespace camclassify {
namespace {

// More scans than any encoder writes; each costs a pass over the picture.
constexpr int kMaxScans = 100;

// Where libjpeg reports to. It leaves a failed call by longjmp, so the functions below that call it
// hold no object with a destructor while they do.
struct Reporter {
  jpeg_error_mgr base;  // first: libjpeg's pointer to it is also one to the whole
  std::jmp_buf failed;
  char message[JMSG_LENGTH_MAX];

  Reporter() {
    jpeg_std_error(&base);
    base.error_exit = [](j_common_ptr codec) {
      auto* self = reinterpret_cast<Reporter*>(codec->err);
      self->base.format_message(codec, self->message);
      std::longjmp(self->failed, 1);
    };
    base.emit_message = [](j_common_ptr codec, int level) {
      if (level < 0 && !is_harmless(codec->err->msg_code)) codec->err->error_exit(codec);
    };
    base.output_message = [](j_common_ptr) {};
  }

  // Oddities of encoders that leave the picture whole; any other warning means damage.
  static bool is_harmless(int code) {
    return code == JWRN_EXTRANEOUS_DATA || code == JWRN_ADOBE_XFORM || code == JWRN_JFIF_MAJOR;
  }
};

class JpegReader {
 public:
  explicit JpegReader(std::span<const std::byte> snapshot) {
    codec_.err = &reporter_.base;
    open(reinterpret_cast<const unsigned char*>(snapshot.data()), snapshot.size());
  }
  ~JpegReader() { jpeg_destroy_decompress(&codec_); }
  JpegReader(const JpegReader&) = delete;
  JpegReader& operator=(const JpegReader&) = delete;

  Size size() const {
    return {static_cast<int>(codec_.image_width), static_cast<int>(codec_.image_height)};
  }

  // Size of the picture at `eighths`/8 in that colour space. Call before read().
  Size scale(int eighths, J_COLOR_SPACE space) {
    if (setjmp(reporter_.failed)) fail();
    codec_.scale_num = static_cast<unsigned>(eighths);
    codec_.scale_denom = 8;
    codec_.out_color_space = space;
    codec_.do_fancy_upsampling = FALSE;  // invisible at these scales, and a fifth of the time
    jpeg_calc_output_dimensions(&codec_);
    return {static_cast<int>(codec_.output_width), static_cast<int>(codec_.output_height)};
  }

  void read(std::span<std::uint8_t> pixels) {
    if (setjmp(reporter_.failed)) fail();
    jpeg_start_decompress(&codec_);
    const std::size_t stride = static_cast<std::size_t>(codec_.output_width) *
                               static_cast<std::size_t>(codec_.output_components);
    while (codec_.output_scanline < codec_.output_height) {
      constexpr JDIMENSION kRows = 8;
      JSAMPROW rows[kRows];
      const JDIMENSION count = std::min(kRows, codec_.output_height - codec_.output_scanline);
      for (JDIMENSION i = 0; i < count; ++i)
        rows[i] = pixels.data() + (codec_.output_scanline + i) * stride;
      jpeg_read_scanlines(&codec_, rows, count);
    }
    jpeg_finish_decompress(&codec_);
  }

 private:
  void open(const unsigned char* bytes, std::size_t count) {
    if (setjmp(reporter_.failed)) {
      jpeg_destroy_decompress(&codec_);
      fail();
    }
    jpeg_create_decompress(&codec_);
    jpeg_mem_src(&codec_, bytes, count);
    jpeg_read_header(&codec_, TRUE);
    progress_.progress_monitor = [](j_common_ptr codec) {
      if (reinterpret_cast<j_decompress_ptr>(codec)->input_scan_number > kMaxScans)
        ERREXIT(codec, JERR_BAD_PROGRESSION);
    };
    codec_.progress = &progress_;
  }

  [[noreturn]] void fail() const {
    throw SnapshotError("The JPEG is damaged or incomplete: " + std::string(reporter_.message) +
                        ".");
  }

  Reporter reporter_;
  jpeg_progress_mgr progress_ = {};
  jpeg_decompress_struct codec_ = {};
};

bool covers(Size size, Size cover) {
  return size.width >= cover.width && size.height >= cover.height;
}

std::size_t area(Size size) {
  return static_cast<std::size_t>(size.width) * static_cast<std::size_t>(size.height);
}

}  // namespace

bool is_jpeg(std::span<const std::byte> snapshot) {
  return snapshot.size() >= 3 && snapshot[0] == std::byte{0xFF} && snapshot[1] == std::byte{0xD8} &&
         snapshot[2] == std::byte{0xFF};
}

Size jpeg_size(std::span<const std::byte> snapshot) { return JpegReader(snapshot).size(); }

Frame decode_jpeg(std::span<const std::byte> snapshot, Size cover) {
  JpegReader reader(snapshot);
  int eighths = cover == Size{} ? 8 : 1;
  while (eighths < 8 && !covers(reader.scale(eighths, JCS_RGB), cover)) eighths *= 2;
  Frame frame{reader.scale(eighths, JCS_RGB), reader.size(), {}};
  frame.pixels.resize(area(frame.size) * 3);
  reader.read(frame.pixels);
  return frame;
}

Plane decode_jpeg_luma(std::span<const std::byte> snapshot) {
  JpegReader reader(snapshot);
  Plane plane{reader.scale(1, JCS_GRAYSCALE), {}};
  plane.pixels.resize(area(plane.size));
  reader.read(plane.pixels);
  return plane;
}

namespace {

class JpegWriter {
 public:
  JpegWriter() { codec_.err = &reporter_.base; }
  ~JpegWriter() {
    jpeg_destroy_compress(&codec_);
    std::free(bytes_);
  }
  JpegWriter(const JpegWriter&) = delete;
  JpegWriter& operator=(const JpegWriter&) = delete;

  std::span<const std::byte> write(Size size, const std::uint8_t* pixels, int quality) {
    if (setjmp(reporter_.failed)) throw Error(std::string("No JPEG: ") + reporter_.message + ".");
    jpeg_create_compress(&codec_);
    jpeg_mem_dest(&codec_, &bytes_, &count_);
    codec_.image_width = static_cast<JDIMENSION>(size.width);
    codec_.image_height = static_cast<JDIMENSION>(size.height);
    codec_.input_components = 3;
    codec_.in_color_space = JCS_RGB;
    jpeg_set_defaults(&codec_);
    jpeg_set_quality(&codec_, quality, TRUE);
    jpeg_start_compress(&codec_, TRUE);
    while (codec_.next_scanline < codec_.image_height) {
      auto* row =
          const_cast<JSAMPROW>(pixels + std::size_t{3} * codec_.next_scanline * codec_.image_width);
      jpeg_write_scanlines(&codec_, &row, 1);
    }
    jpeg_finish_compress(&codec_);
    return std::as_bytes(std::span(bytes_, count_));
  }

 private:
  Reporter reporter_;
  jpeg_compress_struct codec_ = {};
  unsigned char* bytes_ = nullptr;
  unsigned long count_ = 0;
};

}  // namespace

std::vector<std::byte> encode_jpeg(const Frame& frame, int quality) {
  JpegWriter writer;
  const auto bytes = writer.write(frame.size, frame.pixels.data(), quality);
  return {bytes.begin(), bytes.end()};
}

}  // namespace camclassify
