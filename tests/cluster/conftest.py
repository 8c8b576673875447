"""Clusters, each started once for all tests that only ask it."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from .machines import Machine, machine, own_address

PHOTOGRAPHS = Path(__file__).parents[1] / "photographs"


@pytest.fixture(scope="session")
def photograph() -> Callable[[str], bytes]:
    """The bytes of a photograph by its file name."""
    return lambda name: (PHOTOGRAPHS / name).read_bytes()


@pytest.fixture(scope="module")
def alone() -> Iterator[Machine]:
    """A cluster on one machine, with two engines."""
    with machine("--engines", "2") as started:
        started.wait_until("Ready")
        yield started


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Machine, Machine]]:
    """The head of a cluster of two machines, and the other one."""
    address = own_address()
    secret = str(tmp_path_factory.mktemp("cluster") / "secret")
    with machine("--engines", "4", "--address", address, "--secret", secret) as head:
        head.wait_until("Others may join")
        with machine("--join", head.head, "--address", address, "--secret", secret) as other:
            other.wait_until("Part of the cluster")
            head.wait_until("Ready")
            yield head, other
