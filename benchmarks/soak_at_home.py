"""A day in a home with many cameras, in minutes: nothing may grow, and nothing block the event loop.

    .venv/bin/python benchmarks/soak_at_home.py [--hours 24] [--cameras 20] [--interval 1] [--faults]

A real Home Assistant (recorder, history, logbook, the integration, its client and a worker process) runs on
an event loop on which time passes at once whenever nothing real is waited for (`simulated_time.py`). The
cameras and the worker's engine follow a script (`scripted_home.py`). Every simulated hour, all that the
home holds is counted. Exits with 1 if something grew that should not, if an iteration blocked the loop for
20 ms, or if Home Assistant found a blocking call in it. With `--faults`, something fails every minute
(`faults_at_home.py`); no camera may be lost for a short failure, or come back late from a long one, and
every one must be alive at the end.

On a virtual machine, `chrt -f 50 taskset -c 1` before it tells blocking from a processor that stood still
(`heartbeat.py`).
"""

import argparse
import asyncio
import logging
import sys
import tempfile
from contextlib import nullcontext
from dataclasses import astuple, fields
from datetime import datetime
from pathlib import Path
from typing import override

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from benchmarks.heartbeat import Heartbeat  # noqa: E402
from benchmarks.inventory import Inventory, faults  # noqa: E402
from benchmarks.scripted_home import Script  # noqa: E402
from benchmarks.simulated_time import Iterations, SimulatedClock, SimulatedLoop  # noqa: E402

_MIDNIGHT = datetime.fromisoformat("2026-06-15T00:00:00+00:00")
_BLOCKED = 0.020  # seconds in one iteration of the loop
_VISITS = 48  # a day and camera


class BlockingCalls(logging.Handler):
    """Collects what Home Assistant warns of: a file or a peer that the loop waited for."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.found: list[str] = []
        logging.getLogger("homeassistant.util.loop").addHandler(self)

    @override
    def emit(self, record: logging.LogRecord) -> None:
        self.found.append(record.getMessage())


async def live(
    folder: Path,
    clock: SimulatedClock,
    iterations: Iterations,
    scripts: list[Script],
    *,
    hours: int,
    interval: float,
    with_faults: bool,
) -> tuple[list[Inventory], int, list[str]]:
    """Let the hours pass.

    Returns what the home holds at the start and after each, how many faults there were, and what went wrong.
    """
    from benchmarks.busy_home import busy_home, count  # binds the clock
    from benchmarks.faults_at_home import Faults, faults_at_home, not_alive

    print("| hour | " + " | ".join(field.name for field in fields(Inventory)) + " |")
    print("|---" * (len(fields(Inventory)) + 1) + "|")
    inventories: list[Inventory] = []
    async with busy_home(folder, clock, scripts, interval) as hass:
        async with faults_at_home(hass) if with_faults else nullcontext(Faults()) as faults:
            for hour in range(hours + 1):
                if hour:
                    iterations.measuring = True
                    await asyncio.sleep(3600)
                    iterations.measuring = False
                with clock.held():
                    inventories.append(await count(hass, folder))
                figures = " | ".join(
                    f"{figure:.4g}" if isinstance(figure, float) else str(figure)
                    for figure in astuple(inventories[-1])
                )
                print(f"| {hour} | {figures} |", flush=True)
        if with_faults:
            print(f"\n{faults.done.total()} faults: {dict(faults.done)}")
        wrong = faults.wrong + await not_alive(hass)
    clock.hold()  # the loop ends in real time
    return inventories, faults.done.total(), wrong


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--hours", type=int, default=24, help="simulated (default: %(default)s)")
    parser.add_argument("--cameras", type=int, default=20, help="(default: %(default)s)")
    parser.add_argument(
        "--interval",
        type=float,
        default=1.0,
        help="seconds between looks while nothing happens (default: %(default)s)",
    )
    parser.add_argument("--faults", action="store_true", help="let something fail every minute")
    arguments = parser.parse_args()

    heartbeat = Heartbeat()
    clock = SimulatedClock(_MIDNIGHT)
    clock.install()
    iterations = Iterations(_BLOCKED)
    blocking_calls = BlockingCalls()
    scripts = [Script.of(number, _VISITS) for number in range(arguments.cameras)]
    with (
        tempfile.TemporaryDirectory(prefix="camclassify-soak-") as folder,
        asyncio.Runner(
            loop_factory=lambda: SimulatedLoop(clock, heartbeat, iterations.add)
        ) as runner,
    ):
        inventories, failed, wrong = runner.run(
            live(
                Path(folder),
                clock,
                iterations,
                scripts,
                hours=arguments.hours,
                interval=arguments.interval,
                with_faults=arguments.faults,
            )
        )
    print(
        f"{iterations.count} iterations of the event loop, the longest took "
        f"{1000 * iterations.longest:.1f} ms; {iterations.over_limit} took {1000 * _BLOCKED:.0f} ms or more; "
        f"the processor stood still for {heartbeat.stood_still():.1f} s"
    )
    found = faults(inventories, arguments.cameras, _VISITS, failed) + blocking_calls.found + wrong
    for fault in found:
        print(f"fault: {fault}")
    return 1 if found or iterations.over_limit else 0


if __name__ == "__main__":
    sys.exit(main())
