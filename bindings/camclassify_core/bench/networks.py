"""Times networks alone, without anything around them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from camclassify_core.bundle.manifest import (
    FileEntry,
    InputEntry,
    Manifest,
    ObjectEntry,
    SceneEntry,
)
from camclassify_core.native import core
from camclassify_core.options import Runner
from camclassify_core.progress import Progress

from .comparison import Comparison, compare
from .contestant import Contestant, Feed
from .ours import open_network
from .rounds import measure


@dataclass(frozen=True, slots=True)
class OpRow:
    """Time of one op of a network."""

    network: str
    precision: str
    name: str
    type: str
    milliseconds: float


@dataclass(frozen=True, slots=True)
class BenchNetwork:
    """A network in all its precisions, and pictures for its input.

    The first file is the reference for the others.
    """

    name: str
    files: Sequence[tuple[str, Path]]
    feeds: Sequence[Feed]


def bundle_networks(directory: Path, snapshots: Sequence[bytes]) -> list[BenchNetwork]:
    """The networks of a bundle, fed with whole snapshots."""
    manifest = Manifest.read(directory)
    networks: list[SceneEntry | ObjectEntry] = [*manifest.scenes, *manifest.objects]
    return [
        BenchNetwork(
            network.name,
            [
                (_label(entry), directory / entry.path)
                for entry in sorted(network.files, key=lambda entry: entry.fused)
            ],
            [_picture(network.input, snapshot) for snapshot in snapshots],
        )
        for network in networks
    ]


def file_network(file: Path) -> BenchNetwork:
    """Any ONNX network, fed with noise."""
    noise = np.random.default_rng(0)
    feed = {
        name: (noise.random(shape) * (1 if kind.kind == "f" else 255)).astype(kind)
        for name, kind, shape in core.Network(file).inputs
    }
    return BenchNetwork(file.stem, [("fp32", file)], [feed])


def compare_network(
    network: BenchNetwork,
    *,
    threads: int,
    rounds: int,
    period: float,
    progress: Progress,
    beside: Sequence[Contestant] = (),
) -> Comparison:
    """Times the network in all its precisions, and whoever else runs it `beside` us."""
    feed = network.feeds[0]
    contestants = [open_network(file, feed, threads, kind) for kind, file in network.files]
    contestants += beside
    times = measure(
        contestants,
        rounds,
        period=period,
        progress=lambda share: progress(f"Measuring {network.name}", share),
    )
    return compare(f"network {network.name}", contestants, times)


def _label(entry: FileEntry) -> str:
    return entry.precision if entry.fused else f"{entry.precision} unfused"


def time_ops(network: BenchNetwork, threads: int, rounds: int) -> Iterator[OpRow]:
    """Median milliseconds of each op of the fused networks, in the direct runner."""
    for precision, file in network.files:
        native = core.Network(file, threads=threads)
        if native.runner == Runner.DIRECT:
            for index, (name, _, _) in enumerate(native.inputs):
                np.copyto(native.input(index), network.feeds[0][name])
            for op in native.profile(rounds):
                yield OpRow(network.name, precision, op.name, op.type, op.milliseconds)


def _picture(wanted: InputEntry, snapshot: bytes) -> Feed:
    size = (wanted.width, wanted.height)
    frame = core.decode(snapshot, size)
    whole = core.Box(0.0, 0.0, 1.0, 1.0)
    picture = core.preprocess(frame, whole, size, wanted.fit, wanted.order, wanted.pad)
    return {wanted.name: np.ascontiguousarray(picture[None])}
