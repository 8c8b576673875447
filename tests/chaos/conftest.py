"""Time passes at once in these tests: the clock is replaced before Home Assistant is imported."""

import sys
from datetime import datetime

import pytest

from benchmarks.simulated_time import SimulatedClock

if "homeassistant" in sys.modules:
    raise pytest.UsageError(
        "Run these tests alone and with -p no:homeassistant, as script/test does."
    )

CLOCK = SimulatedClock(datetime.fromisoformat("2026-06-15T12:00:00+00:00"))
CLOCK.install()


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add how long chaos lasts."""
    parser.addoption(
        "--chaos-minutes", type=float, default=0.5, help="how long to run (default: %(default)s)"
    )
    parser.addoption(
        "--chaos-seed", type=int, default=0, help="the first seed (default: %(default)s)"
    )


@pytest.fixture
def clock() -> SimulatedClock:
    """The clock of all that is imported from here on."""
    return CLOCK
