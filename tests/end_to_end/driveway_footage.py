"""What the demo's driveway shows, looked up by eye, frame by frame."""

import io
import shutil
from pathlib import Path

from PIL import Image, ImageChops

from demo.instance import ROOT

FOLDER = ROOT / "demo/footage/driveway"
DRIVEWAY = ((0.3, 1.0), (0.52, 0.6), (0.62, 0.44), (0.9, 0.44), (0.75, 1.0))  # the road itself
WINDOWS = ((0.02, 0.02), (0.6, 0.02), (0.6, 0.3), (0.02, 0.3))
VAN = (0.79, 0.33)
FRAMES, FRAMES_PER_SECOND = 60, 2
CALM = range(24, 34)  # the frames in which nobody is there
# Where people stand: the middle, as a share of the width.
PEOPLE = {
    1: (0.21, 0.47), 2: (0.27, 0.56), 3: (0.33, 0.63), 4: (0.39, 0.74), 5: (0.44,), 6: (0.5,),
    7: (0.54,), 8: (0.56,), 9: (0.57,), 10: (0.53,), 11: (0.52,), 12: (0.49,), 13: (0.45,),
    14: (0.41,), 15: (0.38,), 16: (0.35,), 17: (0.32,), 18: (0.31,), 19: (0.31,), 20: (0.33,),
    34: (0.25, 0.69), 35: (0.22, 0.66), 36: (0.19, 0.64), 37: (0.16, 0.62), 38: (0.14, 0.6),
    39: (0.1, 0.58), 40: (0.05, 0.56), 41: (0.02, 0.56), 42: (0.54,), 43: (0.51,), 44: (0.54,),
    45: (0.57,), 46: (0.63,), 47: (0.69,), 48: (0.54, 0.75), 49: (0.48,), 50: (0.41,),
    51: (0.33,), 52: (0.27,), 53: (0.2,), 54: (0.15,), 55: (0.08,), 56: (0.03,), 57: (0.73,),
    58: (0.72,), 59: (0.69,), 60: (0.67,),
}  # fmt: skip


def number_of(snapshot: bytes) -> int:
    """Return which frame this is, byte for byte. Raises KeyError if it is none."""
    return {file.read_bytes(): int(file.stem) for file in FOLDER.glob("*.jpg")}[snapshot]


def is_somebody_on_the_road(shown: int, seconds_before: float) -> bool:
    """Tell whether somebody stood well within DRIVEWAY so long before a frame was shown."""
    number = round(shown - seconds_before * FRAMES_PER_SECOND)
    return any(0.35 < x < 0.7 for x in PEOPLE.get((number - 1) % FRAMES + 1, ()))


def drawn_box(plain: bytes, drawn: bytes) -> tuple[float, float, float, float]:
    """Return left, top, right and bottom of what was drawn into a picture, as shares of its sides."""
    before, after = (Image.open(io.BytesIO(each)).convert("L") for each in (plain, drawn))
    difference = ImageChops.difference(before, after).point(lambda value: 255 * (value > 60))
    x0, y0, x1, y1 = difference.getbbox() or (0, 0, 0, 0)
    return x0 / before.width, y0 / before.height, x1 / before.width, y1 / before.height


def let_nobody_come(config: Path) -> None:
    """Have the driveway's camera of a demo show only the frames in which nobody is there."""
    footage = config / "footage"
    footage.unlink()
    calm = footage / FOLDER.name
    calm.mkdir(parents=True)
    for number in CALM:
        shutil.copy(FOLDER / f"{number}.jpg", calm)
    for other in FOLDER.parent.iterdir():
        if other != FOLDER:
            (footage / other.name).symlink_to(other)
