#include "image/many_codes.hpp"

#include <cstdint>
#include <string_view>

namespace camclassify::test {
namespace {

// Bits as "WebP Lossless Bitstream Specification" packs them: the least significant first.
class BitWriter {
 public:
  void write(std::uint32_t value, int count) {
    for (int i = 0; i < count; ++i) {
      if (used_ == 0) bytes_.push_back(std::byte{0});
      if ((value >> i & 1U) != 0) bytes_.back() |= std::byte{1} << used_;
      used_ = (used_ + 1) % 8;
    }
  }

  // A symbol of a code in which each takes eight bits: the most significant first.
  void write_byte(std::uint32_t symbol) {
    for (int bit = 7; bit >= 0; --bit) write(symbol >> bit & 1U, 1);
  }

  const std::vector<std::byte>& bytes() const { return bytes_; }

 private:
  std::vector<std::byte> bytes_;
  int used_ = 0;  // bits of the last byte
};

// A code of the one symbol 0, which takes no bits where it is used.
void write_single_code(BitWriter& bits) { bits.write(0b0001, 4); }

// A code in which each of the symbols 0 to 255 takes eight bits.
void write_byte_code(BitWriter& bits) {
  bits.write(0, 1);  // not a simple code
  bits.write(8, 4);  // twelve lengths of lengths follow, the last of which is that of 8
  for (int i = 0; i < 11; ++i) bits.write(0, 3);
  bits.write(1, 3);
  bits.write(1, 1);  // how many symbols have a length,
  bits.write(3, 3);  // in 8 bits:
  bits.write(254, 8);
}

// The picture that says of each block of pixels which group codes it.
void write_entropy_image(BitWriter& bits, int pixels, int groups) {
  bits.write(0, 1);       // no colour cache
  write_byte_code(bits);  // green, the lower byte of the group
  write_byte_code(bits);  // red, the upper
  for (int i = 0; i < 3; ++i) write_single_code(bits);
  for (int i = 0; i < pixels; ++i) {
    const auto group = static_cast<std::uint32_t>(i < groups ? i : 0);
    bits.write_byte(group & 0xFFU);
    bits.write_byte(group >> 8);
  }
}

void append(std::vector<std::byte>& bytes, std::string_view text, std::size_t length) {
  const auto name = std::as_bytes(std::span(text));
  bytes.insert(bytes.end(), name.begin(), name.end());
  for (int i = 0; i < 4; ++i) bytes.push_back(static_cast<std::byte>(length >> (8 * i) & 0xFF));
}

}  // namespace

std::vector<std::byte> many_codes(Size size, int groups) {
  constexpr int kCodesOfGroup = 5, kBlock = 4;
  BitWriter bits;
  bits.write(0x2F, 8);
  bits.write(static_cast<std::uint32_t>(size.width - 1), 14);
  bits.write(static_cast<std::uint32_t>(size.height - 1), 14);
  bits.write(0, 4);                   // no transparency, version 0
  bits.write(0, 2);                   // no transform, no colour cache
  bits.write(groups > 1 ? 1 : 0, 1);  // more than one group,
  if (groups > 1) {
    bits.write(0, 3);  // of blocks of 4 x 4 pixels
    const auto blocks = [](int length) { return (length + kBlock - 1) / kBlock; };
    write_entropy_image(bits, blocks(size.width) * blocks(size.height), groups);
  }
  for (int i = 0; i < groups * kCodesOfGroup; ++i) write_single_code(bits);
  bits.write(0, 32);  // readers look ahead

  std::vector<std::byte> file;
  const std::vector<std::byte>& picture = bits.bytes();
  const std::size_t padding = picture.size() % 2;
  append(file, "RIFF", picture.size() + padding + 12);
  const std::string_view kind = "WEBP";
  const auto kind_bytes = std::as_bytes(std::span(kind));
  file.insert(file.end(), kind_bytes.begin(), kind_bytes.end());
  append(file, "VP8L", picture.size());
  file.insert(file.end(), picture.begin(), picture.end());
  if (padding > 0) file.push_back(std::byte{0});
  return file;
}

}  // namespace camclassify::test
