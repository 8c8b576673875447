"""What the demo's driveway shows, looked up by eye, frame by frame."""

import io
import shutil
from pathlib import Path

from PIL import Image, ImageChops

from demo.instance import ROOT

FOLDER = ROOT / "demo/footage/driveway"
DRIVEWAY = ((0.45, 0.42), (0.66, 0.38), (0.88, 0.5), (0.98, 0.75), (0.5, 0.56))  # on the road
WINDOWS = ((0.42, 0.04), (0.76, 0.04), (0.76, 0.16), (0.42, 0.16))
VAN = (0.895, 0.125)
FRAMES, FRAMES_PER_SECOND = 60, 2
CALM = range(40, 60)  # frames in which nobody is there
# Where somebody stands: the middle, as a share of the width.
PERSON = {
    7: 0.99, 8: 0.95, 9: 0.91, 10: 0.86, 11: 0.82, 12: 0.78, 13: 0.75, 14: 0.72, 15: 0.65, 16: 0.61,
    17: 0.53, 18: 0.52, 19: 0.48, 20: 0.45, 21: 0.42, 22: 0.39, 23: 0.36, 24: 0.33, 25: 0.31,
    26: 0.29, 27: 0.26, 28: 0.24, 29: 0.22, 30: 0.2, 31: 0.17, 32: 0.15, 33: 0.12, 34: 0.08,
    35: 0.05, 36: 0.02,
}  # fmt: skip


def number_of(snapshot: bytes) -> int:
    """Return which frame this is, byte for byte. Raises KeyError if it is none."""
    return {file.read_bytes(): int(file.stem) for file in FOLDER.glob("*.jpg")}[snapshot]


def is_somebody_on_the_road(shown: int, seconds_before: float) -> bool:
    """Tell whether somebody stood well within DRIVEWAY so long before a frame was shown."""
    number = round(shown - seconds_before * FRAMES_PER_SECOND)
    return 0.55 < PERSON.get((number - 1) % FRAMES + 1, 0) < 0.88


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
