"""One comparison: the same work done by several contestants, as a table row each."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from .contestant import Contestant, Outputs
from .ratios import Ratio, paired_ratio
from .rounds import Times

MAX_DIFFERENCE = 1e-2  # of outputs in fp32, relative to max(1, |value|)


@dataclass(frozen=True, slots=True)
class Row:
    """What was measured of one contestant.

    `difference`: the largest of its outputs' differences to the first contestant's, relative to
    max(1, |value|). `faster`: per precision, how many times faster we are in it.
    """

    name: str
    precision: str
    median_ms: float
    p10_ms: float
    cpu_ms: float
    difference: float
    faster: dict[str, Ratio]


@dataclass(frozen=True, slots=True)
class Comparison:
    """A table: what was compared, and who took part."""

    title: str
    rows: tuple[Row, ...]

    @property
    def disagreeing(self) -> list[Row]:
        """Who computed something else. int8 differs by nature and is not judged here."""
        return [
            row
            for row in self.rows
            if row.precision.startswith("fp32") and not row.difference <= MAX_DIFFERENCE
        ]


def compare(title: str, contestants: Sequence[Contestant], times: Times) -> Comparison:
    """Puts measurements into rows; the first contestant's outputs are the reference.

    Everybody is compared with the fastest of our own engines in each precision.
    """
    reference = contestants[0].outputs()
    medians = np.median(times.wall, axis=0)
    best: dict[str, int] = {}
    for index, contestant in enumerate(contestants):
        rival = best.get(contestant.precision)
        if contestant.ours and (rival is None or medians[index] < medians[rival]):
            best[contestant.precision] = index
    return Comparison(
        title,
        tuple(
            Row(
                name=contestant.name,
                precision=contestant.precision,
                median_ms=float(medians[index]),
                p10_ms=float(np.percentile(times.wall[:, index], 10)),
                cpu_ms=float(np.mean(times.cpu[:, index])),
                difference=_difference(contestant.outputs(), reference),
                faster={
                    precision: paired_ratio(times.wall[:, index], times.wall[:, fastest])
                    for precision, fastest in best.items()
                },
            )
            for index, contestant in enumerate(contestants)
        ),
    )


def _difference(outputs: Outputs, reference: Outputs) -> float:
    differences = [
        np.max(np.abs(outputs[name] - value) / np.maximum(1.0, np.abs(value)))
        for name, value in reference.items()
    ]
    return float(np.max(differences, initial=0.0))
