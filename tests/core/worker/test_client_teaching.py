"""What is taught reaches the worker, and outlives it. The fake worker sees one person."""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from camclassify_core import (
    Box,
    EngineClient,
    EngineOptions,
    EngineState,
    EngineUnavailable,
    Example,
    ExampleError,
    Regime,
)

COMMAND = (sys.executable, str(Path(__file__).parent / "fake_worker.py"))


def example(name: str | None, features: tuple[float, ...] = (0.25, 5.0)) -> Example:
    """Return an example that looks as the fake engine's person does in a snapshot of 5 bytes."""
    return Example(
        id="1",
        name=name,
        camera="",
        box=Box(x0=0.25, y0=0.25, x1=0.5, y1=1.0),
        regime=Regime.DAY,
        found_as=("person",),
        features=features,
    )


@pytest.fixture
async def client() -> AsyncIterator[EngineClient]:
    client = EngineClient(EngineOptions(), command=COMMAND)
    await client.start()
    yield client
    await client.stop()


async def names(client: EngineClient) -> list[str]:
    return [found.name for found in (await client.classify(b"12345")).detections]


async def test_a_taught_class_is_recognised_at_once(client: EngineClient) -> None:
    (taught,) = await client.teach([example("postwoman")])
    assert (taught.info.name, taught.info.parents) == ("postwoman", ("person",))
    assert taught.expectations[Regime.DAY].low == 0
    assert await names(client) == ["postwoman"]


async def test_what_is_nothing_is_no_longer_seen(client: EngineClient) -> None:
    assert await client.teach([example(None)]) == ()
    assert await names(client) == []


async def test_forgetting_all_examples_forgets_all(client: EngineClient) -> None:
    await client.teach([example("postwoman")])
    assert await client.teach([]) == ()
    assert await names(client) == ["person"]


async def test_bad_examples_leave_what_was_taught_before(client: EngineClient) -> None:
    await client.teach([example("postwoman")])
    with pytest.raises(ExampleError):
        await client.teach([example("postwoman", (1.0, float("nan")))])
    assert await names(client) == ["postwoman"]


@pytest.mark.parametrize("bundle", ["features-3", "features-0"])
async def test_another_bundle_sees_what_it_can_until_the_old_one_is_back(
    client: EngineClient, bundle: str
) -> None:
    await client.teach([example("postwoman"), example(None, (5.0, 0.25))])
    await client.reconfigure(EngineOptions(bundle=Path(bundle)))
    assert await names(client) == ["person"]
    await client.reconfigure(EngineOptions())
    assert await names(client) == ["postwoman"]


async def test_examples_of_both_bundles_are_kept(client: EngineClient) -> None:
    await client.teach([example("postwoman"), example("neighbour", (0.25, 5.0, 0.0))])
    assert await names(client) == ["postwoman"]
    await client.reconfigure(EngineOptions(bundle=Path("features-3")))
    assert await names(client) == ["neighbour"]


async def test_what_was_taught_outlives_the_worker(client: EngineClient) -> None:
    await client.teach([example("postwoman")])
    os.kill((await client.info()).pid, signal.SIGKILL)
    async with asyncio.timeout(10):
        while True:
            try:
                assert await names(client) == ["postwoman"]
                break
            except EngineUnavailable:
                await asyncio.sleep(0.05)
    assert client.state is EngineState.RUNNING
