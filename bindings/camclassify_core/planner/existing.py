"""What networks that exist cost: run for a moment, beside the reference network.

Nothing has to be predicted from shapes here. The ratio to the reference network makes it independent of
what else the machine is doing, and comparable with the designs that are only described.
"""

import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter

from camclassify_core.bundles import default_bundle
from camclassify_core.bundles.manifest import Manifest, ObjectEntry, SceneEntry
from camclassify_core.errors import BundleError
from camclassify_core.native import core

from .architecture import switches
from .bench import native_runner, reference
from .designs import Design, Execution, Grouping, Resident, Runner
from .predict import Prediction, setting_of
from .profile import Profile, Setting
from .programs import footprint

_ROUNDS = 9
_DEFAULT = "default"


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One network of a bundle with the outputs that are wanted; `share` of the frames run it."""

    file: Path
    outputs: tuple[str, ...]
    share: float = 1.0


def predict_existing(
    design: Design, profile: Profile, places: Mapping[str, Path] | None = None
) -> Prediction:
    """The prediction for a design whose trunk is an existing bundle's scene network.

    `places`: where bundles are that the design names. Raises BundleError, ProfileError.
    """
    setting = setting_of(design)
    costs = profile.of(setting)
    parts = _parts(design, setting, places or {})
    each = [profile.reference_ms * ratio(part, setting) for part in parts]
    side_by_side = design.execution is Execution.PARALLEL and len(parts) > 1
    latency = max(sum(each) / design.threads, *each) if side_by_side else sum(each)
    wanted = sum(part.share * ms for part, ms in zip(parts, each, strict=True))
    cpu = profile.gate_ms + design.gate_pass_rate * (
        profile.decode_ms - profile.gate_ms + wanted * profile.pause * setting.threads
    )
    timed = design.grouping in (Grouping.PER_REGIME, Grouping.BOTH)
    copies = design.regimes if timed and design.resident is Resident.ALL else 1
    found = footprint(
        [part.file for part in parts] * copies, native_runner(setting.runner), setting.threads
    )
    load = sum(found.load_ms)
    return Prediction(
        design=design,
        latency_ms=latency,
        low_ms=latency / (1 + costs.error),
        high_ms=latency * (1 + costs.error),
        p95_ms=latency * costs.tail,
        frames_per_second=1000 / (profile.decode_ms + latency),
        cpu_ms=cpu,
        load=cpu * design.fps * design.cameras / 1000,
        memory_mb=found.memory_mb,
        load_ms=load,
        switch_ms=load if switches(design) else 0.0,
        slowest_network_rule_ms=max(each),
        macs_rule_ms=latency,
        layers=(),
    )


def ratio(part: Part, setting: Setting) -> float:
    """How long a network takes, in runs of the reference network. Raises BundleError."""
    network = core.Network(
        part.file,
        runner=native_runner(setting.runner),
        threads=setting.threads,
        outputs=part.outputs,
    )
    known = reference()
    ratios = []
    for turn in range(_ROUNDS + 1):
        start = perf_counter()
        network.run()
        middle = perf_counter()
        known.run()
        end = perf_counter()
        if turn:
            ratios.append((middle - start) / (end - middle))
    return statistics.median(ratios)


def file_for(entry: SceneEntry | ObjectEntry, setting: Setting) -> str:
    """The file of a bundle's network that runs in a setting. Raises BundleError if there is none."""
    fused = setting.runner is not Runner.ONNXRUNTIME
    for file in entry.files:
        if file.precision == setting.precision.value and file.fused is fused:
            return file.path
    kind = "fused" if fused else "plain"
    raise BundleError(
        f"the network {entry.name!r} has no {kind} file in {setting.precision}: change the"
        " design's precision or runner"
    )


def _parts(design: Design, setting: Setting, places: Mapping[str, Path]) -> list[Part]:
    name = design.trunk.bundles[0]
    own_networks = design.grouping in (Grouping.PER_GROUP, Grouping.BOTH)
    if not own_networks:
        return [_part(_bundle(name, places), setting, [head.name for head in design.heads], 1.0)]
    return [
        _part(_bundle(head.bundle or name, places), setting, [head.name], head.activity)
        for head in design.heads
    ]


def _bundle(name: str, places: Mapping[str, Path]) -> Path:
    known = {_DEFAULT: default_bundle()} | dict(places)
    return known.get(name, Path(name))


def _part(directory: Path, setting: Setting, heads: Sequence[str], share: float) -> Part:
    scene = Manifest.read(directory).scenes[0]
    outputs = {head.name: head.output for head in scene.heads}
    if unknown := next((head for head in heads if head not in outputs), None):
        raise BundleError(f"{directory} has no head {unknown!r}, but {', '.join(outputs)}")
    return Part(
        file=directory / file_for(scene, setting),
        outputs=(scene.boxes, scene.objectness, *(outputs[head] for head in heads)),
        share=share,
    )
