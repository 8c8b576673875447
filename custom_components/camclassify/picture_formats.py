"""What bytes are: a picture that the engine reads, one that it refuses, or none."""

import re
from typing import Final

_BLANK = re.compile(rb"[ \t\r\n]*")
_PICTURE = re.compile(rb"\xff\xd8|\x89PNG\r\n\x1a\n|RIFF.{4}WEBP", re.DOTALL)
# Two bytes alone would be found in anything. Some cameras send zeros before the second marker.
_PICTURE_INSIDE = re.compile(rb"\xff\xd8(\xff|\0{4})|\x89PNG\r\n\x1a\n|RIFF.{4}WEBP", re.DOTALL)
_LONGEST_BEFORE: Final = (
    4096  # bytes that cheap cameras send before a picture, as the engine has it
)

# What may well contain a JPEG, as a preview, comes before what a picture is looked for in.
_REFUSED: Final = (
    (re.compile(rb"GIF8"), "GIF"),
    (re.compile(rb"BM"), "BMP"),
    (re.compile(rb"II\*\0|MM\0\*"), "TIFF"),
    (re.compile(rb"\xff\x0a|.{4}JXL ", re.DOTALL), "JPEG XL"),
    (re.compile(rb".{4}jP  ", re.DOTALL), "JPEG 2000"),
    (re.compile(rb".{4}ftypavi", re.DOTALL), "AVIF"),
    (re.compile(rb".{4}ftyp(he|mif1|msf1)", re.DOTALL), "HEIC"),
    (re.compile(rb".{4}ftyp", re.DOTALL), "MP4"),
    (re.compile(rb"\0\0\0?\x01"), "H.264"),
)
_FRAME_KINDS: Final = {
    **dict.fromkeys((0xC5, 0xC6, 0xC7), "JPEG (hierarchical)"),
    **dict.fromkeys((0xC9, 0xCA, 0xCB, 0xCD, 0xCE, 0xCF), "JPEG (arithmetic)"),
    0xC3: "JPEG (lossless)",
}
# With what cameras put before one; what else may stand there is the engine's to judge.
_SEGMENT = re.compile(rb"\0*\xff+([^\x00\xff])(..)", re.DOTALL)
_SCAN: Final = 0xDA
_STANDALONE: Final = frozenset({0x01, *range(0xD0, 0xD9)})


def find_picture(content: bytes) -> bytes | None:
    """Return the JPEG, PNG or WebP, without what comes before it; None if there is none."""
    blank = _BLANK.match(content)
    begin = blank.end() if blank else 0
    if _PICTURE.match(content, begin):
        return content[begin:]
    if refused_format(content) or content[begin : begin + 1] in (b"<", b"{", b"["):
        return None
    found = _PICTURE_INSIDE.search(content, begin, begin + _LONGEST_BEFORE)
    return content[found.start() :] if found else None


def refused_format(content: bytes) -> str | None:
    """Return the name of a format that is not read, that of an unusual JPEG included."""
    for pattern, name in _REFUSED:
        if pattern.match(content):
            return name
    return _refused_jpeg(content) if content.startswith(b"\xff\xd8") else None


def content_type(picture: bytes) -> str:
    """Return what browsers call the format of a picture that is read."""
    if picture.startswith(b"\x89PNG"):
        return "image/png"
    return "image/webp" if picture.startswith(b"RIFF") else "image/jpeg"


def _refused_jpeg(jpeg: bytes) -> str | None:
    at = 2
    while found := _SEGMENT.match(jpeg, at):
        marker = found[1][0]
        if marker in _STANDALONE:
            at = found.end(1)
            continue
        if marker == _SCAN:
            return None
        if marker in _FRAME_KINDS:
            return _FRAME_KINDS[marker]
        if marker in (0xC0, 0xC1, 0xC2):
            bits = jpeg[found.end() : found.end() + 1]
            return None if bits in (b"", b"\x08") else f"JPEG ({bits[0]} bit)"
        at = found.start(2) + int.from_bytes(found[2])
    return None
