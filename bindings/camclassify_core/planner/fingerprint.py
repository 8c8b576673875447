"""What counts the work of networks, in a few characters: a profile of other counts predicts nothing."""

from functools import cache
from hashlib import sha256
from itertools import islice

from camclassify_core.machine import Caches

from .designs import PRECISIONS
from .fused_work import FusedWork
from .plain_work import PlainWork
from .sampling import calibration_networks

_NETWORKS = 3  # one of each style
_CACHES = Caches(first=32 << 10, second=512 << 10, last=8 << 20)


@cache
def work_fingerprint(instruction_set: str) -> str:
    """Changes with whatever the counters say of a fixed sample of networks on an instruction set."""
    digest = sha256()
    networks = list(islice(calibration_networks(0), _NETWORKS))
    for counter in (FusedWork, PlainWork):
        for precision in PRECISIONS:
            counts = counter(instruction_set, precision, _CACHES)
            for work in (each for network in networks for each in counts.of(network)):
                pieces = sorted((name, f"{count:.6g}") for name, count in work.counts.items())
                shape = [f"{place:.6g}" for place in work.shape]
                digest.update(repr((work.group, pieces, shape)).encode())
    return digest.hexdigest()[:16]
