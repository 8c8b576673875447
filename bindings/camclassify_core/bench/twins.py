"""How fast a network is that a bundle has in int8 alone, and how fast it would be in fp32."""

from math import inf
from pathlib import Path
from time import perf_counter

from camclassify_core.native import core
from camclassify_core.options import Precision
from camclassify_core.speeds import Speeds

_PATIENCE = 0.3  # seconds
_MOST_ROUNDS = 15


def speeds_with_twin(file: Path, threads: int) -> Speeds:
    """Of an int8 network and its twin in fp32: the same ops on the same shapes, with other weights.

    Raises BundleError.
    """
    networks = {
        Precision.INT8: core.Network(file, runner="direct", threads=threads),
        Precision.FP32: core.Network(file, threads=threads, fp32_twin=True),
    }
    shortest = dict.fromkeys(networks, inf)
    end = perf_counter() + _PATIENCE
    # In turns, so that whatever else the machine does is done to both; the first is to warm up.
    for number in range(_MOST_ROUNDS + 1):
        if number > 1 and perf_counter() > end:
            break
        for precision, network in networks.items():
            start = perf_counter()
            network.run()
            if number:
                shortest[precision] = min(shortest[precision], perf_counter() - start)
    return {precision: seconds * 1000 for precision, seconds in shortest.items()}
