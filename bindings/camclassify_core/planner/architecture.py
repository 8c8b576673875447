"""From a design to the networks that it consists of."""

from .designs import Design, Execution, Family, Grouping, Head, Resident, Trunk
from .layers import HeadLayers, Kind, Layer, Network

# Channels and blocks of the stages after the stem, at width and depth 1; each halves the picture's
# side. The proportions are those of MobileNetV2 (arXiv:1801.04381), MobileNetV1 (arXiv:1704.04861),
# the CSP-Darknet of YOLOX-Nano (arXiv:2107.08430) and MobileNeXt (arXiv:2007.02269).
_STAGES: dict[Family, tuple[tuple[int, int], ...]] = {
    Family.INVERTED: ((24, 2), (32, 3), (96, 4), (160, 3)),
    Family.SEPARABLE: ((64, 2), (128, 2), (256, 4), (512, 2)),
    Family.BOTTLENECK: ((32, 2), (64, 3), (128, 3), (256, 2)),
    Family.SANDGLASS: ((96, 1), (192, 2), (384, 4), (576, 2)),
}
_STEM_FILTERS = 32
_EXPANSION = 6
_SQUEEZE = 6


def networks(design: Design) -> tuple[Network, ...]:
    """The networks that run on a frame. Shapes only, no weights.

    With a network for every lighting condition these are the ones of one condition; the others are
    loaded when it changes.
    """
    if design.grouping in (Grouping.PER_GROUP, Grouping.BOTH):
        return tuple(
            network(head.name, design.trunk, (head,), Execution.SERIAL, head.activity)
            for head in design.heads
        )
    return (network("all", design.trunk, design.heads, design.execution, 1.0),)


def resident_networks(design: Design) -> tuple[Network, ...]:
    """The networks that are in memory: those that run, or those of every lighting condition."""
    timed = design.grouping in (Grouping.PER_REGIME, Grouping.BOTH)
    every = timed and design.resident is Resident.ALL
    return networks(design) * (design.regimes if every else 1)


def switches(design: Design) -> bool:
    """Whether the design loads other networks when the lighting condition changes."""
    timed = design.grouping in (Grouping.PER_REGIME, Grouping.BOTH)
    return timed and design.regimes > 1 and design.resident is Resident.ACTIVE


def network(
    name: str, trunk: Trunk, heads: tuple[Head, ...], execution: Execution, share: float
) -> Network:
    """A trunk with heads. Layers that no head needs are left out.

    `share` of the frames run it; of these, a head that shares the trunk with others runs on as many as
    its activity says.
    """
    layers, taps = _trunk_layers(trunk, max(head.tap for head in heads))
    places: list[HeadLayers] = []
    for head in _fused(heads) if execution is Execution.FUSED else heads:
        first = len(layers)
        _add_head(layers, taps[head.tap], head)
        of_these = head.activity if len(heads) > 1 else 1.0
        places.append(HeadLayers(name=head.name, first=first, end=len(layers), share=of_these))
    return Network(
        name=name,
        resolution=trunk.resolution,
        layers=tuple(layers),
        share=share,
        heads=tuple(places),
        apart=execution is Execution.PARALLEL and len(heads) > 1,
    )


def channels(base: int, width: float) -> int:
    """Scaled channels, a multiple of 8, never below 8."""
    return max(8, round(base * width / 8) * 8)


def _trunk_layers(trunk: Trunk, last_tap: int) -> tuple[list[Layer], dict[int, int]]:
    filters = channels(_STEM_FILTERS, trunk.width)
    layers = [
        Layer(
            kind=Kind.STEM,
            source=-1,
            size=trunk.resolution,
            channels=3,
            inner=0,
            filters=filters,
            kernel=3,
            stride=2,
        )
    ]
    taps = {1: 0}
    for tap, (base, blocks) in enumerate(_STAGES[trunk.family], start=2):
        if tap > last_tap:
            break
        for index in range(max(1, round(blocks * trunk.depth))):
            stride = 2 if index == 0 else 1
            _add_block(layers, trunk.family, channels(base, trunk.width), stride)
        taps[tap] = len(layers) - 1
    return layers, taps


def _add_block(layers: list[Layer], family: Family, filters: int, stride: int) -> None:
    before = layers[-1]
    match family:
        case Family.SEPARABLE:
            _add_separable(layers, filters, stride)
        case Family.INVERTED:
            _add_inverted(layers, before.filters * _EXPANSION, filters, stride)
        case Family.BOTTLENECK:
            _add_inverted(layers, filters, filters, stride)
        case Family.SANDGLASS:
            _add_separable(layers, channels(before.filters, 1 / _SQUEEZE), stride)
            _add_pointwise(layers, filters)


def _add_separable(
    layers: list[Layer], filters: int, stride: int = 1, source: int | None = None
) -> None:
    """On the last layer, or on the one that `source` says."""
    source = len(layers) - 1 if source is None else source
    before = layers[source]
    layers.append(
        Layer(
            kind=Kind.SEPARABLE,
            source=source,
            size=before.output_size,
            channels=before.filters,
            inner=before.filters,
            filters=filters,
            kernel=3,
            stride=stride,
        )
    )


def _add_inverted(layers: list[Layer], inner: int, filters: int, stride: int) -> None:
    before = layers[-1]
    layers.append(
        Layer(
            kind=Kind.INVERTED,
            source=len(layers) - 1,
            size=before.output_size,
            channels=before.filters,
            inner=inner,
            filters=filters,
            kernel=3,
            stride=stride,
            residual=stride == 1 and before.filters == filters,
        )
    )


def _add_pointwise(layers: list[Layer], filters: int) -> None:
    before = layers[-1]
    layers.append(
        Layer(
            kind=Kind.POINTWISE,
            source=len(layers) - 1,
            size=before.output_size,
            channels=before.filters,
            inner=0,
            filters=filters,
        )
    )


def _add_head(layers: list[Layer], tap: int, head: Head) -> None:
    source = tap
    for _ in range(head.layers):
        _add_separable(layers, head.width, source=source)
        source = len(layers) - 1
    before = layers[source]
    layers.append(
        Layer(
            kind=Kind.HEAD,
            source=source,
            size=before.output_size,
            channels=before.filters,
            inner=0,
            filters=head.classes,
        )
    )


def _fused(heads: tuple[Head, ...]) -> tuple[Head, ...]:
    """One wide head for all heads of the same depth at the same tap."""
    groups: dict[tuple[int, int], list[Head]] = {}
    for head in heads:
        groups.setdefault((head.tap, head.layers), []).append(head)
    return tuple(
        Head(
            name="+".join(head.name for head in group),
            classes=sum(head.classes for head in group),
            layers=layers,
            width=sum(head.width for head in group),
            tap=tap,
            activity=max(head.activity for head in group),
        )
        for (tap, layers), group in groups.items()
    )
