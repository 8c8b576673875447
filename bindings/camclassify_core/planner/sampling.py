"""What calibration measures: random sequences of layers that belong to no family.

Every kind of layer, at every size, with channels, kernels, strides and sources drawn from what any
design may contain. That designs of all families are predicted well from them is what
`benchmarks/held_out_designs.py` shows.
"""

import math
import random
from collections.abc import Iterator

from .layers import Kind, Layer, Network

_RESOLUTIONS = (64, 96, 128, 160, 192, 224, 256, 320, 448, 512)
_STYLES = (
    (Kind.INVERTED, Kind.SEPARABLE, Kind.POINTWISE, Kind.INVERTED),
    (Kind.INVERTED,),
    (Kind.SEPARABLE,),
)
_EXPANSIONS = (0.5, 1, 1.5, 2, 3, 4, 6, 6)
_KERNELS = (3, 3, 3, 5)
_MOST_CHANNELS = 640
_MOST_INNER = 1536
_HEAD_SIZE = 64  # heads read nothing larger
_MACS = (3e6, 1500e6)


def calibration_networks(seed: int, most_macs: float = _MACS[1]) -> Iterator[Network]:
    """Networks, endlessly, of no more multiply-adds than that; the same for the same seed."""
    draw = random.Random(seed)
    while True:
        for style in _STYLES:
            network = _network(draw, style)
            while not _MACS[0] <= network.macs <= most_macs:
                network = _network(draw, style)
            yield network


def _network(draw: random.Random, style: tuple[Kind, ...]) -> Network:
    resolution = draw.choice(_RESOLUTIONS)
    stem = Layer(
        kind=Kind.STEM,
        source=-1,
        size=resolution,
        channels=3,
        inner=0,
        filters=_channels(draw, 8, 64),
        kernel=3,
        stride=2,
    )
    layers = [stem]
    halving = draw.uniform(0.15, 0.6)
    for _ in range(draw.randint(4, 14)):
        layers.append(_layer(draw, layers, draw.choice(style), halving))
    trunk = len(layers)
    taps = [index for index in range(trunk) if layers[index].output_size <= _HEAD_SIZE]
    for _ in range(draw.randint(1, 4)):
        last = not taps or draw.random() < 0.4
        _add_head(draw, layers, trunk - 1 if last else draw.choice(taps))
    return Network(name="calibration", resolution=resolution, layers=tuple(layers))


def _layer(draw: random.Random, layers: list[Layer], kind: Kind, halving: float) -> Layer:
    before = layers[-1]
    size = before.output_size
    halves = kind is not Kind.POINTWISE and size > 4 and draw.random() < halving
    stride = 2 if halves else 1
    filters = before.filters
    if halves or draw.random() < 0.4:
        usual = 24 * (112 * stride / size) ** 0.8
        filters = _channels(draw, max(8, 0.3 * usual), min(_MOST_CHANNELS, 4 * usual))
    inner = {
        Kind.POINTWISE: 0,
        Kind.SEPARABLE: before.filters,
        Kind.INVERTED: _multiple(before.filters * draw.choice(_EXPANSIONS)),
    }[kind]
    return Layer(
        kind=kind,
        source=len(layers) - 1,
        size=size,
        channels=before.filters,
        inner=min(inner, _MOST_INNER),
        filters=filters,
        kernel=1 if kind is Kind.POINTWISE else draw.choice(_KERNELS),
        stride=stride,
        residual=kind is Kind.INVERTED and stride == 1 and filters == before.filters,
    )


def _add_head(draw: random.Random, layers: list[Layer], source: int) -> None:
    filters = _channels(draw, 8, 256)
    for _ in range(draw.choice((0, 1, 1, 2, 3))):
        before = layers[source]
        layers.append(
            Layer(
                kind=Kind.SEPARABLE,
                source=source,
                size=before.output_size,
                channels=before.filters,
                inner=before.filters,
                filters=filters,
                kernel=draw.choice(_KERNELS),
            )
        )
        source = len(layers) - 1
    before = layers[source]
    layers.append(
        Layer(
            kind=Kind.HEAD,
            source=source,
            size=before.output_size,
            channels=before.filters,
            inner=0,
            filters=round(_between(draw, 1, 60)),
        )
    )


def _channels(draw: random.Random, low: float, high: float) -> int:
    return _multiple(_between(draw, low, max(low, high)))


def _multiple(channels: float) -> int:
    return max(8, round(channels / 8) * 8)


def _between(draw: random.Random, low: float, high: float) -> float:
    """As often in each doubling."""
    return math.exp(draw.uniform(math.log(low), math.log(high)))
