"""Post-training int8: u8 and i16 activations, s8 weights (docs/ops.md has the arithmetic).

`calibrate` looks at what a fused fp32 network computes on pictures and plans how each of its
values is stored; `refine` adjusts that by what it does to the answers; `quantise` rewrites the network
to the plan; `compare` says what it costs.
"""

from .calibration import calibrate
from .cost import LayerCost, compare
from .int8_plan import Plan, read_plan, write_plan
from .refinement import Answers, refine
from .rewrite import quantise

__all__ = [
    "Answers",
    "LayerCost",
    "Plan",
    "calibrate",
    "compare",
    "quantise",
    "read_plan",
    "refine",
    "write_plan",
]
