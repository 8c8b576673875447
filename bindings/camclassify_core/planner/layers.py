"""Networks as lists of layers: enough to know what one costs, without any weights."""

from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """What a layer does; each is one fused op (docs/ops.md) and several plain operators."""

    STEM = "stem"
    POINTWISE = "pointwise"
    INVERTED = "inverted"  # pointwise, depthwise, pointwise
    SEPARABLE = "separable"  # depthwise, pointwise
    HEAD = "head"  # global average pool, classifier


@dataclass(frozen=True, slots=True, kw_only=True)
class Layer:
    """One layer of a network.

    `source` is the index of the layer it reads, -1 the picture. Heights equal widths: `size` is the
    side of what it reads, `channels` its channels, `inner` those of the depthwise convolution
    (0 where there is none), `filters` those of the output. `residual` adds the input to the output.
    """

    kind: Kind
    source: int
    size: int
    channels: int
    inner: int
    filters: int
    kernel: int = 1
    stride: int = 1
    residual: bool = False

    @property
    def output_size(self) -> int:
        """Side of the output; 1 for a head."""
        if self.kind is Kind.HEAD:
            return 1
        return -(-self.size // self.stride)

    @property
    def dense_macs(self) -> int:
        """Multiply-adds of its dense (pointwise, stem, classifier) products."""
        read, written = self.size**2, self.output_size**2
        match self.kind:
            case Kind.STEM:
                return written * self.channels * self.kernel**2 * self.filters
            case Kind.POINTWISE:
                return written * self.channels * self.filters
            case Kind.INVERTED:
                return read * self.channels * self.inner + written * self.inner * self.filters
            case Kind.SEPARABLE:
                return written * self.inner * self.filters
            case Kind.HEAD:
                return self.channels * self.filters

    @property
    def depthwise_macs(self) -> int:
        """Multiply-adds of its depthwise convolution."""
        if not self.inner:
            return 0
        return self.output_size**2 * self.inner * self.kernel**2

    @property
    def macs(self) -> int:
        """All multiply-adds."""
        return self.dense_macs + self.depthwise_macs

    @property
    def weights(self) -> int:
        """Number of weights, without biases."""
        match self.kind:
            case Kind.STEM:
                return self.channels * self.kernel**2 * self.filters
            case Kind.INVERTED:
                return self.inner * (self.channels + self.kernel**2 + self.filters)
            case Kind.SEPARABLE:
                return self.inner * (self.kernel**2 + self.filters)
            case Kind.POINTWISE | Kind.HEAD:
                return self.channels * self.filters

    @property
    def values_read(self) -> int:
        """Activation values that it reads."""
        return self.size**2 * self.channels

    @property
    def values_inside(self) -> int:
        """Activation values between its convolutions."""
        return (self.size**2 if self.kind is Kind.INVERTED else 0) * self.inner + (
            self.output_size**2 * self.inner
        )

    @property
    def values_written(self) -> int:
        """Activation values that it writes."""
        return self.output_size**2 * self.filters


@dataclass(frozen=True, slots=True, kw_only=True)
class HeadLayers:
    """Where a head's layers stand in its network, and the `share` of the frames that run it."""

    name: str
    first: int
    end: int
    share: float = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Network:
    """Layers in execution order; `share` of the frames that run it.

    `heads` stand behind the trunk, in their order. With `apart` they are not run with the trunk but side
    by side, a thread each.
    """

    name: str
    resolution: int
    layers: tuple[Layer, ...]
    share: float = 1.0
    heads: tuple[HeadLayers, ...] = ()
    apart: bool = False

    @property
    def trunk_end(self) -> int:
        """How many layers the trunk has."""
        return self.heads[0].first if self.heads else len(self.layers)

    @property
    def macs(self) -> int:
        """All multiply-adds."""
        return sum(layer.macs for layer in self.layers)

    @property
    def weights(self) -> int:
        """Number of weights."""
        return sum(layer.weights for layer in self.layers)
