"""Comparisons as a picture: one panel each, a bar per contestant."""

from collections.abc import Sequence
from pathlib import Path

from matplotlib.figure import Figure

from .comparison import Comparison

_OURS, _PEERS = "#1a7f64", "#9aa5b1"
_ROW_INCHES = 0.32


def plot(comparisons: Sequence[Comparison], file: Path) -> None:
    """Writes the median milliseconds of everybody; the file's ending (.svg, .png) says in which format."""
    counts = [len(comparison.rows) for comparison in comparisons]
    figure = Figure(figsize=(8, _ROW_INCHES * (sum(counts) + 3 * len(counts))), layout="tight")
    panels = figure.subplots(len(counts), squeeze=False, height_ratios=counts)[:, 0]
    for panel, comparison in zip(panels, comparisons, strict=True):
        rows = comparison.rows[::-1]
        labels = [f"{row.name} {row.precision}" for row in rows]
        colours = [_OURS if row.name.startswith("CamClassify") else _PEERS for row in rows]
        bars = panel.barh(labels, [row.median_ms for row in rows], color=colours)
        panel.bar_label(bars, fmt="%.1f", padding=3)
        panel.set_title(f"{comparison.title}, median ms", loc="left")
        panel.spines[["top", "right"]].set_visible(False)
    figure.savefig(file)
