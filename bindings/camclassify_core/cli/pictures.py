"""Which pictures the arguments of a command stand for, and where what is drawn on them goes."""

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from camclassify_core.engine import MAX_SNAPSHOT_BYTES
from camclassify_core.errors import CamClassifyError, SnapshotError

from .error_output import UsageError

STANDARD_INPUT = "-"
_JPEG = (".jpg", ".jpeg")  # what drawings are
_OTHERS = (".png", ".webp")
SUFFIXES = _JPEG + _OTHERS
"""Of the files in a folder, those that are pictures; a file that is named may be called anything."""


@dataclass(frozen=True, slots=True)
class Picture:
    """One picture to look at.

    `name`: as results call it. `drawn`: the path, in an output folder, of the picture with boxes.
    `problem`: why there is no picture, if there is none.
    """

    name: str
    drawn: Path
    problem: str = ""

    def read(self) -> bytes:
        """Its bytes, and at most one more than a snapshot may have. Raises `OSError`, `SnapshotError`."""
        if self.problem:
            raise SnapshotError(self.problem)
        with open(
            0 if self.name == STANDARD_INPUT else self.name,
            "rb",
            closefd=self.name != STANDARD_INPUT,
        ) as file:
            return file.read(MAX_SNAPSHOT_BYTES + 1)


def find_pictures(arguments: Sequence[str], *, leave_out: Path | None = None) -> list[Picture]:
    """The pictures that files, folders and `-` stand for, each folder's in the order of their paths.

    Hidden files and folders in a folder are left out, and so is what was drawn into the folder
    `leave_out`. Raises `UsageError`.
    """
    if arguments.count(STANDARD_INPUT) > 1:
        raise UsageError("standard input, -, holds one picture: name it once")
    return [found for argument in arguments for found in _find(argument, leave_out)]


def _find(argument: str, leave_out: Path | None) -> Iterator[Picture]:
    path = Path(argument)
    if argument == STANDARD_INPUT:
        yield Picture(argument, Path("stdin.jpg"))
    elif path.is_dir():
        found = sorted(_walk(path, leave_out), key=lambda each: Path(each.name))
        yield from found or [
            Picture(argument, Path(), "there is no JPEG, PNG or WebP in this folder")
        ]
    else:
        yield Picture(argument, Path(_drawn(path.name)))


def _walk(top: Path, leave_out: Path | None) -> Iterator[Picture]:
    name_of_top = top.resolve().name
    drawings = [leave_out, leave_out / name_of_top] if leave_out else []
    unreadable: list[OSError] = []
    for folder, subfolders, files in top.walk(on_error=unreadable.append):
        subfolders[:] = [
            name
            for name in subfolders
            if not (name.startswith(".") or _is_one_of(drawings, folder / name))
        ]
        for name in files:
            file = folder / name
            if file.suffix.lower() in SUFFIXES and not name.startswith("."):
                drawn = Path(name_of_top, folder.relative_to(top), _drawn(name))
                yield Picture(str(file), drawn)
    for error in unreadable:
        yield Picture(str(error.filename), Path(), error.strerror or str(error))


def _drawn(name: str) -> str:
    """A drawing's name: the picture's, so that no two in a folder are drawn into one file."""
    return name if name.lower().endswith(_JPEG) else name + _JPEG[0]


def _is_one_of(folders: Sequence[Path], folder: Path) -> bool:
    return any(each.exists() and each.samefile(folder) for each in folders)


def place_drawings(
    pictures: Sequence[Picture], output: Path, *, overwrite: bool
) -> dict[Picture, Path]:
    """The file that each picture's drawing goes to: `output` itself, or one in the folder `output`.

    Raises `UsageError` if one file is named for several pictures, and `CamClassifyError` if a drawing
    would overwrite a picture, another drawing or, without `overwrite`, anything at all.
    """
    one_file = output.suffix.lower() in _JPEG and not output.is_dir()
    if one_file and len(pictures) > 1:
        raise UsageError(
            f"--output {output} is one file, for {len(pictures)} pictures: name a folder"
        )
    if str(output) == STANDARD_INPUT or (output.suffix.lower() in _OTHERS and not output.is_dir()):
        raise UsageError(f"--output {output}: drawings are JPEG files: name one, or a folder")
    sources = {_identity(each.name) for each in pictures if each.name != STANDARD_INPUT}
    places: dict[Picture, Path] = {}
    drawn: dict[Path, str] = {}
    for picture in pictures:
        if picture.problem:
            continue
        place = output if one_file else output / picture.drawn
        if place in drawn:
            raise CamClassifyError(
                f"{drawn[place]} and {picture.name} would both be drawn into {place}:"
                " classify one after the other"
            )
        if place.exists() and _identity(place) in sources:
            raise CamClassifyError(f"{place} is a picture to classify, and never overwritten")
        if os.path.lexists(place) and not overwrite:
            raise CamClassifyError(
                f"{place} is there already: name another --output, or say --overwrite"
            )
        places[picture], drawn[place] = place, picture.name
    return places


def _identity(path: str | Path) -> tuple[int, int] | None:
    """Tells one file from another, by whatever path; none if it is not there."""
    try:
        status = os.stat(path)
    except OSError:
        return None
    return status.st_dev, status.st_ino
