#include "image/jpeg.hpp"

#include <algorithm>
#include <cmath>
#include <csetjmp>
#include <cstdio>
#include <cstdlib>
#include <optional>
#include <string>

// libjpeg's headers need <cstdio> before them, and this order.
#include <jpeglib.h>

#include <jerror.h>

#include "camclassify/error.hpp"

namespace camclassify {
namespace {

// Of the rows of a picture that is cut off or damaged, so many of ten must come before that.
constexpr std::int64_t kLeastTenths = 9;

// Where libjpeg reports to. It leaves a failed call by longjmp, so the functions below that call it
// hold no object with a destructor while they do.
struct Reporter {
  jpeg_error_mgr base;  // first: libjpeg's pointer to it is also one to the whole
  std::jmp_buf failed;
  char message[JMSG_LENGTH_MAX];
  std::optional<int> whole_rows;  // before the first damage that can be borne

  Reporter() {
    jpeg_std_error(&base);
    base.error_exit = [](j_common_ptr codec) {
      auto* self = reinterpret_cast<Reporter*>(codec->err);
      self->base.format_message(codec, self->message);
      std::longjmp(self->failed, 1);
    };
    base.emit_message = [](j_common_ptr codec, int level) {
      if (level >= 0 || is_harmless(codec->err->msg_code)) return;
      auto* self = reinterpret_cast<Reporter*>(codec->err);
      if (codec->is_decompressor == FALSE ||
          !self->bears_damage(*reinterpret_cast<j_decompress_ptr>(codec)))
        codec->err->error_exit(codec);
    };
    base.output_message = [](j_common_ptr) {};
  }

  // Of the picture whose rows are being read: in several scans, what is missing is missing
  // anywhere.
  bool bears_damage(jpeg_decompress_struct& codec) {
    if (codec.total_iMCU_rows == 0 || jpeg_has_multiple_scans(&codec) != FALSE) return false;
    const auto row =
        static_cast<std::int64_t>(codec.input_iMCU_row) * codec.max_v_samp_factor * DCTSIZE;
    if (!whole_rows) whole_rows = static_cast<int>(row);
    return 10 * row >= kLeastTenths * codec.image_height;
  }

  // Oddities of encoders that leave the picture whole; any other warning means damage.
  static bool is_harmless(int code) {
    return code == JWRN_EXTRANEOUS_DATA || code == JWRN_ADOBE_XFORM || code == JWRN_JFIF_MAJOR;
  }
};

class JpegReader {
 public:
  JpegReader(std::span<const std::byte> snapshot, const JpegHeader& header) {
    codec_.err = &reporter_.base;
    open(reinterpret_cast<const unsigned char*>(snapshot.data()), snapshot.size());
    if (header.has_no_restarts) codec_.restart_interval = 0;
    if (header.has_all_restarts) codec_.src->resync_to_restart = &take_any_restart;
  }
  ~JpegReader() { jpeg_destroy_decompress(&codec_); }
  JpegReader(const JpegReader&) = delete;
  JpegReader& operator=(const JpegReader&) = delete;

  Size size() const {
    return {static_cast<int>(codec_.image_width), static_cast<int>(codec_.image_height)};
  }

  // The rows that could not be read, of all that were; none if all could.
  std::optional<Box> missing() const {
    if (!reporter_.whole_rows || *reporter_.whole_rows >= size().height) return std::nullopt;
    return Box{0, static_cast<float>(*reporter_.whole_rows) / static_cast<float>(size().height), 1,
               1};
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

  void start() {
    if (setjmp(reporter_.failed)) fail();
    jpeg_start_decompress(&codec_);
  }

  // Leaves columns out: afterwards rows have those from `left` on, as many as `width`; both are
  // moved to the blocks around them. Call between start() and read().
  void crop(int& left, int& width) {
    if (setjmp(reporter_.failed)) fail();
    auto first = static_cast<JDIMENSION>(left), count = static_cast<JDIMENSION>(width);
    jpeg_crop_scanline(&codec_, &first, &count);
    left = static_cast<int>(first), width = static_cast<int>(count);
  }

  // Leaves rows out.
  void skip(int rows) {
    if (setjmp(reporter_.failed)) fail();
    jpeg_skip_scanlines(&codec_, static_cast<JDIMENSION>(rows));
  }

  // The next rows: as many as fit into `dst` or are left. Returns how many.
  int read(std::span<std::uint8_t> dst) {
    if (setjmp(reporter_.failed)) fail();
    const std::size_t stride = static_cast<std::size_t>(codec_.output_width) *
                               static_cast<std::size_t>(codec_.output_components);
    const JDIMENSION first = codec_.output_scanline;
    const JDIMENSION end =
        std::min(codec_.output_height, first + static_cast<JDIMENSION>(dst.size() / stride));
    while (codec_.output_scanline < end) {
      constexpr JDIMENSION kRows = 8;
      JSAMPROW rows[kRows];
      const JDIMENSION count = std::min(kRows, end - codec_.output_scanline);
      for (JDIMENSION i = 0; i < count; ++i)
        rows[i] = dst.data() + (codec_.output_scanline - first + i) * stride;
      jpeg_read_scanlines(&codec_, rows, count);
    }
    if (end == codec_.output_height) jpeg_finish_decompress(&codec_);
    return static_cast<int>(end - first);
  }

 private:
  static boolean take_any_restart(j_decompress_ptr codec, int desired) {
    const bool is_restart =
        codec->unread_marker >= JPEG_RST0 && codec->unread_marker <= JPEG_RST0 + 7;
    if (!is_restart) return jpeg_resync_to_restart(codec, desired);
    codec->unread_marker = 0;
    return TRUE;
  }

  void open(const unsigned char* bytes, std::size_t count) {
    if (setjmp(reporter_.failed)) {
      jpeg_destroy_decompress(&codec_);
      fail();
    }
    jpeg_create_decompress(&codec_);
    jpeg_mem_src(&codec_, bytes, count);
    // Cheap cameras send no end marker. Where picture data is missing, the decoder says so itself.
    codec_.src->fill_input_buffer = [](j_decompress_ptr codec) -> boolean {
      static constexpr JOCTET kEnd[] = {0xFF, JPEG_EOI};
      codec->src->next_input_byte = kEnd;
      codec->src->bytes_in_buffer = sizeof(kEnd);
      return TRUE;
    };
    jpeg_read_header(&codec_, TRUE);
  }

  [[noreturn]] void fail() const {
    if (reporter_.base.msg_code == JWRN_HIT_MARKER)
      throw SnapshotError(
          "The JPEG ends before its last row, or is damaged. The camera sent only a part.");
    throw SnapshotError("The JPEG is damaged: " + std::string(reporter_.message) + ".");
  }

  Reporter reporter_;
  jpeg_decompress_struct codec_ = {};
};

// Rows of pixels that are decoded together, at most.
constexpr int kRowsAtOnce = 16;

std::optional<Box> upright(const std::optional<Box>& part, Orientation orientation) {
  if (!part) return std::nullopt;
  return camclassify::upright(*part, orientation);
}

bool covers(Size size, Size cover) {
  return size.width >= cover.width && size.height >= cover.height;
}

std::size_t area(Size size) {
  return static_cast<std::size_t>(size.width) * static_cast<std::size_t>(size.height);
}

// Pixels of four inks to RGB, in place; returns the RGB ones. Every program that writes such JPEGs
// stores light instead of ink: 255 is none.
std::span<const std::uint8_t> to_light(std::span<std::uint8_t> pixels) {
  auto* out = pixels.data();
  for (const auto* in = pixels.data(); in < pixels.data() + pixels.size(); in += 4) {
    const unsigned black = in[3];
    for (int i = 0; i < 3; ++i) *out++ = static_cast<std::uint8_t>((in[i] * black + 127) / 255);
  }
  return {pixels.data(), out};
}

// Reads all rows at the scale set, upright, as the header says.
std::vector<std::uint8_t> read_upright(JpegReader& reader, Size size, int channels,
                                       const JpegHeader& header) {
  constexpr std::size_t kStripRows = 8;
  std::vector<std::uint8_t> pixels(area(size) * static_cast<std::size_t>(channels));
  reader.start();
  if (header.orientation == 1 && !header.in_inks) {
    reader.read(pixels);
    return pixels;
  }
  const auto width = static_cast<std::size_t>(size.width);
  std::vector<std::uint8_t> strip(kStripRows * width *
                                  static_cast<std::size_t>(header.in_inks ? 4 : channels));
  for (int y = 0; y < size.height;) {
    const int rows = reader.read(strip);
    const auto read =
        std::span(strip).first(strip.size() / kStripRows * static_cast<std::size_t>(rows));
    place_upright(header.in_inks ? to_light(read) : read, y, size, channels, header.orientation,
                  pixels);
    y += rows;
  }
  return pixels;
}

// Reads the rows and columns of a part alone; the rest of the JPEG is not read.
Frame read_part(JpegReader& reader, Size size, const Box& part, const JpegHeader& header) {
  const auto from = [](float share, int length) {
    return std::clamp(static_cast<int>(share * static_cast<float>(length)), 0, length - 1);
  };
  const auto upto = [](float share, int length, int begin) {
    return std::clamp(static_cast<int>(std::ceil(share * static_cast<float>(length))), begin + 1,
                      length);
  };
  int left = from(part.x0, size.width);
  int width = upto(part.x1, size.width, left) - left;
  const int top = from(part.y0, size.height) / kRowsAtOnce * kRowsAtOnce;
  const int height = upto(part.y1, size.height, top) - top;
  reader.start();
  reader.crop(left, width);
  if (top > 0) reader.skip(top);
  Frame frame{{width, height}, header.size, {}, {}};
  frame.pixels.resize(area(frame.size) * 3);
  reader.read(frame.pixels);
  const auto share = [](int pixels, int length) {
    return static_cast<float>(pixels) / static_cast<float>(length);
  };
  frame.part = {share(left, size.width), share(top, size.height), share(left + width, size.width),
                share(top + height, size.height)};
  frame.missing = reader.missing();
  return frame;
}

}  // namespace

bool is_jpeg(std::span<const std::byte> snapshot) {
  return snapshot.size() >= 2 && snapshot[0] == std::byte{0xFF} && snapshot[1] == std::byte{0xD8};
}

Frame decode_jpeg(std::span<const std::byte> snapshot, const JpegHeader& header, Size cover,
                  const Box& part) {
  JpegReader reader(snapshot, header);
  const J_COLOR_SPACE space = header.in_inks ? JCS_CMYK : JCS_RGB;
  const Size stored_cover = upright(cover, header.orientation);
  int eighths = cover == Size{} ? 8 : 1;
  while (eighths < 8 && !covers(reader.scale(eighths, space), stored_cover)) eighths *= 2;
  const Size size = reader.scale(eighths, space);
  const bool is_plain = header.orientation == 1 && !header.in_inks && !header.in_scans;
  if (part != Box{} && is_plain) return read_part(reader, size, part, header);
  Frame frame{upright(size, header.orientation),
              upright(header.size, header.orientation),
              read_upright(reader, size, 3, header),
              {}};
  frame.missing = upright(reader.missing(), header.orientation);
  return frame;
}

Plane decode_jpeg_luma(std::span<const std::byte> snapshot, const JpegHeader& header) {
  if (header.in_inks) return luma(decode_jpeg(snapshot, header, {1, 1}));
  JpegReader reader(snapshot, header);
  const Size size = reader.scale(1, JCS_GRAYSCALE);
  Plane plane{upright(size, header.orientation), read_upright(reader, size, 1, header)};
  plane.missing = upright(reader.missing(), header.orientation);
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
