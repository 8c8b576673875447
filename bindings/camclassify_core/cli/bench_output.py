"""How comparisons are printed."""

from collections.abc import Sequence
from dataclasses import asdict

from camclassify_core.bench.comparison import Comparison, Row
from camclassify_core.errors import CamClassifyError

from .output import print_json, print_table


def print_comparison(comparison: Comparison) -> None:
    """For people."""
    precisions = list(comparison.rows[0].faster)
    header = ["engine", "precision", "median ms", "p10 ms", "CPU ms", "difference"]
    header += [f"our {precision} is faster" for precision in precisions]
    print(f"\n{comparison.title}")
    print_table([_cells(row) for row in comparison.rows], header=header)


def print_lines(comparison: Comparison) -> None:
    """For programs: a line per contestant."""
    for row in comparison.rows:
        print_json({"comparison": comparison.title} | asdict(row))


def refuse_disagreement(comparisons: Sequence[Comparison]) -> None:
    """Raises `CamClassifyError` if somebody computed something else."""
    disagreeing = [
        f"{row.name} in {comparison.title}: {row.difference:.1e}"
        for comparison in comparisons
        for row in comparison.disagreeing
    ]
    if disagreeing:
        raise CamClassifyError(
            f"Outputs in fp32 differ from ours by too much: {'; '.join(disagreeing)}"
        )


def _cells(row: Row) -> list[str]:
    cells = [row.name, row.precision]
    cells += [f"{number:.2f}" for number in (row.median_ms, row.p10_ms, row.cpu_ms)]
    return [*cells, f"{row.difference:.1e}", *map(str, row.faster.values())]
