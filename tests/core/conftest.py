"""The real engine, opened once per test process."""

from collections.abc import Callable
from pathlib import Path

import pytest
from camclassify_core import Engine
from hypothesis import settings

# How long an example takes is no matter for a test: the machine may be busy.
settings.register_profile("patient", deadline=None)
settings.load_profile("patient")

PHOTOGRAPHS = Path(__file__).parents[1] / "photographs"


@pytest.fixture(scope="session")
def engine() -> Engine:
    """The default bundle with default options."""
    return Engine()


@pytest.fixture(scope="session")
def photograph() -> Callable[[str], bytes]:
    """The bytes of a photograph by its file name."""
    return lambda name: (PHOTOGRAPHS / name).read_bytes()


@pytest.fixture(scope="session")
def dog(photograph: Callable[[str], bytes]) -> bytes:
    """A dog, a bicycle and a car."""
    return photograph("dog.jpg")
