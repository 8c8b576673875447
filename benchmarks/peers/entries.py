"""Who takes part with which file, and how each is opened, in this process or in another one."""

from collections.abc import Iterator
from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path

from camclassify_core.bench.contestant import Contestant, Feed
from camclassify_core.bench.networks import BenchNetwork
from camclassify_core.bundle.manifest import ObjectEntry, SceneEntry
from camclassify_core.errors import BundleError
from camclassify_core.network import onnx_file

from .lowering import not_lowered
from .peer_files import write_peer_files

PEERS = {
    "onnxruntime": "onnxruntime",
    "openvino": "openvino",
    "ncnn": "ncnn",
    "litert": "ai_edge_litert",
}
"""Modules of this folder, and the package that each needs."""


@dataclass(frozen=True, slots=True)
class Entry:
    """How to open a contestant.

    `module` names the engine's adapter, which has
    `open_network(file, feed, threads, precision) -> Contestant`.
    """

    module: str
    file: Path
    precision: str
    feed: Feed

    def open(self, threads: int) -> Contestant:
        """Loads the network."""
        adapter = import_module(self.module)
        opened: Contestant = adapter.open_network(self.file, self.feed, threads, self.precision)
        return opened


def installed() -> list[str]:
    """The peers whose package can be imported here."""
    return [name for name, package in PEERS.items() if find_spec(package)]


def original_file(network: SceneEntry | ObjectEntry, directory: Path) -> Path:
    """The file of a bundle's network in which no op is fused: peers get it as it was published.

    Raises BundleError for a bundle that carries only what a home runs.
    """
    for file in network.files:
        if not file.fused:
            return directory / file.path
    raise BundleError(
        "peers run the networks as they were published, which this bundle does not have: write one"
        " that has them with 'camclassify bundle build DIR', and name it with --bundle DIR"
    )


def our_entries(network: BenchNetwork) -> Iterator[Entry]:
    """Ourselves, in every precision of the network."""
    for precision, file in network.files:
        yield Entry("camclassify_core.bench.ours", file, precision, network.feeds[0])


def peer_entries(
    network: BenchNetwork, original: Path, folder: Path
) -> tuple[list[Entry], tuple[str, ...]]:
    """The installed peers with files in `folder`, and a sentence about each who cannot take part."""
    files = write_peer_files(original, network.feeds, folder)
    unknown = ", ".join(not_lowered(onnx_file.read(original)))
    entries: list[Entry] = []
    left_out: list[str] = []
    for name in installed():
        module = f"{__package__}.{name}"
        if name in ("onnxruntime", "openvino"):
            entries.append(Entry(module, files.fp32, "fp32", files.feed))
            entries.append(Entry(module, files.int8, "int8", files.feed))
        elif unknown:
            left_out.append(f"{name} is left out: its file cannot be written for {unknown}")
        else:
            entries.append(Entry(module, original, "fp32", network.feeds[0]))
    return entries, tuple(left_out)
