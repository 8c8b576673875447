"""Fusion: rewrites standard ONNX operators into the ops of docs/ops.md, pass by pass.

A pass finds one pattern and rewrites it in place. Fused nodes keep the channels-first values of
the graph that they come from until `to_nhwc` turns them and puts transposes where they meet
standard operators, which stay as they are.
"""

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from ..graph import CAMCLASSIFY, Graph
from .activations import absorb_activations
from .blocks import find_blocks
from .concatenations import absorb_concatenations
from .constants import fold_constants
from .convolutions import find_convolutions
from .layout import to_nhwc
from .norms import fold_batch_norms, fold_pads
from .pooled_heads import find_pooled_heads
from .pools import find_pools
from .predictors import find_predictors
from .pyramid_pools import find_pyramid_pools
from .residuals import absorb_residuals
from .siblings import merge_siblings
from .splits import absorb_splits
from .stems import find_stems
from .tails import find_tails

type Pass = Callable[[Graph], None]

PASSES: tuple[Pass, ...] = (
    fold_constants,
    fold_pads,
    fold_batch_norms,
    find_stems,
    find_convolutions,
    absorb_activations,
    absorb_residuals,
    find_pyramid_pools,
    absorb_concatenations,
    absorb_splits,
    find_predictors,
    find_pooled_heads,
    find_pools,
    merge_siblings,
    to_nhwc,
    find_tails,
    find_blocks,
)


@dataclass(frozen=True, slots=True)
class FusionReport:
    """What became of a graph's operators: fused ones by kind, and standard ones that are left."""

    fused: Mapping[str, int]
    standard: Mapping[str, int]

    @property
    def complete(self) -> bool:
        """Whether the direct runner can execute the network."""
        return not self.standard

    def __str__(self) -> str:
        """One line for people."""
        kinds = ", ".join(f"{count} {kind}" for kind, count in self.fused.items()) or "nothing"
        left = ", ".join(f"{count} {kind}" for kind, count in self.standard.items())
        return f"fused: {kinds}; " + (
            f"left as standard operators: {left}" if left else "all of it"
        )


def fuse(source: Graph, *, blocks: bool = True) -> tuple[Graph, FusionReport]:
    """The fused graph and a report; `source` stays as it is.

    `blocks` false leaves the parts of blocks single, as quantisation needs them.
    """
    graph = source.copy()
    for rewrite in PASSES if blocks else PASSES[:-1]:
        rewrite(graph)
        graph.prune()
        graph.sort()
    return graph, report(graph)


def report(graph: Graph) -> FusionReport:
    """Counts a graph's fused and standard nodes."""
    fused = Counter(node.op for node in graph.nodes if node.domain == CAMCLASSIFY)
    standard = Counter(node.op for node in graph.nodes if node.domain != CAMCLASSIFY)
    return FusionReport(dict(fused.most_common()), dict(standard.most_common()))
