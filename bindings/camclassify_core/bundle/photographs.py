"""Photographs as a network's input, for calibration."""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, UnidentifiedImageError

from camclassify_core.errors import BundleError
from camclassify_core.snapshot_files import snapshot_files

from .manifest import InputEntry


def read_folder(folder: Path, wanted: InputEntry) -> list[NDArray[np.uint8]]:
    """All pictures below a folder, in the order of their paths. Raises CamClassifyError if there is none."""
    return [read(path, wanted) for path in snapshot_files(folder)]


def read(path: Path, wanted: InputEntry) -> NDArray[np.uint8]:
    """One picture, u8 1 x height x width x 3, fitted as the network wants it."""
    try:
        with Image.open(path) as opened:
            picture = opened.convert("RGB")
    except (OSError, UnidentifiedImageError) as error:
        raise BundleError(f"{path} is not a picture: {error}") from error
    return fit(np.asarray(picture), wanted)


def fit(pixels: NDArray[np.uint8], wanted: InputEntry) -> NDArray[np.uint8]:
    """An RGB picture, u8 height x width x 3, fitted as the network wants it."""
    picture = Image.fromarray(pixels)
    size = (wanted.width, wanted.height)
    if wanted.fit == "letterbox":
        share = min(wanted.width / picture.width, wanted.height / picture.height)
        size = (max(1, round(picture.width * share)), max(1, round(picture.height * share)))
    resized = np.asarray(picture.resize(size, Image.Resampling.BILINEAR))
    if wanted.order == "bgr":
        resized = resized[:, :, ::-1]
    fitted = np.full((1, wanted.height, wanted.width, 3), wanted.pad, np.uint8)
    fitted[0, : size[1], : size[0]] = resized
    return fitted
