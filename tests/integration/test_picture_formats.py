"""What bytes are told to be, before the engine is asked."""

import struct

import pytest

from custom_components.camclassify.camera.picture import SnapshotUnavailable, checked_picture
from custom_components.camclassify.picture_formats import (
    content_type,
    find_picture,
    refused_format,
)


def segment(marker: int, payload: bytes) -> bytes:
    return struct.pack(">BBH", 0xFF, marker, len(payload) + 2) + payload


def jpeg(marker: int = 0xC0, bits: int = 8, before: bytes = b"") -> bytes:
    """A JPEG as far as its scan."""
    frame = segment(marker, bytes((bits, 0, 48, 0, 64, 1, 1, 0x11, 0)))
    return b"\xff\xd8" + before + segment(0xE0, b"JFIF\0") + frame + segment(0xDA, b"\1") + bytes(9)


PICTURES = {
    "JPEG": jpeg(),
    "JPEG after zeros": jpeg(before=bytes(608)),
    "PNG": b"\x89PNG\r\n\x1a\n....",
    "WebP": b"RIFF\x10\0\0\0WEBPVP8 ...",
}
PART = b"--frame\r\nContent-Type: image/jpeg\r\n\r\n"


@pytest.mark.parametrize("picture", PICTURES.values(), ids=PICTURES)
@pytest.mark.parametrize(
    "before",
    [b"", b"\r\n \t", PART, b"\0", b"cam 1.02 "],
    ids=["none", "breaks", "part", "byte", "text"],
)
def test_a_picture_is_found_behind_what_comes_before_it(picture: bytes, before: bytes) -> None:
    assert find_picture(before + picture) == picture
    assert checked_picture(before + picture) == picture


@pytest.mark.parametrize(
    "content", [b"", b"no", b"<html>" + jpeg(), b'{"a": "' + jpeg(), bytes(5000) + jpeg(), PART]
)
def test_where_there_is_no_picture_none_is_found(content: bytes) -> None:
    assert find_picture(content) is None


@pytest.mark.parametrize(
    ("content", "name"),
    [
        (b"GIF89a", "GIF"),
        (b"BM....", "BMP"),
        (b"II*\0" + jpeg(), "TIFF"),
        (b"MM\0*" + jpeg(), "TIFF"),
        (b"\xff\x0a....", "JPEG XL"),
        (b"\0\0\0\x0cjP  \r\n\x87\n", "JPEG 2000"),
        (b"\0\0\0\x1cftypavif", "AVIF"),
        (b"\0\0\0\x1cftypheic" + jpeg(), "HEIC"),
        (b"\0\0\0\x1cftypmif1", "HEIC"),
        (b"\0\0\0\x1cftypisom", "MP4"),
        (b"\0\0\0\x01\x67", "H.264"),
        (b"\0\0\x01\x67", "H.264"),
        (jpeg(0xC1, bits=12), "JPEG (12 bit)"),
        (jpeg(0xC3), "JPEG (lossless)"),
        (jpeg(0xC5), "JPEG (hierarchical)"),
        (jpeg(0xC9), "JPEG (arithmetic)"),
        (b"\r\n" + jpeg(0xC9, before=bytes(608)), "JPEG (arithmetic)"),
    ],
)
def test_what_is_not_read_is_named(content: bytes, name: str) -> None:
    with pytest.raises(SnapshotUnavailable) as raised:
        checked_picture(content)
    assert raised.value.reason == "other_format"
    assert raised.value.placeholders == {"format": name}


@pytest.mark.parametrize(
    "content",
    [
        *PICTURES.values(),
        jpeg(0xC1),
        jpeg(0xC2),
        jpeg(before=b"\0\0\xff\xff\xff\xd0"),
        jpeg()[:6],
        b"\xff\xd8\xff",
        b"\xff\xd8\xff\xe0\xff",
        b"\xff\xd8\xff\0\0 no segment \xff\xc9\0\x0b",
        b"--frame",
        b"text",
    ],
)
def test_what_is_read_or_no_picture_at_all_is_no_such_format(content: bytes) -> None:
    assert refused_format(content) is None


def test_browsers_are_told_the_format() -> None:
    assert [content_type(each) for each in PICTURES.values()] == [
        "image/jpeg",
        "image/jpeg",
        "image/png",
        "image/webp",
    ]
