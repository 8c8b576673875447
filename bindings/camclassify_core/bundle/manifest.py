"""bundle.json, member by member (docs/bundle.md says what each means)."""

import dataclasses
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path
from typing import Any, Literal, Self

from camclassify_core.errors import BundleError

FILE_NAME = "bundle.json"
FORMAT = 1
REGIMES = ("day", "dusk", "night")

# Members that are written only where they say something else.
_UNSAID: Mapping[str, object] = {
    "when": (),
    "execution": "serial",
    "resident": "all",
    "sides": None,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class ClassEntry:
    """A class that can be reported."""

    name: str
    threshold: float | Mapping[str, float]
    parents: Sequence[str] = ()
    on_by_default: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class FileEntry:
    """One precision of a network; `path` is relative to the bundle."""

    precision: Literal["fp32", "int8"]
    fused: bool
    path: str


@dataclass(frozen=True, slots=True, kw_only=True)
class InputEntry:
    """How a network wants its picture.

    `sides`: the least and the most of width and height of a fully convolutional network, which may
    be any multiple of its largest stride in between; absent: `width` x `height` only.
    """

    name: str
    width: int
    height: int
    fit: Literal["letterbox", "stretch"]
    order: Literal["rgb", "bgr"]
    pad: int
    sides: tuple[int, int] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class HeadEntry:
    """A class group of a scene network; one class name per column of its output.

    `when`: run only where something was found that may be of one of these classes.
    """

    name: str
    output: str
    classes: Sequence[str]
    when: Sequence[str] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class SceneEntry:
    """A network that looks at the frame and its regions.

    `when`: run only where a network before it found something that may be of one of these classes.
    """

    name: str
    files: Sequence[FileEntry]
    input: InputEntry
    boxes: str
    objectness: str
    strides: Sequence[int]
    heads: Sequence[HeadEntry]
    regimes: Sequence[str] = REGIMES
    execution: Literal["serial", "parallel"] = "serial"
    when: Sequence[str] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class KindEntry:
    """Classifier rows that stand for one class together."""

    name: str
    rows: Sequence[int]


@dataclass(frozen=True, slots=True, kw_only=True)
class SpecialistEntry:
    """A head of an object network: refines scene classes into finer ones."""

    name: str
    output: str
    refines: Sequence[str]
    classes: Sequence[KindEntry]
    min_score: float
    min_margin: float


@dataclass(frozen=True, slots=True, kw_only=True)
class ObjectEntry:
    """A network that looks at the crop of one object."""

    name: str
    files: Sequence[FileEntry]
    input: InputEntry
    crop_margin: float
    features: str
    specialists: Sequence[SpecialistEntry] = ()
    regimes: Sequence[str] = REGIMES


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """All of bundle.json."""

    name: str
    version: str
    classes: Sequence[ClassEntry]
    scenes: Sequence[SceneEntry]
    objects: Sequence[ObjectEntry] = ()
    resident: Literal["all", "active"] = "all"
    format: int = field(default=FORMAT)

    @classmethod
    def read(cls, directory: Path) -> Self:
        """Reads a bundle's manifest. Raises BundleError naming what is wrong with it.

        Every path in it names something inside the bundle, links followed.
        """
        path = directory / FILE_NAME
        try:
            content = json.loads(path.read_text())
        except OSError as error:
            raise BundleError(f"{path} cannot be read: {error.strerror}") from error
        except ValueError as error:
            raise BundleError(f"{path} is not JSON: {error}") from error
        try:
            if content["format"] != FORMAT:
                raise BundleError(f"{path} has format {content['format']}, known is {FORMAT}")
            manifest = cls(
                name=content["name"],
                version=content["version"],
                classes=[ClassEntry(**each) for each in content["classes"]],
                scenes=[_scene(each) for each in content["scenes"]],
                objects=[_object(each) for each in content.get("objects", [])],
                resident=content.get("resident", "all"),
            )
            files = [each.files for each in manifest.scenes] + [
                each.files for each in manifest.objects
            ]
            for file in chain.from_iterable(files):
                _check_inside(directory, file.path)
            return manifest
        except KeyError as error:
            raise BundleError(f"{path} has no key {error}") from error
        except (TypeError, AttributeError, ValueError) as error:
            raise BundleError(f"{path} does not fit the format: {error}") from error

    def files_of(self, network: str) -> Sequence[FileEntry]:
        """Those of a network, by its name; none if there is no such network."""
        entries: list[SceneEntry | ObjectEntry] = [*self.scenes, *self.objects]
        return [file for each in entries if each.name == network for file in each.files]

    @property
    def architecture(self) -> str:
        """In words, as docs/which-network-is-fastest.md calls it."""
        timed = any(set(scene.regimes) != set(REGIMES) for scene in self.scenes)
        by_day = [scene for scene in self.scenes if REGIMES[0] in scene.regimes]
        if len(by_day) > 1:
            kind = "class-group and time-of-day networks" if timed else "class-group networks"
        elif timed:
            kind = "time-of-day networks"
        else:
            kind = "shared trunk with heads" if len(by_day[0].heads) > 1 else "one network"
        gated = any(scene.when or any(head.when for head in scene.heads) for scene in self.scenes)
        return f"{kind}, gated" if gated else kind

    def write(self, directory: Path) -> None:
        """Writes `directory`/bundle.json."""
        text = json.dumps(_said(dataclasses.asdict(self)), indent=1, sort_keys=False)
        (directory / FILE_NAME).write_text(text + "\n")


def check_is_new(directory: Path) -> None:
    """Raises BundleError if anything is in the directory: nothing that exists is overwritten."""
    if directory.exists() and (not directory.is_dir() or any(directory.iterdir())):
        raise BundleError(f"{directory} is not empty: give the directory of a new bundle")


def _check_inside(directory: Path, path: str) -> None:
    relative = Path(path)
    inside = (directory / relative).resolve().is_relative_to(directory.resolve())
    if relative.is_absolute() or ".." in relative.parts or not inside:
        raise BundleError(f"{directory / FILE_NAME} names {path!r}, which is outside the bundle")


def _said(value: Any) -> Any:
    """The content without members that say what holds anyway."""
    if isinstance(value, dict):
        return {
            key: _said(each)
            for key, each in value.items()
            if key not in _UNSAID or each != _UNSAID[key]
        }
    return [_said(each) for each in value] if isinstance(value, list | tuple) else value


def _scene(entry: Mapping[str, Any]) -> SceneEntry:
    parts = {
        "files": [FileEntry(**each) for each in entry["files"]],
        "input": _input(entry["input"]),
        "heads": [HeadEntry(**each) for each in entry["heads"]],
    }
    return SceneEntry(**{**entry, **parts})


def _input(entry: Mapping[str, Any]) -> InputEntry:
    sides = {"sides": tuple(entry["sides"])} if "sides" in entry else {}
    return InputEntry(**{**entry, **sides})


def _object(entry: Mapping[str, Any]) -> ObjectEntry:
    parts = {
        "files": [FileEntry(**each) for each in entry["files"]],
        "input": _input(entry["input"]),
        "specialists": [_specialist(each) for each in entry.get("specialists", [])],
    }
    return ObjectEntry(**{**entry, **parts})


def _specialist(entry: Mapping[str, Any]) -> SpecialistEntry:
    return SpecialistEntry(**{**entry, "classes": [KindEntry(**each) for each in entry["classes"]]})
