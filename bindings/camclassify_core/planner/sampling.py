"""Random networks: what calibration measures, and others that only verification sees."""

import random
from collections.abc import Iterator

from .architecture import network
from .designs import Design, Execution, Family, Head, Precision, Runner, Trunk
from .layers import Network

# Verification draws from values that calibration never uses.
_CALIBRATION_WIDTHS = (0.25, 0.4, 0.5, 0.65, 0.75, 0.9, 1.0, 1.2, 1.4)
_CALIBRATION_RESOLUTIONS = (96, 128, 160, 192, 224, 256, 320, 448)
_CALIBRATION_HEADS = (16, 32, 48, 64, 96, 128, 192)
_HELD_OUT_WIDTHS = (0.3, 0.45, 0.6, 0.8, 1.1, 1.3)
_HELD_OUT_RESOLUTIONS = (288, 352, 384, 416)
_HELD_OUT_HEADS = (24, 40, 56, 80, 112, 160)


def calibration_networks(seed: int) -> Iterator[Network]:
    """Networks of every family, endlessly; the same for the same seed."""
    draw = random.Random(seed)
    while True:
        for family in Family:
            trunk = Trunk(
                family=family,
                width=draw.choice(_CALIBRATION_WIDTHS),
                depth=draw.choice((0.3, 0.5, 0.75, 1.0, 1.3)),
                resolution=draw.choice(_CALIBRATION_RESOLUTIONS),
            )
            heads = _heads(draw, draw.randint(1, 4), _CALIBRATION_HEADS)
            execution = draw.choice((Execution.SERIAL, Execution.FUSED))
            yield network(family, trunk, heads, execution, 1.0)


def held_out_designs(count: int, seed: int, runner: Runner, threads: int = 1) -> tuple[Design, ...]:
    """Designs whose widths, resolutions, depths and numbers of heads calibration never saw."""
    draw = random.Random(seed)
    families, precisions = list(Family), list(Precision)
    return tuple(
        Design(
            name=f"held-out {index + 1}",
            trunk=Trunk(
                family=families[index % len(families)],
                width=draw.choice(_HELD_OUT_WIDTHS),
                depth=draw.choice((0.6, 0.9, 1.1)),
                resolution=draw.choice(_HELD_OUT_RESOLUTIONS),
            ),
            heads=_heads(draw, draw.randint(5, 8), _HELD_OUT_HEADS),
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
