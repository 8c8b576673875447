"""`camclassify bundle inspect`: what a bundle holds."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from camclassify_core.errors import BundleError
from camclassify_core.network import onnx_file
from camclassify_core.network.fusion import FusionReport, report

from .manifest import Manifest, ObjectEntry, SceneEntry


@dataclass(frozen=True, slots=True)
class FileSummary:
    """One network file: size in bytes, parameters, and what it is made of."""

    network: str
    path: str
    precision: str
    size: int
    parameters: int
    nodes: FusionReport


@dataclass(frozen=True, slots=True)
class BundleSummary:
    """A bundle's manifest and its files."""

    manifest: Manifest
    files: Sequence[FileSummary]


def inspect(directory: Path) -> BundleSummary:
    """Reads a bundle and all of its networks. Raises BundleError saying what is wrong."""
    manifest = Manifest.read(directory)
    files: list[FileSummary] = []
    networks: list[SceneEntry | ObjectEntry] = [*manifest.scenes, *manifest.objects]
    for network in networks:
        for entry in network.files:
            path = directory / entry.path
            if not path.is_file():
                raise BundleError(f"{path} is missing: {network.name} names it")
            graph = onnx_file.read(path)
            parameters = sum(content.size for content in graph.constants.values())
            files.append(
                FileSummary(
                    network.name,
                    entry.path,
                    entry.precision,
                    path.stat().st_size,
                    parameters,
                    report(graph),
                )
            )
    return BundleSummary(manifest, files)
