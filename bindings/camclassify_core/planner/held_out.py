"""Designs that only verification sees.

Calibration draws layers, not families, and never these resolutions or numbers of heads. Nothing like a
sandglass, whose channels fall to a sixth and rise again in every block, comes up in it.
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
    designs = []
    for index in range(count):
        family = families[index % len(families)]
        precision = precisions[index // len(families) % len(precisions)]
        designs.append(_design(draw, index, family, precision, runner, threads))
    return tuple(designs)


def _design(
    draw: random.Random,
    index: int,
    family: Family,
    precision: Precision,
    runner: Runner,
    threads: int,
) -> Design:
    trunk = Trunk(
        family=family,
        width=draw.choice(_WIDTHS),
        depth=draw.choice(_DEPTHS),
        resolution=draw.choice(_RESOLUTIONS),
    )
    heads = _heads(draw, draw.randint(5, 8), _HEAD_WIDTHS)
    return Design(
        name=f"{index + 1}: {family} {trunk.width:g}/{trunk.depth:g} at {trunk.resolution},"
        f" {len(heads)} heads, {precision}",
        trunk=trunk,
        heads=heads,
        execution=draw.choice((Execution.SERIAL, Execution.FUSED)),
        precision=precision,
        runner=runner,
        threads=threads,
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
