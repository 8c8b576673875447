"""A frame that somebody else decoded, without native code: what a stream gives in place of snapshots."""

from collections.abc import Buffer
from dataclasses import dataclass
from enum import StrEnum

type Plane = tuple[Buffer, int]
"""Contiguous bytes, a sample each, and the bytes from one row to the next."""


class Matrix(StrEnum):
    """Which weights of red, green and blue luma stands for: ITU-R BT.601 or BT.709."""

    BT601 = "bt601"
    BT709 = "bt709"


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """A picture of 8 bits a sample: luma, and Cb and Cr at half its width and height, rounded up (4:2:0).

    `width`, `height`: of luma, at most 36 million pixels. `full_range`: 0 to 255; else luma is 16 to 235, Cb
    and Cr 16 to 240. `halved_rows`: false if Cb and Cr have all rows (4:2:2). The planes are read as long as
    an engine is asked about them, so they must not change meanwhile.
    """

    width: int
    height: int
    planes: tuple[Plane, Plane, Plane]
    full_range: bool = False
    matrix: Matrix = Matrix.BT709
    halved_rows: bool = True
