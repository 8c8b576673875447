"""Latency against memory, a point per design."""

from collections.abc import Sequence
from pathlib import Path

from matplotlib.figure import Figure

from .predict import Prediction


def draw(predictions: Sequence[Prediction], file: Path) -> None:
    """Writes a chart; the file's ending (.svg, .png) says in which format."""
    figure = Figure(figsize=(8, 5), layout="constrained")
    axes = figure.add_subplot()
    for each in predictions:
        below, above = each.latency_ms - each.low_ms, each.high_ms - each.latency_ms
        axes.errorbar(
            each.memory_mb,
            each.latency_ms,
            yerr=[[below], [above]],
            fmt="o",
            capsize=3,
            label=each.design.name,
        )
    axes.set_xlabel("memory, MB")
    axes.set_ylabel("latency of a frame, ms (bars: 90% of cases)")
    axes.set_ylim(bottom=0)
    axes.legend(fontsize="small")
    axes.grid(alpha=0.3)
    figure.savefig(file)
