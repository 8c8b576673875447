"""What several cores do more than one, in the very minutes in which something else is measured."""

import subprocess
import sys

_LOOP = """
import sys
from time import perf_counter
turns, end = 0, perf_counter() + float(sys.argv[1])
while perf_counter() < end:
    turns += 1
print(turns)
"""


def gain(count: int, seconds: float) -> float:
    """How much more so many loops count than one alone, each for so long and with nothing else to do."""
    return _turns(count, seconds) / _turns(1, seconds)


def _turns(count: int, seconds: float) -> int:
    command = [sys.executable, "-c", _LOOP, str(seconds)]
    loops = [subprocess.Popen(command, stdout=subprocess.PIPE) for _ in range(count)]
    return sum(int(loop.communicate()[0]) for loop in loops)
