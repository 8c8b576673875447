"""What networks keep in memory: their weights, and their activations."""

import math
from collections.abc import Iterator, Sequence

from camclassify_core.options import Precision

from .arena import Op, peak_bytes, touched_bytes
from .designs import DesignRunner
from .fused_graph import fused_graph
from .layers import Kind, Layer, Network
from .plain import PICTURE

_HUGE_PAGE = 2 << 20
_POINTER = 8
_SUM = 4  # bytes, of what int8 products add up to


def memory_terms(
    networks: Sequence[Network], runner: DesignRunner, precision: Precision
) -> tuple[float, float, float, float]:
    """What the fields of `Memory` are multiplied with: 1, networks, and MB of weights and of activations."""
    weight = 1 if precision is Precision.INT8 else 4
    return (
        1.0,
        float(len(networks)),
        sum(network.weights for network in networks) * weight / 1e6,
        sum(activation_bytes(network, runner, precision) for network in networks) / 1e6,
    )


def activation_bytes(network: Network, runner: DesignRunner, precision: Precision) -> int:
    """Bytes that the picture and the activations take."""
    value = 1 if precision is Precision.INT8 else 4
    picture = 3 * network.resolution**2
    match runner:
        case DesignRunner.ONNXRUNTIME:
            return picture + touched_bytes(list(_plain_ops(network, value)))
        case DesignRunner.FUSED:
            return picture + touched_bytes(list(_fused_ops(network, value)))
        case DesignRunner.DIRECT:
            whole = picture + peak_bytes(list(_fused_ops(network, value)))
            if whole < _HUGE_PAGE:  # core/src/memory/aligned_buffer.cpp
                return whole
            return -(-whole // _HUGE_PAGE) * _HUGE_PAGE


def _fused_ops(network: Network, value: int) -> Iterator[Op]:
    graph = fused_graph(network)
    for node in graph.nodes:
        reads = tuple(name for name in node.inputs if name in graph.types and name != PICTURE)
        written = sum(math.prod(graph.types[name].shape) for name in node.outputs)
        yield Op(reads, node.output, written * value)


def _plain_ops(network: Network, value: int) -> Iterator[Op]:
    pixels = 3 * network.resolution**2
    yield Op((), "floats", 4 * pixels)
    yield Op(("floats",), _name(-1), value * pixels)
    for index, layer in enumerate(network.layers):
        yield from _plain_layer(layer, index, value)


def _plain_layer(layer: Layer, index: int, value: int) -> Iterator[Op]:
    source, name = _name(layer.source), _name(index)
    int8 = value == 1
    pixels = layer.output_size**2
    written = layer.values_written
    if layer.kind is Kind.HEAD:
        yield Op((source,), name, layer.channels * value)
        return
    if layer.kind is Kind.STEM:
        gathered = layer.channels * layer.kernel**2 * pixels
        yield Op((source,), name, written * value, (gathered, _SUM * written) if int8 else ())
        return
    before = source
    if layer.kind is Kind.INVERTED:
        before = f"{name} expanded"
        yield Op((source,), before, layer.size**2 * layer.inner * value)
    if layer.inner:
        filtered = f"{name} filtered"
        pointers = (_POINTER * layer.kernel**2 * pixels,) if int8 else ()
        yield Op((before,), filtered, pixels * layer.inner * value, pointers)
        before = filtered
    if not layer.residual:
        yield Op((before,), name, written * value)
    elif not int8:
        yield Op((before, source), name, written * value, in_place=source)
    else:
        yield Op((before,), f"{name} projected", written)
        yield Op((f"{name} projected",), f"{name} floats", 4 * written)
        yield Op((source,), f"{name} source", 4 * written)
        yield Op(
            (f"{name} floats", f"{name} source"),
            f"{name} sum",
            4 * written,
            in_place=f"{name} floats",
        )
        yield Op((f"{name} sum",), name, written)


def _name(index: int) -> str:
    return f"layer {index}"
