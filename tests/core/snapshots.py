"""Snapshots that no camera should send."""

import struct
import zlib


def png_that_claims(width: int, height: int) -> bytes:
    """A PNG whose header states a size that its few bytes of data do not have."""
    return _png(width, height, zlib.compress(b""))


def decompression_bomb() -> bytes:
    """A PNG of some kilobytes that is 20,000 x 20,000 pixels."""
    return _png(20_000, 20_000, zlib.compress(bytes(20_000 * 2_501), 9), bits=1, colour=0)


def _png(width: int, height: int, data: bytes, *, bits: int = 8, colour: int = 2) -> bytes:
    def chunk(kind: bytes, body: bytes) -> bytes:
        checked = kind + body
        return struct.pack(">I", len(body)) + checked + struct.pack(">I", zlib.crc32(checked))

    header = struct.pack(">IIBBBBB", width, height, bits, colour, 0, 0, 0)
    parts = chunk(b"IHDR", header) + chunk(b"IDAT", data) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + parts


def corrupt(jpeg: bytes) -> bytes:
    """A JPEG with other bytes in the middle of its picture."""
    middle = len(jpeg) // 2
    return jpeg[:middle] + bytes(range(256)) * 8 + jpeg[middle + 2048 :]
