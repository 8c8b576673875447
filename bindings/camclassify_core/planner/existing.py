"""What networks that exist cost: run for a moment, beside the reference network.

Nothing has to be predicted from shapes here. The ratio to the reference network makes it independent of
what else the machine is doing, and comparable with the designs that are only described.
"""

import statistics
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from time import perf_counter

from camclassify_core.bundle.manifest import HeadEntry, Manifest, ObjectEntry, SceneEntry
from camclassify_core.bundle.places import place_of
from camclassify_core.errors import BundleError
from camclassify_core.native import core

from .architecture import switches
from .designs import Design, DesignRunner, Execution, Grouping, Head, Resident
from .loaded import native_runner, reference
from .predict import LayerCost, Prediction, setting_of, side_by_side
from .profile import Profile, Setting
from .programs import footprint

_ROUNDS = 9


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One network of a bundle with the outputs that are wanted.

    `outputs` are the trunk's, `heads` those of its heads; `apart`: these run side by side behind it.
    """

    file: Path
    outputs: tuple[str, ...]
    heads: tuple[str, ...] = ()
    apart: bool = False

    @classmethod
    def of(cls, directory: Path, scene: SceneEntry, heads: Sequence[HeadEntry], file: str) -> Part:
        """A scene network with some of its heads."""
        return cls(
            file=directory / file,
            outputs=(scene.boxes, scene.objectness),
            heads=tuple(head.output for head in heads),
        )


def predict_existing(design: Design, profile: Profile, places: Mapping[str, Path]) -> Prediction:
    """The prediction for a design whose trunk is an existing bundle's scene network.

    `places`: where bundles are that the design names. Raises BundleError, ProfileError.
    """
    setting = setting_of(design)
    costs = profile.of(setting)
    own_networks = design.grouping in (Grouping.PER_GROUP, Grouping.BOTH)
    groups = [(head,) for head in design.heads] if own_networks else [design.heads]
    parts = [_part(heads, design, setting, places) for heads in groups]
    each = [profile.reference_ms * ratio(part, setting) for part in parts]
    if own_networks:
        alone = each
        latency = side_by_side(each, design)
        wanted = sum(head.activity * ms for head, ms in zip(design.heads, each, strict=True))
    else:
        alone = _heads_alone(parts[0], each[0], setting, profile.reference_ms)
        latency = each[0]
        wanted = _wanted(design.heads, alone, each[0])
    cpu = profile.gate_ms + design.gate_pass_rate * (
        profile.decode_ms - profile.gate_ms + wanted * profile.pause * setting.threads
    )
    timed = design.grouping in (Grouping.PER_REGIME, Grouping.BOTH)
    copies = design.regimes if timed and design.resident is Resident.ALL else 1
    found = footprint(
        [part.file for part in parts] * copies, native_runner(setting.runner), setting.threads
    )
    load = sum(found.load_ms)
    low, high = costs.interval(latency)
    return Prediction(
        design=design,
        latency_ms=latency,
        low_ms=low,
        high_ms=high,
        p95_ms=latency * costs.tail,
        frames_per_second=1000 / (profile.decode_ms + latency),
        cpu_ms=cpu,
        load=cpu * design.fps * design.cameras / 1000,
        memory_mb=found.memory_mb,
        load_ms=load,
        switch_ms=load if switches(design) else 0.0,
        slowest_network_rule_ms=max(alone),
        macs_rule_ms=None,
        layers=tuple(
            layer
            for heads, part, ms in zip(groups, parts, each, strict=True)
            for layer in _layers(heads, part, setting, ms)
        ),
    )


def ratio(part: Part, setting: Setting) -> float:
    """How long a network takes, in runs of the reference network. Raises BundleError."""
    network = _open(part, setting)
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
    fused = setting.runner is not DesignRunner.ONNXRUNTIME
    for file in entry.files:
        if file.precision == setting.precision.value and file.fused is fused:
            return file.path
    kind = "fused" if fused else "plain"
    raise BundleError(
        f"the network {entry.name!r} has no {kind} file in {setting.precision}: change the"
        " design's precision or runner"
    )


def _open(part: Part, setting: Setting) -> core.Network:
    return core.Network(
        part.file,
        runner=native_runner(setting.runner),
        threads=setting.threads,
        outputs=(*part.outputs, *part.heads),
        heads=[[head] for head in part.heads] if part.apart else (),
    )


def _part(
    heads: Sequence[Head], design: Design, setting: Setting, places: Mapping[str, Path]
) -> Part:
    """The network that carries these heads: their own bundle's, or the trunk's."""
    directory = place_of(heads[0].bundle or design.trunk.bundles[0], places)
    scene = Manifest.read(directory).scenes[0]
    known = {head.name: head for head in scene.heads}
    if unknown := next((head.name for head in heads if head.name not in known), None):
        raise BundleError(f"{directory} has no head {unknown!r}, but {', '.join(known)}")
    part = Part.of(directory, scene, [known[head.name] for head in heads], file_for(scene, setting))
    return replace(part, apart=design.execution is Execution.PARALLEL and len(heads) > 1)


def _heads_alone(part: Part, together: float, setting: Setting, reference_ms: float) -> list[float]:
    """Milliseconds of the network with each of its heads alone, at most those with all."""
    if len(part.heads) == 1:
        return [together]
    ones = (replace(part, heads=(head,), apart=False) for head in part.heads)
    return [min(together, reference_ms * ratio(one, setting)) for one in ones]


def _wanted(heads: Sequence[Head], alone: Sequence[float], together: float) -> float:
    """Milliseconds on an average frame: the trunk, and each head as often as it is wanted.

    Each head alone is trunk + head, all together are trunk + heads.
    """
    if len(heads) == 1:
        return together
    trunk = min((sum(alone) - together) / (len(heads) - 1), *alone)
    return trunk + sum(head.activity * (ms - trunk) for head, ms in zip(heads, alone, strict=True))


def _layers(
    heads: Sequence[Head], part: Part, setting: Setting, whole: float
) -> Iterable[LayerCost]:
    """The ops of a network, which together take `whole` milliseconds; only the direct runner tells."""
    network = _open(part, setting)
    times = network.profile(_ROUNDS)
    scale = whole / sum(op.milliseconds for op in times) if times else 0.0
    for op, time in zip(network.ops, times, strict=True):
        source, written = op.inputs[0], op.outputs[0]
        yield LayerCost(
            network=part.file.name,
            head=heads[0].name if len(heads) == 1 else None,
            kind=op.type,
            size=source[1],
            channels=source[-1],
            filters=written[-1],
            ms=time.milliseconds * scale,
        )
