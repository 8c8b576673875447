"""Layers made a whole network."""

from collections.abc import Sequence
from dataclasses import replace

from camclassify_core.planner.cost_model import Counter
from camclassify_core.planner.layers import Kind, Layer, Network
from camclassify_core.planner.work import Work


def with_ends(*layers: Layer) -> Network:
    """A network of a stem, these layers one on the other, and a head."""
    first, last = layers[0], layers[-1]
    stem = Layer(
        kind=Kind.STEM,
        source=-1,
        size=2 * first.size,
        channels=3,
        inner=0,
        filters=first.channels,
        kernel=3,
        stride=2,
    )
    head = Layer(
        kind=Kind.HEAD,
        source=len(layers),
        size=last.output_size,
        channels=last.filters,
        inner=0,
        filters=5,
    )
    chained = [replace(layer, source=index) for index, layer in enumerate(layers)]
    return Network(name="a", resolution=stem.size, layers=(stem, *chained, head))


def works_between(counter: Counter, layers: Sequence[Layer]) -> list[Work]:
    """What these layers are, without the ends."""
    return [work for work in counter.of(with_ends(*layers)) if 1 <= work.layer <= len(layers)]
