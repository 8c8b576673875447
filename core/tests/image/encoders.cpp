#include "image/encoders.hpp"

#include <png.h>
#include <webp/encode.h>
#include <zlib.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <span>

// libjpeg's header needs <cstdio> before it.
#include <jpeglib.h>

namespace camclassify::test {
namespace {

struct Colours {
  int channels;
  J_COLOR_SPACE given, stored;
};

Colours colours_of(JpegColour colour) {
  switch (colour) {
    case JpegColour::kGrey:
      return {1, JCS_GRAYSCALE, JCS_GRAYSCALE};
    case JpegColour::kCmyk:
      return {4, JCS_CMYK, JCS_CMYK};
    case JpegColour::kYcck:
      return {4, JCS_CMYK, JCS_YCCK};
    case JpegColour::kYcc:
      break;
  }
  return {3, JCS_RGB, JCS_YCbCr};
}

std::vector<jpeg_scan_info> scan_script(const std::vector<JpegScan>& scans, int channels) {
  std::vector<jpeg_scan_info> script;
  for (const JpegScan& scan : scans) {
    jpeg_scan_info info = {};
    info.comps_in_scan = scan.component < 0 ? channels : 1;
    for (int i = 0; i < info.comps_in_scan; ++i)
      info.component_index[i] = scan.component < 0 ? i : scan.component;
    info.Ss = scan.first;
    info.Se = scan.last;
    info.Ah = scan.high_bit;
    info.Al = scan.low_bit;
    script.push_back(info);
  }
  return script;
}

}  // namespace

RowWriter plain(int width, std::vector<std::uint8_t> levels) {
  return [width, levels = std::move(levels)](int, std::uint8_t* row) {
    for (int x = 0; x < width; ++x) row = std::ranges::copy(levels, row).out;
  };
}

std::vector<std::byte> encode_jpeg(Size size, const JpegKind& kind, const RowWriter& row) {
  const auto [channels, given, stored] = colours_of(kind.colour);
  jpeg_error_mgr reporter;
  jpeg_compress_struct codec = {};
  codec.err = jpeg_std_error(&reporter);  // ends the process: these pictures can all be written
  jpeg_create_compress(&codec);
  unsigned char* bytes = nullptr;
  unsigned long count = 0;
  jpeg_mem_dest(&codec, &bytes, &count);
  codec.image_width = static_cast<JDIMENSION>(size.width);
  codec.image_height = static_cast<JDIMENSION>(size.height);
  codec.input_components = channels;
  codec.in_color_space = given;
  jpeg_set_defaults(&codec);
  jpeg_set_colorspace(&codec, stored);
  jpeg_set_quality(&codec, kind.quality, TRUE);
  codec.comp_info[0].h_samp_factor = codec.comp_info[0].v_samp_factor = kind.halved_colour ? 2 : 1;
  const auto script = scan_script(kind.scans, channels);
  if (!script.empty()) {
    codec.scan_info = script.data();
    codec.num_scans = static_cast<int>(script.size());
  }
  if (kind.progressive) jpeg_simple_progression(&codec);
  codec.restart_in_rows = kind.restart_rows;
  jpeg_start_compress(&codec, TRUE);
  std::vector<std::uint8_t> line(static_cast<std::size_t>(size.width * channels));
  JSAMPROW pointer = line.data();
  for (int y = 0; y < size.height; ++y) {
    row(y, line.data());
    jpeg_write_scanlines(&codec, &pointer, 1);
  }
  jpeg_finish_compress(&codec);
  jpeg_destroy_compress(&codec);
  const auto view = std::as_bytes(std::span(bytes, count));
  std::vector<std::byte> jpeg(view.begin(), view.end());
  std::free(bytes);
  return jpeg;
}

std::vector<JpegScan> many_scans(int count) {
  std::vector<JpegScan> scans = {{}};
  for (int coefficient = 1; coefficient < 64; ++coefficient)
    for (int component = 0; component < 3; ++component)
      scans.push_back({.component = component, .first = coefficient, .last = coefficient});
  scans.resize(static_cast<std::size_t>(count));
  return scans;
}

std::vector<std::byte> encode_png(Size size, const PngKind& kind, const RowWriter& row) {
  constexpr int kColourTypes[] = {PNG_COLOR_TYPE_GRAY, PNG_COLOR_TYPE_GRAY_ALPHA,
                                  PNG_COLOR_TYPE_RGB, PNG_COLOR_TYPE_RGB_ALPHA};
  std::vector<std::byte> bytes;
  png_structp png = png_create_write_struct(PNG_LIBPNG_VER_STRING, nullptr, nullptr, nullptr);
  png_infop info = png_create_info_struct(png);
  png_set_write_fn(
      png, &bytes,
      [](png_structp writer, png_bytep data, std::size_t count) {
        const auto view = std::as_bytes(std::span(data, count));
        auto& written = *static_cast<std::vector<std::byte>*>(png_get_io_ptr(writer));
        written.insert(written.end(), view.begin(), view.end());
      },
      nullptr);
  png_set_compression_level(png, 1);
  png_set_IHDR(png, info, static_cast<png_uint_32>(size.width),
               static_cast<png_uint_32>(size.height), kind.bits, kColourTypes[kind.channels - 1],
               kind.interlaced ? PNG_INTERLACE_ADAM7 : PNG_INTERLACE_NONE,
               PNG_COMPRESSION_TYPE_DEFAULT, PNG_FILTER_TYPE_DEFAULT);
  png_write_info(png, info);
  std::vector<std::uint8_t> line(png_get_rowbytes(png, info));
  for (int pass = png_set_interlace_handling(png); pass > 0; --pass) {
    for (int y = 0; y < size.height; ++y) {
      row(y, line.data());
      png_write_row(png, line.data());
    }
  }
  png_write_end(png, info);
  png_destroy_write_struct(&png, &info);
  return bytes;
}

std::vector<std::byte> with_texts(std::vector<std::byte> png, int count) {
  constexpr std::size_t kZeros = 7'900'000, kAfterHeader = 33;
  std::vector<unsigned char> chunk = {0,   0,   0,   0,   'z', 'T', 'X', 't', 'C',
                                      'o', 'm', 'm', 'e', 'n', 't', 0,   0};
  const std::size_t start = chunk.size();
  uLongf packed = compressBound(kZeros);
  chunk.resize(start + packed);
  compress(&chunk[start], &packed, std::vector<unsigned char>(kZeros, '0').data(), kZeros);
  chunk.resize(start + packed);
  const auto put = [](std::size_t value, unsigned char* at) {
    for (int i = 3; i >= 0; --i, value >>= 8) at[i] = static_cast<unsigned char>(value);
  };
  put(chunk.size() - 8, chunk.data());
  const auto sum = crc32(0, &chunk[4], static_cast<uInt>(chunk.size() - 4));
  chunk.resize(chunk.size() + 4);
  put(sum, &chunk[chunk.size() - 4]);
  std::vector<std::byte> texts;
  const auto view = std::as_bytes(std::span(chunk));
  for (int i = 0; i < count; ++i) texts.insert(texts.end(), view.begin(), view.end());
  png.insert(png.begin() + kAfterHeader, texts.begin(), texts.end());
  return png;
}

std::vector<std::byte> exif_tiff(int orientation, bool little_endian) {
  const std::vector<int> little = {'I', 'I', 42, 0, 8, 0,           0, 0, 1, 0, 0x12, 0x01, 3,
                                   0,   1,   0,  0, 0, orientation, 0, 0, 0, 0, 0,    0,    0};
  const std::vector<int> big = {'M', 'M', 0, 42, 0, 0, 0,           8, 0, 1, 0x01, 0x12, 0,
                                3,   0,   0, 0,  1, 0, orientation, 0, 0, 0, 0,    0,    0};
  std::vector<std::byte> tiff;
  for (const int value : little_endian ? little : big)
    tiff.push_back(static_cast<std::byte>(value));
  return tiff;
}

std::vector<std::byte> encode_webp(Size size, const WebpKind& kind, const RowWriter& row) {
  const auto stride =
      static_cast<std::size_t>(kind.channels) * static_cast<std::size_t>(size.width);
  std::vector<std::uint8_t> pixels(stride * static_cast<std::size_t>(size.height));
  for (int y = 0; y < size.height; ++y) row(y, &pixels[stride * static_cast<std::size_t>(y)]);

  WebPConfig config;
  WebPConfigInit(&config);
  config.quality = kind.quality;
  config.method = 0;
  config.lossless = kind.lossless ? 1 : 0;
  config.exact = 1;  // what is transparent keeps its colour
  WebPPicture picture;
  WebPPictureInit(&picture);
  picture.use_argb = config.lossless;
  picture.width = size.width;
  picture.height = size.height;
  (kind.channels == 4 ? WebPPictureImportRGBA : WebPPictureImportRGB)(&picture, pixels.data(),
                                                                      static_cast<int>(stride));
  WebPMemoryWriter writer;
  WebPMemoryWriterInit(&writer);
  picture.writer = WebPMemoryWrite;
  picture.custom_ptr = &writer;
  WebPEncode(&config, &picture);
  WebPPictureFree(&picture);
  const auto written = std::as_bytes(std::span(writer.mem, writer.size));
  std::vector<std::byte> bytes(written.begin(), written.end());
  WebPMemoryWriterClear(&writer);
  return bytes;
}

}  // namespace camclassify::test
