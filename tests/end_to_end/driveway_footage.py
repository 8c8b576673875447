"""What the demo's driveway shows, looked up by eye, frame by frame."""

import io
import shutil
from pathlib import Path

from PIL import Image, ImageChops

from demo.instance import ROOT

FOLDER = ROOT / "demo/footage/driveway"
DRIVEWAY = ((0.555, 0.31), (0.64, 0.29), (0.727, 0.36), (0.767, 0.49), (0.575, 0.39))  # on the road
WINDOWS = ((0.02, 0.09), (0.36, 0.09), (0.37, 0.3), (0.02, 0.26))  # of the wing at the left
VAN = (0.733, 0.156)
FRAMES, FRAMES_PER_SECOND = 60, 2
CALM = range(40, 60)  # frames in which nobody is there
# Where somebody stands: the middle, as a share of the width.
PERSON = {
    7: 0.771, 8: 0.755, 9: 0.739, 10: 0.719, 11: 0.703, 12: 0.687, 13: 0.675, 14: 0.663, 15: 0.635,
    16: 0.619, 17: 0.587, 18: 0.583, 19: 0.567, 20: 0.555, 21: 0.543, 22: 0.531, 23: 0.519,
    24: 0.507, 25: 0.499, 26: 0.491, 27: 0.479, 28: 0.471, 29: 0.463, 30: 0.455, 31: 0.443,
    32: 0.435, 33: 0.423, 34: 0.407,
}  # fmt: skip


def number_of(snapshot: bytes) -> int:
    """Return which frame this is, byte for byte. Raises KeyError if it is none."""
    return {file.read_bytes(): int(file.stem) for file in FOLDER.glob("*.jpg")}[snapshot]


def is_somebody_on_the_road(shown: int, seconds_before: float) -> bool:
    """Tell whether somebody stood well within DRIVEWAY so long before a frame was shown."""
    number = round(shown - seconds_before * FRAMES_PER_SECOND)
    return 0.595 < PERSON.get((number - 1) % FRAMES + 1, 0) < 0.727


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
