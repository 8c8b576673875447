"""Teaching the parked van of the demo's driveway its name, with the real engine."""

from functools import partial
from pathlib import Path

import pytest
from camclassify_core import Box, Detection, Engine, EngineOptions, Example, Regime, Request
from camclassify_core.teaching import Taught

FRAMES = sorted((Path(__file__).parents[2] / "demo" / "footage" / "driveway").glob("*.jpg"))[::4]
TAUGHT, HELD_BACK = FRAMES[:3], FRAMES[3:]
VAN = Box(x0=0.715, y0=0.13, x1=0.751, y1=0.182)


@pytest.fixture(scope="module")
def engine() -> Engine:
    return Engine(EngineOptions())


@pytest.fixture(scope="module")
def parents(engine: Engine) -> dict[str, tuple[str, ...]]:
    return {each.name: each.parents for each in engine.info().classes}


def root(parents: dict[str, tuple[str, ...]], name: str) -> str:
    return (name, *parents[name])[-1]


def is_van(detection: Detection) -> bool:
    return abs(detection.box.x0 - VAN.x0) < 0.008 and abs(detection.box.x1 - VAN.x1) < 0.008


def found(engine: Engine, frame: Path) -> list[Detection]:
    return list(engine.classify(frame.read_bytes(), Request(use_gate=False)).detections)


def features_in(engine: Engine, snapshot: bytes, detection: Detection) -> tuple[float, ...]:
    return engine.features(snapshot, detection.box, Regime.DAY)


def example(
    engine: Engine, frame: Path, detection: Detection, chain: tuple[str, ...], name: str | None
) -> Example:
    return Example(
        id=frame.stem,
        name=name,
        camera="driveway",
        box=detection.box,
        regime=Regime.DAY,
        found_as=chain,
        features=features_in(engine, frame.read_bytes(), detection),
    )


def test_three_examples_of_the_parked_van_tell_it_from_everything_else(
    engine: Engine, parents: dict[str, tuple[str, ...]]
) -> None:
    seen = [(frame, each) for frame in TAUGHT for each in found(engine, frame)]
    chains = [(each.name, *parents[each.name]) for _, each in seen]
    marked = [
        example(engine, frame, each, chain, "our van" if is_van(each) else None)
        for (frame, each), chain in zip(seen, chains, strict=True)
    ]
    taught = Taught(
        [each for each in marked if each.name],
        [each for each in marked if not each.name],
        feature_length=engine.info().feature_length,
    )
    assert [each.info.name for each in taught.classes] == ["our van"]
    assert "vehicle" in taught.classes[0].info.parents
    vans = others = 0
    for frame in HELD_BACK:
        snapshot = frame.read_bytes()
        detections = found(engine, frame)
        refined = taught.refine(
            "driveway",
            Regime.DAY,
            detections,
            root=lambda name: root(parents, name),
            features=partial(features_in, engine, snapshot),
        )
        for before, after in zip(detections, refined, strict=True):
            assert (after.name == "our van") == is_van(before)
            vans += is_van(before)
            others += not is_van(before)
    assert vans >= 0.9 * len(HELD_BACK)
    assert others > len(HELD_BACK)
