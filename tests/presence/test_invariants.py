"""What holds whatever a detector says."""

import json
from collections import Counter

from camclassify_core.results import Box, Detection, Regime
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from custom_components.camclassify.presence import TransitionKind
from tests.presence.scenario import EVERYWHERE, PARENTS, Camera, parked, seen
from tests.presence.test_zones import DRIVE

COORDINATES = st.integers(0, 20).map(lambda value: value / 20)


@st.composite
def detections(draw: st.DrawFn) -> Detection:
    x, y = draw(COORDINATES), draw(COORDINATES)
    width, height = draw(st.sampled_from([0.02, 0.1, 0.4])), draw(st.sampled_from([0.02, 0.2]))
    return Detection(
        name=draw(st.sampled_from(sorted(PARENTS))),
        score=draw(st.sampled_from([0.2, 0.35, 0.5, 0.9])),
        box=Box(x0=x, y0=y, x1=min(1.0, x + width), y1=min(1.0, y + height)),
    )


# Each frame is shown a few times, so that something is there now and then.
SCENES = st.lists(
    st.tuples(
        st.lists(detections(), max_size=4),
        st.integers(1, 6),
        st.sampled_from([0.1, 1.0, 5.0, 40.0]),
        st.sampled_from(Regime),
    ),
    max_size=12,
)


def _flash(name: str, score: float, x1: float, y0: float, y1: float) -> Detection:
    return Detection(name=name, score=score, box=Box(x0=0.0, y0=y0, x1=x1, y1=y1))


_ANIMAL = _flash("animal", 0.2, 0.02, 0.0, 0.02)
_TRUCK_THEN_WEAKER_CAR = [
    ([], 11, 0.1, Regime.DAY),
    ([_ANIMAL] * 3 + [_flash("delivery_truck", 0.9, 0.4, 0.0, 0.02)], 3, 1.0, Regime.DAY),
    ([_ANIMAL, _flash("car", 0.5, 0.4, 0.2, 0.4)], 2, 5.0, Regime.NIGHT),
]


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(SCENES, st.integers(0, 40))
@example(_TRUCK_THEN_WEAKER_CAR, 14)
def test_whatever_is_detected_the_report_is_consistent(
    scenes: list[tuple[list[Detection], int, float, Regime]], restart_at: int
) -> None:
    camera = Camera(zones=[EVERYWHERE, DRIVE])
    shown: Counter[str] = Counter()
    kept: frozenset[int] = frozenset()
    here: set[tuple[str, int, str]] = set()
    for found, times, step, regime in scenes:
        camera.step, camera.regime = step, regime
        for _ in range(times):
            if camera.frame == restart_at:
                camera.restart(after=step)
            update = camera.look(*found)
            shown.update({each for one in found for each in (one.name, *PARENTS[one.name])})
            for each in update.transitions:
                key = (each.zone, each.track, each.name)
                if each.kind is TransitionKind.ARRIVED:
                    assert key not in here, "arrived twice"
                    assert shown[each.name] >= 2, "arrived without being seen twice"
                    assert each.frame is None or each.frame in kept | {camera.frame}
                    here.add(key)
                else:
                    here.discard(key)
                assert 0 <= each.score <= 1
            tracks = {track.id: track for track in update.tracks}
            assert update.counts.keys() == {EVERYWHERE.id, DRIVE.id}
            for counts in update.counts.values():
                assert all(count > 0 for count in counts.values())
                for name, count in counts.items():
                    assert count <= len(tracks)
                    for parent in PARENTS[name]:
                        assert counts.get(parent, 0) >= count
            for track in tracks.values():
                assert 0 <= track.box.x0 <= track.box.x1 <= 1
            kept = update.keep
            assert len(kept) <= 7 * max(1, len(camera.presence.to_json()["tracks"]) + 4)
            json.dumps(camera.presence.to_json())


RUNS = st.lists(
    st.tuples(st.floats(0.5, 20), st.floats(0.5, 25), st.sampled_from(Regime)), max_size=15
)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(RUNS, st.sampled_from([0.5, 1.0, 2.0, 5.0]))
def test_however_a_parked_car_comes_and_goes_from_sight_it_arrives_once_and_stays(
    runs: list[tuple[float, float, Regime]], fps: float
) -> None:
    camera = Camera(fps=fps)
    camera.watch(6, parked("car"))
    for visible, invisible, regime in runs:
        camera.regime = regime
        camera.watch(invisible)
        camera.watch(visible, parked("car"))
    assert camera.arrived.count("vehicle") == 1
    assert camera.left == []


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.lists(st.tuples(st.floats(0.1, 0.9), st.floats(0.1, 0.9), st.integers(1, 30)), max_size=20),
    st.sampled_from([1.0, 5.0, 10.0]),
)
def test_single_frames_anywhere_turn_nothing_on(
    flashes: list[tuple[float, float, int]], fps: float
) -> None:
    camera = Camera(fps=fps)
    for x, y, pause in flashes:
        camera.look(seen("person", x, y, score=0.95))
        for _ in range(max(pause, 1 + round(1.5 / (0.3 * fps)))):
            camera.look()
    assert camera.arrived == []
