"""What networks keep in memory: their weights, and the activations that are alive at once."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from .designs import Precision, Runner
from .layers import Kind, Layer, Network

_HUGE_PAGE = 2 << 20
_POINTER = 8
_PICTURE = "picture"


@dataclass(frozen=True, slots=True)
class _Op:
    """What an operator reads and the tensor that it writes."""

    reads: tuple[str, ...]
    writes: str
    size: int  # bytes of what it writes


def memory_terms(
    networks: Sequence[Network], runner: Runner, precision: Precision
) -> tuple[float, float, float, float]:
    """What the fields of `Memory` are multiplied with: 1, networks, and MB of weights and of activations."""
    weight = 1 if precision is Precision.INT8 else 4
    return (
        1.0,
        float(len(networks)),
        sum(network.weights for network in networks) * weight / 1e6,
        sum(activation_bytes(network, runner, precision) for network in networks) / 1e6,
    )


def activation_bytes(network: Network, runner: Runner, precision: Precision) -> int:
    """Bytes of the picture and of the activations that are alive at once, at the most."""
    value = 1 if precision is Precision.INT8 else 4
    plain = runner is Runner.ONNXRUNTIME
    ops = list(_plain_ops(network, value) if plain else _fused_ops(network, value))
    last_read = {name: index for index, op in enumerate(ops) for name in op.reads}
    alive: dict[str, int] = {}
    peak = 0
    for index, op in enumerate(ops):
        alive[op.writes] = op.size
        peak = max(peak, sum(alive.values()))
        for name in [each for each in alive if last_read.get(each, index) <= index]:
            del alive[name]
    whole = peak + 3 * network.resolution**2
    if runner is Runner.DIRECT and whole >= _HUGE_PAGE:  # core/src/runner/aligned_buffer.cpp
        return -(-whole // _HUGE_PAGE) * _HUGE_PAGE
    return whole


def _fused_ops(network: Network, value: int) -> Iterator[_Op]:
    for index, layer in enumerate(network.layers):
        yield _Op((_name(layer.source),), _name(index), layer.values_written * value)


def _plain_ops(network: Network, value: int) -> Iterator[_Op]:
    pixels = 3 * network.resolution**2
    yield _Op((), "floats", 4 * pixels)
    yield _Op(("floats",), _name(-1), value * pixels)
    for index, layer in enumerate(network.layers):
        yield from _plain_layer(layer, index, value)


def _plain_layer(layer: Layer, index: int, value: int) -> Iterator[_Op]:
    source, name = _name(layer.source), _name(index)
    before = source
    if layer.kind is Kind.INVERTED:
        before = f"{name} expanded"
        yield _Op((source,), before, layer.size**2 * layer.inner * value)
    if layer.inner:
        reads: tuple[str, ...] = (before,)
        if value == 1:  # an int8 convolution gathers pointers to what it reads
            reads = (before, f"{name} pointers")
            taps = layer.kernel**2 * layer.output_size**2
            yield _Op((), reads[1], _POINTER * taps)
        yield _Op(reads, f"{name} filtered", layer.output_size**2 * layer.inner * value)
        before = f"{name} filtered"
    written = layer.values_written * value
    if not layer.residual:
        yield _Op((before,), name, written)
    elif value == 4:
        yield _Op((before, source), name, written)
    else:
        yield _Op((before,), f"{name} projected", written)
        yield _Op((f"{name} projected",), f"{name} floats", 4 * written)
        yield _Op((source,), f"{name} source", 4 * written)
        yield _Op((f"{name} floats", f"{name} source"), f"{name} sum", 4 * written)
        yield _Op((f"{name} sum",), name, written)


def _name(index: int) -> str:
    return _PICTURE if index < 0 else f"layer {index}"
