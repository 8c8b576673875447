"""The pictures on which the shipped scene plan was calibrated, as a folder for `camclassify bundle build`.

    benchmarks/calibration_pictures.py FOLDER --photographs FOLDER... --footage vtest.avi
    camclassify bundle build DIR --photographs FOLDER

Photographs, one of three variants of each, and some frames: none that int8_accuracy.py judges frames by.
docs/models.md says of which packages the photographs are.
"""

import argparse
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from camclassify_core.bundle import default
from camclassify_core.bundle.photographs import fit
from PIL import Image

sys.path.insert(0, str(Path(__file__).parents[1]))

from benchmarks import int8_accuracy
from benchmarks.footage import read_frames
from benchmarks.int8_accuracy import Picture

FIRST, EVERY = 5, 53  # frames of the footage


def variant(picture: Picture, index: int) -> Picture:
    """The picture mirrored, or darker, or smaller."""
    match index % 3:
        case 0:
            return picture[:, :, ::-1]
        case 1:
            return (picture * 0.5).astype(np.uint8)
        case _:
            small = Image.fromarray(picture[0]).resize((280, 280))
            shrunk = np.full_like(picture, default.SCENE_INPUT.pad)
            shrunk[0, 60:340, 60:340] = np.asarray(small)
            return shrunk


def pictures(folders: list[Path], footage: Path) -> Iterator[Picture]:
    """All of them, as the scene network sees them."""
    shots = int8_accuracy.pictures(int8_accuracy.files(folders)[0])
    yield from shots
    yield from (variant(shot, index) for index, shot in enumerate(shots))
    for frame in read_frames(footage)[FIRST::EVERY]:
        yield fit(frame, default.SCENE_INPUT)


def main() -> None:
    """Writes the folder."""
    assert __doc__ is not None
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--photographs", type=Path, nargs="+", required=True)
    parser.add_argument("--footage", type=Path, required=True)
    options = parser.parse_args()
    options.folder.mkdir(parents=True, exist_ok=True)
    for index, picture in enumerate(pictures(options.photographs, options.footage)):
        Image.fromarray(picture[0, :, :, ::-1]).save(options.folder / f"{index:03}.png")


if __name__ == "__main__":
    main()
