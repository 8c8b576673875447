"""`camclassify bundle compose`: a design carried out with networks that exist."""

import dataclasses
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from camclassify_core.bundle.manifest import (
    REGIMES,
    ClassEntry,
    FileEntry,
    HeadEntry,
    Manifest,
    ObjectEntry,
    SceneEntry,
    check_is_new,
)
from camclassify_core.bundle.places import place_of
from camclassify_core.errors import BundleError

from .designs import Design, Execution, Grouping, Head


@dataclass(frozen=True, slots=True)
class Source:
    """A bundle that parts are taken from."""

    name: str
    directory: Path
    manifest: Manifest


def compose(design: Design, directory: Path, bundles: Mapping[str, Path]) -> Manifest:
    """Writes the bundle that a design describes; `directory` must be new or empty.

    `bundles` says where the bundles are that the design names; `default` is the built-in one.
    Networks that several parts share are copied once. Raises BundleError for what does not fit
    together; nothing is written then.
    """
    if not design.trunk.bundles:
        raise BundleError(
            f"the design {design.name!r} describes networks that do not exist:"
            " name a bundle, as in 'trunk: {bundle: default}'"
        )
    check_is_new(directory)
    sources = _Sources(bundles)
    files = _Files()
    by_regime = [sources.get(name) for name in design.trunk.bundles]
    if design.grouping in (Grouping.PER_REGIME, Grouping.BOTH):
        scenes = [
            dataclasses.replace(scene, name=f"{scene.name}_{regime}", regimes=(regime,))
            for regime, source in zip(REGIMES, by_regime, strict=True)
            for scene in _scenes(design, source, sources, files)
        ]
    else:
        scenes = _scenes(design, by_regime[0], sources, files)
    objects = [
        _object(entry, scenes, files.take(by_regime[0], entry.files))
        for entry in by_regime[0].manifest.objects
    ]
    classes = _classes(sources, scenes, objects)
    _check_when(design, {each.name for each in classes})
    manifest = Manifest(
        name=design.name,
        version="1",
        classes=classes,
        scenes=scenes,
        objects=objects,
        resident=design.resident.value,
    )
    files.copy(directory)
    manifest.write(directory)
    return manifest


class _Sources:
    """The bundles that a design names, each read once."""

    def __init__(self, places: Mapping[str, Path]) -> None:
        self._places = places
        self.read: dict[str, Source] = {}

    def get(self, name: str) -> Source:
        if name not in self.read:
            place = place_of(name, self._places)
            self.read[name] = Source(name, place, Manifest.read(place))
        return self.read[name]


class _Files:
    """Which network files go into the bundle, and under which names."""

    def __init__(self) -> None:
        self._names: dict[Path, str] = {}

    def take(self, source: Source, entries: Sequence[FileEntry]) -> list[FileEntry]:
        """The same files by the names that they get."""
        taken = []
        for entry in entries:
            path = source.directory / entry.path
            if not path.is_file():
                raise BundleError(f"{path} is missing, although the bundle names it")
            taken.append(dataclasses.replace(entry, path=self._name(path)))
        return taken

    def _name(self, path: Path) -> str:
        if path not in self._names:
            taken = set(self._names.values())
            names = (f"{count}.{path.name}" if count else path.name for count in range(1000))
            self._names[path] = next(name for name in names if name not in taken)
        return self._names[path]

    def copy(self, directory: Path) -> None:
        directory.mkdir(parents=True, exist_ok=True)
        for path, name in self._names.items():
            shutil.copyfile(path, directory / name)


def _scenes(design: Design, trunk: Source, sources: _Sources, files: _Files) -> list[SceneEntry]:
    """The scene networks of one lighting condition."""
    parallel = design.execution is Execution.PARALLEL
    if design.grouping in (Grouping.ONE, Grouping.PER_REGIME):
        scene = _only_scene(trunk)
        heads = [
            dataclasses.replace(_head(trunk, scene, head), when=head.when) for head in design.heads
        ]
        return [
            dataclasses.replace(
                scene,
                files=files.take(trunk, scene.files),
                heads=heads,
                regimes=REGIMES,
                execution="parallel" if parallel else "serial",
            )
        ]
    scenes = []
    for head in design.heads:
        source = sources.get(head.bundle) if head.bundle else trunk
        scene = _only_scene(source)
        scenes.append(
            dataclasses.replace(
                scene,
                name=head.name,
                files=files.take(source, scene.files),
                heads=[_head(source, scene, head)],
                regimes=REGIMES,
                when=head.when,
            )
        )
    if scenes[0].when:
        raise BundleError(
            f"the first network, {scenes[0].name!r}, cannot wait for what others find: put one"
            " without 'when' before it"
        )
    return scenes


def _object(
    entry: ObjectEntry, scenes: Sequence[SceneEntry], files: Sequence[FileEntry]
) -> ObjectEntry:
    """The object network with the specialists that some head leads to."""
    found = {name for scene in scenes for head in scene.heads for name in head.classes}
    specialists = [each for each in entry.specialists if found.intersection(each.refines)]
    return dataclasses.replace(entry, files=files, specialists=specialists)


def _only_scene(source: Source) -> SceneEntry:
    if len(source.manifest.scenes) != 1:
        raise BundleError(
            f"the bundle {source.name!r} has {len(source.manifest.scenes)} scene networks:"
            " parts can be taken from a bundle with one"
        )
    return source.manifest.scenes[0]


def _head(source: Source, scene: SceneEntry, wanted: Head) -> HeadEntry:
    found = next((head for head in scene.heads if head.name == wanted.name), None)
    if found is None:
        known = ", ".join(head.name for head in scene.heads)
        raise BundleError(f"the bundle {source.name!r} has no head {wanted.name!r}, but {known}")
    if wanted.classes != 1 and wanted.classes != len(found.classes):
        raise BundleError(
            f"the head {wanted.name!r} of the bundle {source.name!r} has {len(found.classes)}"
            f" classes, not {wanted.classes}"
        )
    return found


def _classes(
    sources: _Sources, scenes: Sequence[SceneEntry], objects: Sequence[ObjectEntry]
) -> list[ClassEntry]:
    """The classes that some part can report, and their parents; bundles must agree on each."""
    known: dict[str, tuple[str, ClassEntry]] = {}
    for source in sources.read.values():
        for entry in source.manifest.classes:
            first, before = known.setdefault(entry.name, (source.name, entry))
            if list(before.parents) != list(entry.parents):
                raise BundleError(
                    f"the bundles {first!r} and {source.name!r} do not agree on the parents of"
                    f" the class {entry.name!r}"
                )
    reported = {name for scene in scenes for head in scene.heads for name in head.classes}
    for each in objects:
        for specialist in each.specialists:
            reported.update(specialist.refines, (kind.name for kind in specialist.classes))
    reported.discard("")
    reported.update(parent for name in [*reported] for parent in known[name][1].parents)
    return [entry for name, (_, entry) in known.items() if name in reported]


def _check_when(design: Design, classes: set[str]) -> None:
    for head in design.heads:
        if unknown := next((name for name in head.when if name not in classes), None):
            raise BundleError(
                f"the head {head.name!r} waits for the class {unknown!r}, which no network finds"
            )
