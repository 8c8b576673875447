"""Designs that only verification sees.

Calibration draws layers, not families, and never these resolutions or numbers of heads.
"""

import random

from .designs import Design, Execution, Family, Head, Precision, Runner, Trunk

_WIDTHS = (0.3, 0.45, 0.6, 0.8, 1.1, 1.3)
_DEPTHS = (0.6, 0.9, 1.1)
_RESOLUTIONS = (288, 352, 384, 416)
_HEAD_WIDTHS = (24, 40, 56, 80, 112, 160)


def held_out_designs(count: int, seed: int, runner: Runner, threads: int = 1) -> tuple[Design, ...]:
    """Designs whose widths, resolutions, depths and numbers of heads calibration never saw."""
    draw = random.Random(seed)
    families, precisions = list(Family), list(Precision)
    return tuple(
        Design(
            name=f"held-out {index + 1}",
            trunk=Trunk(
                family=families[index % len(families)],
                width=draw.choice(_WIDTHS),
                depth=draw.choice(_DEPTHS),
                resolution=draw.choice(_RESOLUTIONS),
            ),
            heads=_heads(draw, draw.randint(5, 8), _HEAD_WIDTHS),
            execution=draw.choice((Execution.SERIAL, Execution.FUSED)),
            precision=precisions[index // len(families) % len(precisions)],
            runner=runner,
            threads=threads,
        )
        for index in range(count)
    )


def _heads(draw: random.Random, count: int, widths: tuple[int, ...]) -> tuple[Head, ...]:
    return tuple(
        Head(
            name=f"head {index + 1}",
            classes=draw.randint(1, 20),
            layers=draw.randint(0, 3),
            width=draw.choice(widths),
            tap=draw.randint(3, 5),
        )
        for index in range(count)
    )
