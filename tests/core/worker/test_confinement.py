"""The worker can do little, and all that it has to."""

import os
import shutil
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from camclassify_core import (
    Engine,
    EngineClient,
    EngineOptions,
    Example,
    Frame,
    Regime,
    Request,
    SnapshotError,
    StreamFrame,
)
from camclassify_core.bundle.places import default_bundle
from camclassify_core.planner.compose import compose
from camclassify_core.planner.design_file import parse_designs
from camclassify_core.stream.shared_frames import FrameWriter, make_memory

COMMAND = (sys.executable, str(Path(__file__).parent / "probing_worker.py"))
BY_REGIME = """designs: [{name: by regime, trunk: {bundle: default}, heads: [{name: people},
{name: vehicles}, {name: animals}], grouping: per_regime, regimes: 3, resident: active}]"""


@pytest.fixture
async def client(dog: bytes) -> AsyncIterator[EngineClient]:
    """A worker that has loaded the default bundle and seen a picture."""
    client = EngineClient(EngineOptions(), command=COMMAND)
    await client.start()
    await client.classify(dog)
    if not (confinement := (await client.info()).confinement) or not confinement.seccomp:
        await client.stop()
        pytest.fail("This kernel has no filter of system calls: nothing can be said here.")
    yield client
    await client.stop()


@pytest.mark.parametrize(
    "attempt",
    [
        "open a socket",
        "open a local socket",
        "start a program",
        "become a program",
        "start a process",
        "write a new file",
        "write a file that exists",
        "remove a file",
        "map more than the limit",
        "raise the limit",
    ],
)
async def test_after_loading_the_worker_cannot(client: EngineClient, attempt: str) -> None:
    with pytest.raises(SnapshotError, match=r"refused: (Permission|OSError|ValueError)"):
        await client.classify(attempt.encode())
    assert (await client.statistics()).restarts == 0


@pytest.mark.parametrize("attempt", ["map less than the limit", "read a file", "load a library"])
async def test_after_loading_the_worker_still_can(client: EngineClient, attempt: str) -> None:
    with pytest.raises(SnapshotError, match=r"^done$"):
        await client.classify(attempt.encode())


async def test_a_stream_is_followed_after_that(client: EngineClient) -> None:
    memory = make_memory()
    await client.follow("drive", memory)
    planes = ((bytes([120]) * 320 * 180, 320), (bytes([128]) * 160 * 90, 160))
    frame = Frame(width=320, height=180, planes=(*planes, planes[1]))
    FrameWriter(memory).put(frame, 1.0)
    os.close(memory)
    named = StreamFrame(stream="drive", number=1, taken=1.0)
    seen = await client.classify(named, Request(camera="drive"))
    assert (seen.width, seen.height, seen.frame) == (320, 180, named)
    assert (await client.encode(named)).startswith(b"\xff\xd8\xff")


async def test_what_it_has_to_do_goes_on(
    client: EngineClient, engine: Engine, dog: bytes, tmp_path: Path
) -> None:
    seen = await client.classify(dog, Request(features=True))
    assert seen.detections
    assert [each.name for each in seen.detections] == [
        each.name for each in engine.classify(dog).detections
    ]

    found = next(each for each in seen.detections if each.name == "dog")
    example = Example(
        id="1",
        name="bello",
        camera="",
        box=found.box,
        regime=Regime.DAY,
        found_as=("dog", "animal"),
        features=await client.features(dog, found.box, Regime.DAY),
    )
    await client.teach([example])
    assert "bello" in {each.name for each in (await client.classify(dog)).detections}

    (design,) = parse_designs(BY_REGIME)
    compose(design, tmp_path / "by_regime", {})
    await client.reconfigure(EngineOptions(bundle=tmp_path / "by_regime"))
    for elevation in (40.0, -30.0, 40.0):  # networks of another regime are loaded then
        night = await client.classify(dog, Request(sun_elevation=elevation, use_gate=False))
        assert night.detections

    shutil.copytree(default_bundle(), tmp_path / "copy")
    await client.reconfigure(EngineOptions(bundle=tmp_path / "copy", threads=2))
    assert (await client.classify(dog)).detections
    assert (await client.statistics()).restarts == 0


async def test_the_worker_says_what_holds() -> None:
    client = EngineClient(EngineOptions())
    await client.start()
    try:
        confinement = (await client.info()).confinement
    finally:
        await client.stop()
    assert confinement
    assert confinement.privileges
    assert confinement.programs
    assert confinement.network
    assert confinement.writing
    assert confinement.memory_bytes >= 2**29
