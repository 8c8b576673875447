"""Pictures as cheap cameras and their servers send them: one good picture, made odd in a way each."""

import io
import re
import struct
from collections.abc import Callable, Iterator
from typing import Any

from PIL import Image

_START, _END = b"\xff\xd8", b"\xff\xd9"
_SCAN, _EXIF = 0xDA, 0xE1
_RESTART = re.compile(rb"\xff[\xd0-\xd7]")


def encoded(picture: Image.Image, kind: str = "JPEG", **options: Any) -> bytes:
    """A picture in a format that Pillow writes."""
    stream = io.BytesIO()
    picture.save(stream, kind, **options)
    return stream.getvalue()


def segments(jpeg: bytes) -> Iterator[bytes]:
    """The start marker, each segment with its marker, and from the scan on all the rest."""
    yield jpeg[:2]
    at = 2
    while jpeg[at + 1] != _SCAN:
        (length,) = struct.unpack_from(">H", jpeg, at + 2)
        yield jpeg[at : at + 2 + length]
        at += 2 + length
    yield jpeg[at:]


def segment(marker: int, payload: bytes) -> bytes:
    """A segment of a JPEG."""
    return struct.pack(">BBH", 0xFF, marker, len(payload) + 2) + payload


def exif(orientation: int, *, order: str = ">") -> bytes:
    """The TIFF file that Exif is."""
    mark = b"MM" if order == ">" else b"II"
    entry = struct.pack(f"{order}HHIHH", 0x0112, 3, 1, orientation, 0)
    return mark + struct.pack(f"{order}HIH", 42, 8, 1) + entry + bytes(4)


def tilted(picture: Image.Image, orientation: int) -> Image.Image:
    """What a camera stores that is held so."""
    turns = {
        3: Image.Transpose.ROTATE_180,
        6: Image.Transpose.ROTATE_90,
        8: Image.Transpose.ROTATE_270,
    }
    return picture.transpose(turns[orientation])


def with_orientation(jpeg: bytes, orientation: int, *, order: str = ">", after: int = 1) -> bytes:
    """Exif after so many segments."""
    parts = list(segments(jpeg))
    parts.insert(after, segment(_EXIF, b"Exif\0\0" + exif(orientation, order=order)))
    return b"".join(parts)


def with_restarts(jpeg: bytes, change: Callable[[int], int | None]) -> bytes:
    """Restart markers with the number that `change` gives for each, or without it."""
    *head, scan = segments(jpeg)
    at = -1

    def replaced(_: re.Match[bytes]) -> bytes:
        nonlocal at
        at += 1
        number = change(at)
        return b"" if number is None else bytes((0xFF, 0xD0 + number))

    return b"".join((*head, _RESTART.sub(replaced, scan)))


def cut(jpeg: bytes, share: float) -> bytes:
    """Only so much of its scan."""
    *head, scan = segments(jpeg)
    return b"".join((*head, scan[: int(len(scan) * share)]))


def patched(jpeg: bytes, marker: int, bits: int = 8) -> bytes:
    """Another kind of JPEG, by what its header says."""
    return b"".join(
        bytes((0xFF, marker)) + part[2:4] + bytes((bits,)) + part[5:] if part[1] == 0xC0 else part
        for part in segments(jpeg)
    )


def _png_with_exif(png: bytes, orientation: int) -> bytes:
    tiff = exif(orientation)
    after_header = 33
    chunk = struct.pack(">I", len(tiff)) + b"eXIf" + tiff + bytes(4)
    return png[:after_header] + chunk + png[after_header:]


_PART = b"--frame\r\nContent-Type: image/jpeg\r\nContent-Length: 4711\r\n\r\n"

ODD_BYTES: dict[str, Callable[[bytes], bytes]] = {
    "line breaks before it": lambda jpeg: b"\r\n\r\n" + jpeg,
    "the header of a part before it": lambda jpeg: _PART + jpeg,
    "a part between its boundaries": lambda jpeg: _PART + jpeg + b"\r\n--frame--\r\n",
    "the first of two parts": lambda jpeg: _PART + jpeg + b"\r\n" + _PART + jpeg[:5000],
    "a header with bare line feeds": lambda jpeg: b"Content-type: image/jpeg\n\n" + jpeg,
    "an extra byte before it": lambda jpeg: b"\0" + jpeg,
    "an extra byte after it": lambda jpeg: jpeg + b"\0",
    "a kilobyte of zeros after it": lambda jpeg: jpeg + bytes(1024),
    "no end marker": lambda jpeg: jpeg.removesuffix(_END),
    "half an end marker": lambda jpeg: jpeg[:-1],
    "608 zeros before the second marker": lambda jpeg: jpeg[:2] + bytes(608) + jpeg[2:],
    "608 zeros before the second marker, of a part": lambda jpeg: (
        _PART + jpeg[:2] + bytes(608) + jpeg[2:]
    ),
    "fill bytes before each marker": lambda jpeg: b"".join(
        part if part == _START else b"\xff\xff\xff" + part for part in segments(jpeg)
    ),
    "zeros before each marker": lambda jpeg: b"".join(
        part if part == _START else bytes(7) + part for part in segments(jpeg)
    ),
    "text between the segments": lambda jpeg: jpeg[:2] + b"cam v1.02 ".join(segments(jpeg))[2:],
    "a restart marker before the segments": lambda jpeg: jpeg[:2] + b"\xff\xd0" + jpeg[2:],
    "a comment of 60 kB": lambda jpeg: jpeg[:2] + segment(0xFE, b"x" * 60_000) + jpeg[2:],
    "XMP where Exif usually is": lambda jpeg: (
        jpeg[:2] + segment(_EXIF, b"http://ns.adobe.com/xap/1.0/\0<x/>") + jpeg[2:]
    ),
    "Exif that ends too early": lambda jpeg: jpeg[:2] + segment(_EXIF, b"Exif\0\0MM\0*") + jpeg[2:],
    "Exif with a preview in it": lambda jpeg: (
        jpeg[:2] + segment(_EXIF, b"Exif\0\0" + exif(1) + jpeg[:20_000]) + jpeg[2:]
    ),
    "restart markers announced and not sent": lambda jpeg: (
        jpeg[:2] + segment(0xDD, struct.pack(">H", 24)) + jpeg[2:]
    ),
}
"""The same picture, bit for bit."""

ODD_CODINGS: dict[str, Callable[[Image.Image], bytes]] = {
    "its own Huffman tables": lambda it: encoded(it, quality=92, optimize=True),
    "restart markers": lambda it: encoded(it, quality=92, restart_marker_rows=2),
    "restart markers that are all the first": lambda it: with_restarts(
        encoded(it, quality=92, restart_marker_rows=1), lambda _: 0
    ),
    "restart markers that count from three": lambda it: with_restarts(
        encoded(it, quality=92, restart_marker_rows=1), lambda at: (at + 3) % 8
    ),
}
"""The same pixels as an ordinary JPEG."""

ODD_ENCODINGS: dict[str, Callable[[Image.Image], bytes]] = {
    "progressive": lambda it: encoded(it, quality=92, progressive=True),
    "full colour": lambda it: encoded(it, quality=92, subsampling=0),
    "colour halved in width": lambda it: encoded(it, quality=92, subsampling=1),
    "CMYK": lambda it: encoded(it.convert("CMYK"), quality=92),
    "on its side": lambda it: with_orientation(encoded(tilted(it, 6), quality=92), 6),
    "on its head, in Intel's order": lambda it: with_orientation(
        encoded(tilted(it, 3), quality=92), 3, order="<"
    ),
    "on its side, which is said late": lambda it: with_orientation(
        encoded(tilted(it, 8), quality=92), 8, after=4
    ),
    "on its side, 608 zeros before that": lambda it: (
        (jpeg := with_orientation(encoded(tilted(it, 6), quality=92), 6))[:2]
        + bytes(608)
        + jpeg[2:]
    ),
    "without its last rows": lambda it: cut(encoded(it, quality=92), 0.97),
    "PNG": lambda it: encoded(it, "PNG"),
    "PNG with transparency": lambda it: encoded(it.convert("RGBA"), "PNG"),
    "PNG on its side": lambda it: _png_with_exif(encoded(tilted(it, 6), "PNG"), 6),
    "WebP": lambda it: encoded(it, "WEBP", quality=92),
    "WebP without loss": lambda it: encoded(it, "WEBP", lossless=True),
    "WebP with transparency": lambda it: encoded(it.convert("RGBA"), "WEBP", quality=92),
    "WebP on its side": lambda it: encoded(tilted(it, 6), "WEBP", quality=92, exif=exif(6)),
    "WebP after line breaks": lambda it: b"\r\n" + encoded(it, "WEBP", quality=92),
    "WebP as a part of a stream": lambda it: _PART + encoded(it, "WEBP", quality=92),
}
"""The same picture, but for what encoding loses."""

REFUSED: dict[str, tuple[Callable[[Image.Image], bytes], str]] = {
    "12 bits": (lambda it: patched(encoded(it), 0xC1, 12), "12 bits"),
    "lossless": (lambda it: patched(encoded(it), 0xC3), "lossless"),
    "hierarchical": (lambda it: patched(encoded(it), 0xC5), "hierarchical"),
    "arithmetic": (lambda it: patched(encoded(it), 0xC9), "arithmetically"),
    "half of it": (lambda it: cut(encoded(it), 0.5), "only a part"),
    "half of a progressive one": (
        lambda it: encoded(it, progressive=True)[: it.width * it.height // 20],
        "only a part",
    ),
    "no picture after its header": (
        lambda it: b"".join([*segments(encoded(it))][:-1]),
        "only a part",
    ),
    "half of a WebP": (lambda it: (data := encoded(it, "WEBP"))[: len(data) // 2], "only a part"),
    "half of a PNG": (lambda it: (data := encoded(it, "PNG"))[: len(data) // 2], "PNG is damaged"),
    "GIF": (lambda it: encoded(it, "GIF"), "a GIF picture"),
    "BMP": (lambda it: encoded(it, "BMP"), "a BMP picture"),
    "TIFF": (lambda it: encoded(it, "TIFF"), "a TIFF picture"),
    "TIFF with a JPEG in it": (
        lambda it: encoded(it, "TIFF", compression="jpeg"),
        "a TIFF picture",
    ),
    "AVIF": (lambda _: b"\0\0\0\x1cftypavif\0\0\0\0", "an AVIF picture"),
    "HEIC": (lambda it: b"\0\0\0\x1cftypheic\0\0\0\0" + encoded(it), "a HEIC picture"),
    "animation": (
        lambda it: encoded(it, "WEBP", save_all=True, append_images=[it.rotate(9)]),
        "animated WebP",
    ),
    "video": (lambda _: b"\0\0\0\1\x67\x42\0\x1f", "a video"),
    "web page": (lambda _: b"<!DOCTYPE html><html><title>Sign in</title>", "a web page"),
    "JSON": (lambda _: b'{"code": 401, "message": "denied"}', "JSON"),
    "text": (lambda _: "Zugriff verweigert: Gerät".encode(), "a text"),
    "nothing": (lambda _: b"", "empty"),
}
"""What is no picture to be read, and words that say so."""
