"""Compares who runs one network fastest."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from camclassify_core.bundles import onnx_file
from camclassify_core.bundles.manifest import (
    FileEntry,
    InputEntry,
    Manifest,
    ObjectEntry,
    SceneEntry,
)
from camclassify_core.errors import BundleError
from camclassify_core.native import core
from camclassify_core.options import Runner

from .comparison import Comparison, compare
from .contestant import OURS, Entry, Feed
from .footprint import footprint
from .rounds import measure

PEERS = {
    "onnxruntime": "onnxruntime",
    "openvino": "openvino",
    "ncnn": "ncnn",
    "litert": "ai_edge_litert",
}
"""Modules of `peers`, and the package that each needs."""

NO_ORIGINAL = (
    "peers run the networks as they were published, which this bundle does not have: write one that"
    " has them with 'camclassify bundle build DIR', and name it with --bundle DIR"
)


@dataclass(frozen=True, slots=True)
class OpRow:
    """Time of one op of a network."""

    network: str
    precision: str
    name: str
    type: str
    milliseconds: float


type Progress = Callable[[str, float], None]


@dataclass(frozen=True, slots=True)
class BenchNetwork:
    """A network in all its precisions, and pictures for its input.

    The first file is the reference for the others. `original`: what peers get, the network as it was
    published; absent where the bundle carries only what a home runs.
    """

    name: str
    files: Sequence[tuple[str, Path]]
    feeds: Sequence[Feed]
    original: Path | None


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
            original_file(network, directory),
        )
        for network in networks
    ]


def original_file(network: SceneEntry | ObjectEntry, directory: Path) -> Path | None:
    """The file of a bundle's network in which no op is fused, if there is one."""
    return next((directory / file.path for file in network.files if not file.fused), None)


def file_network(file: Path) -> BenchNetwork:
    """Any ONNX network, fed with noise."""
    noise = np.random.default_rng(0)
    feed = {
        name: (noise.random(shape) * (1 if kind.kind == "f" else 255)).astype(kind)
        for name, kind, shape in core.Network(file).inputs
    }
    return BenchNetwork(file.stem, [("fp32", file)], [feed], file)


def compare_network(
    network: BenchNetwork,
    *,
    threads: int,
    rounds: int,
    period: float,
    peers: bool,
    progress: Progress,
) -> Comparison:
    """Times the network alone, in all its precisions, with the peers that are installed."""
    with TemporaryDirectory() as folder:
        entries = [Entry(OURS, file, kind, network.feeds[0]) for kind, file in network.files]
        left_out: tuple[str, ...] = ()
        if peers:
            progress(f"Preparing {network.name} for peers", 0.0)
            peer_entries, left_out = _peer_entries(network, Path(folder))
            entries += peer_entries
        contestants = [entry.open(threads) for entry in entries]
        times = measure(
            [contestant.run for contestant in contestants],
            rounds,
            period=period,
            progress=lambda share: progress(f"Measuring {network.name}", share),
        )
        footprints = [footprint(entry, threads) if peers else None for entry in entries]
    ours = [entry.ours for entry in entries]
    title = f"network {network.name}"
    return compare(title, contestants, ours, times, footprints, left_out=left_out)


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


def installed_peers() -> list[str]:
    """Names of those whose package can be imported here."""
    return [name for name, package in PEERS.items() if find_spec(package)]


def _peer_entries(network: BenchNetwork, folder: Path) -> tuple[list[Entry], tuple[str, ...]]:
    """Who takes part, and a sentence about each who cannot. Raises BundleError."""
    from .lowering import not_lowered
    from .peer_files import write_peer_files

    original = network.original
    if original is None:
        raise BundleError(NO_ORIGINAL)
    files = write_peer_files(original, network.feeds, folder)
    unknown = ", ".join(not_lowered(onnx_file.read(original)))
    entries: list[Entry] = []
    left_out: list[str] = []
    for name in installed_peers():
        module = f"{__package__}.peers.{name}"
        if name in ("onnxruntime", "openvino"):
            entries.append(Entry(module, files.fp32, "fp32", files.feed))
            entries.append(Entry(module, files.int8, "int8", files.feed))
        elif unknown:
            left_out.append(f"{name} is left out: its file cannot be written for {unknown}")
        else:
            entries.append(Entry(module, original, "fp32", network.feeds[0]))
    return entries, tuple(left_out)


def _picture(wanted: InputEntry, snapshot: bytes) -> Feed:
    size = (wanted.width, wanted.height)
    frame = core.decode(snapshot, size)
    whole = core.Box(0.0, 0.0, 1.0, 1.0)
    picture = core.preprocess(frame, whole, size, wanted.fit, wanted.order, wanted.pad)
    return {wanted.name: np.ascontiguousarray(picture[None])}
