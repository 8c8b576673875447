"""The machines that a cluster may be made of, from a file, and what frames cost on each kind of them."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from camclassify_core.bundle.manifest import REGIMES, Manifest
from camclassify_core.errors import CamClassifyError
from camclassify_core.machine import Machine
from camclassify_core.options import Precision

from .designs import DesignRunner
from .existing import Part, file_for, ratio
from .profile import Profile, Setting, load

SCENE_LOOKS = 2.0
"""Runs of the scene network that a frame takes in which something moves: 1.6 to 2.2 on the demo's footage."""
OBJECT_LOOKS = 1.0
SERVER_RUNS = 6.0
"""Runs of the reference network in which a cluster does what a frame takes beside the engine: 3.0 ms where
that network takes 0.52 ms (`benchmarks/cluster_costs.py`)."""
_MOST_MACHINES = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class FrameCosts:
    """Seconds of a core that a frame takes: if nothing changed, and if something moves."""

    still: float
    busy: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Machines:
    """So many machines of one kind."""

    name: str
    count: int
    cores: int
    costs: FrameCosts


@dataclass(frozen=True, slots=True, kw_only=True)
class Looks:
    """What a look of a bundle's networks takes, in runs of the reference network."""

    scene: float
    object: float


def looks_of(bundle: Path) -> Looks:
    """Runs the networks for a moment. Raises `CamClassifyError`."""
    setting = Setting(runner=DesignRunner.DIRECT, precision=Precision.INT8, threads=1)
    manifest, day = Manifest.read(bundle), REGIMES[0]
    scenes = [
        Part.of(bundle, each, each.heads, file_for(each, setting))
        for each in manifest.scenes
        if day in each.regimes
    ]
    objects = [
        Part(file=bundle / file_for(each, setting), outputs=())
        for each in manifest.objects
        if day in each.regimes
    ]
    return Looks(
        scene=sum(ratio(each, setting) for each in scenes),
        object=sum(ratio(each, setting) for each in objects[:1]),
    )


def frame_costs(profile: Profile, looks: Looks) -> FrameCosts:
    """What a 1080p frame costs on the machine with this profile, in a cluster."""
    server = SERVER_RUNS * profile.reference_ms
    networks = SCENE_LOOKS * looks.scene + OBJECT_LOOKS * looks.object
    busy = profile.decode_ms + networks * profile.reference_ms * profile.pause
    return FrameCosts(still=(profile.gate_ms + server) / 1000, busy=(busy + server) / 1000)


def read_fleet(path: Path, here: Machine, looks: Looks) -> tuple[Machines, ...]:
    """The machines in a YAML file, in its order, which is the order in which they are taken.

    Raises `CamClassifyError`, which says what is wrong with the file, and `OSError`.
    """
    try:
        said = yaml.safe_load(path.read_text(encoding="utf-8"))
        machines = said["machines"]
        if not isinstance(machines, list) or not machines:
            raise ValueError("'machines' is no list")
        return tuple(_machines(each, path.parent, here, looks) for each in machines)
    except (AttributeError, KeyError, TypeError, ValueError, yaml.YAMLError) as error:
        raise CamClassifyError(
            f"{path} is no file of machines ({error}): see docs/cluster.md"
        ) from error


def _machines(said: Mapping[str, Any], folder: Path, here: Machine, looks: Looks) -> Machines:
    if unknown := said.keys() - {"name", "profile", "count", "cores"}:
        raise ValueError(f"{min(unknown)!r} means nothing there")
    profile = load(
        folder / said["profile"], here, force=True
    )  # of a machine that this one need not be
    return Machines(
        name=str(said["name"]),
        count=_number(said.get("count", 1)),
        cores=_number(said.get("cores", profile.machine.cores)),
        costs=frame_costs(profile, looks),
    )


def _number(said: object) -> int:
    if isinstance(said, bool) or not isinstance(said, int) or not 1 <= said <= _MOST_MACHINES:
        raise ValueError(f"{said!r} is no number from 1 to {_MOST_MACHINES}")
    return said
