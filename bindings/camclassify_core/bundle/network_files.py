"""Writes a network at all its precisions: as it is, fused, and in int8."""

from dataclasses import dataclass
from pathlib import Path

from camclassify_core.network import onnx_writer
from camclassify_core.network.fusion import FusionReport, fuse
from camclassify_core.network.graph import Graph
from camclassify_core.network.int8 import to_int8
from camclassify_core.network.quantisation import Plan

from .manifest import FileEntry


@dataclass(frozen=True, slots=True)
class WrittenNetwork:
    """The files of a network and what fusion made of it."""

    files: tuple[FileEntry, ...]
    fusion: FusionReport


def write_network(graph: Graph, directory: Path, name: str, plan: Plan | None) -> WrittenNetwork:
    """Writes `name`.onnx, `name`.fused.onnx and, if there is a plan, `name`.int8.onnx."""
    fused, report = fuse(graph)
    graphs = [(FileEntry(precision="fp32", fused=False, path=f"{name}.onnx"), graph)]
    if report.fused:
        graphs.append((FileEntry(precision="fp32", fused=True, path=f"{name}.fused.onnx"), fused))
    if plan is not None:
        int8 = to_int8(graph, plan)
        graphs.append((FileEntry(precision="int8", fused=True, path=f"{name}.int8.onnx"), int8))
    for entry, content in graphs:
        onnx_writer.write(content, directory / entry.path)
    return WrittenNetwork(tuple(entry for entry, _ in graphs), report)
