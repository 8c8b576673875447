"""Whether giving up privileges costs frames any time: two workers, one confined, take turns.

    .venv/bin/python benchmarks/confined_frames.py [--rounds 400] [--snapshot FILE]

Prints the median of the ratios of paired frame times, with its 95% interval.
"""

import argparse
import asyncio
import random
import statistics
import sys
from pathlib import Path
from time import perf_counter

from camclassify_core import EngineClient, EngineOptions, Request
from camclassify_core.worker.process import WORKER_COMMAND

_UNCONFINED = (
    sys.executable,
    "-P",
    "-c",
    "from camclassify_core.engine import Engine; from camclassify_core.worker import serve; serve(Engine)",
)
_SNAPSHOT = Path(__file__).parents[1] / "demo" / "footage" / "garden" / "5.jpg"
_RESAMPLES = 1000


async def compare(snapshot: bytes, rounds: int) -> list[float]:
    """The ratio of confined to free, pair by pair."""
    confined = EngineClient(EngineOptions(), command=WORKER_COMMAND)
    free = EngineClient(EngineOptions(), command=_UNCONFINED)
    ratios: list[float] = []
    await confined.start()
    await free.start()
    try:
        assert (await confined.info()).confinement
        assert (await free.info()).confinement is None
        for number in range(rounds + 20):
            pair = [confined, free] if number % 2 else [free, confined]
            took = {client: await _frame(client, snapshot) for client in pair}
            if number >= 20:
                ratios.append(took[confined] / took[free])
    finally:
        await confined.stop()
        await free.stop()
    return ratios


async def _frame(client: EngineClient, snapshot: bytes) -> float:
    """Seconds from asking to the answer."""
    start = perf_counter()
    await client.classify(snapshot, Request(use_gate=False))
    return perf_counter() - start


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--rounds", type=int, default=400, help="pairs (default: %(default)s)")
    parser.add_argument("--snapshot", type=Path, default=_SNAPSHOT, help="(default: %(default)s)")
    arguments = parser.parse_args()
    ratios = asyncio.run(compare(arguments.snapshot.read_bytes(), arguments.rounds))
    chance = random.Random(0)
    medians = sorted(
        statistics.median(chance.choices(ratios, k=len(ratios))) for _ in range(_RESAMPLES)
    )
    low, high = medians[_RESAMPLES // 40], medians[-_RESAMPLES // 40]
    print(
        f"confined to free, {len(ratios)} pairs: {statistics.median(ratios):.4f} ({low:.4f} to {high:.4f})"
    )


if __name__ == "__main__":
    main()
