"""Who comes and goes: announced once, and never because of a flash."""

import pytest
from camclassify_core.results import Regime

from custom_components.camclassify.presence import Zone
from tests.presence.scenario import EVERY_CLASS, Camera, parked, seen

RATES = [0.2, 0.5, 1.0, 2.0, 5.0, 10.0]


@pytest.mark.parametrize("fps", [1.0, 2.0, 5.0, 10.0])
def test_a_passer_by_arrives_once_and_leaves_once(fps: float) -> None:
    camera = Camera(fps=fps)
    camera.walk("person", (0.1, 0.6), (0.9, 0.6), seconds=8)
    assert camera.is_present("person")
    camera.watch(15)
    assert not camera.is_present("person")
    assert (camera.arrived, camera.left) == (["person"], ["person"])


@pytest.mark.parametrize("fps", RATES)
def test_what_flashes_for_one_frame_turns_nothing_on(fps: float) -> None:
    camera = Camera(fps=fps)
    for _ in range(20):
        camera.look(seen("person", 0.5, 0.5, score=0.95))
        camera.watch(3 / fps)
    assert camera.transitions == []


def test_a_flash_that_lasts_a_third_of_a_second_turns_nothing_on() -> None:
    camera = Camera(fps=10)
    camera.watch(0.3, seen("person", 0.5, 0.5, score=0.95))
    camera.watch(5)
    assert camera.transitions == []


def test_a_person_who_scores_no_better_but_walks_is_one() -> None:
    camera = Camera()
    for step in range(30):
        camera.look(seen("person", 0.2 + 0.02 * step, 0.5, score=0.52))
    assert camera.arrived == ["person"]


def test_a_still_photograph_of_a_person_turns_on() -> None:
    camera = Camera(fps=1)
    camera.look(seen("person", 0.5, 0.9, width=0.4, height=0.8))
    camera.watch(5, seen("person", 0.5, 0.9, width=0.4, height=0.8), changed=False)
    assert camera.arrived == ["person"]


def test_a_known_object_stays_on_weaker_evidence_than_it_arrived_on() -> None:
    camera = Camera()
    camera.watch(10, parked(score=0.6))
    camera.watch(120, parked(score=0.35))
    assert camera.is_present("vehicle")
    stranger = Camera()
    stranger.watch(120, parked(score=0.44))
    assert stranger.transitions == []


def test_an_arrival_names_a_frame_that_shows_it_and_was_to_be_kept() -> None:
    camera = Camera()
    kept: frozenset[int] = frozenset()
    scores = [0.5, 0.6, 0.9, 0.7, 0.6]
    walk = [seen("person", 0.2 + 0.05 * step, 0.6, score=s) for step, s in enumerate(scores)]
    for detection in walk:
        update = camera.look(detection)
        for each in update.transitions:
            assert each.frame in kept | {camera.frame}
            assert (each.frame, each.box) == (3, walk[2].box)
        kept = update.keep
    assert camera.arrived == ["person"]


def test_looking_away_lets_the_walker_leave_and_the_parked_car_stay() -> None:
    camera = Camera()
    camera.watch(20, parked())
    camera.walk("person", (0.1, 0.8), (0.5, 0.8), 4, parked())
    update = camera.presence.look_away(monotonic=camera.now + 1)
    assert [(each.kind, each.name) for each in update.transitions] == [("left", "person")]
    assert update.present("everywhere", "car")


def test_the_engine_is_asked_for_what_hysteresis_needs() -> None:
    camera = Camera(
        zones=[Zone(id="z", name="Z", classes=EVERY_CLASS, thresholds={"dog": {Regime.DAY: 0.3}})]
    )
    assert camera.presence.min_score(Regime.DAY) == pytest.approx(0.15)
    assert camera.presence.min_score(Regime.NIGHT) == pytest.approx(0.4)
