from math import sin

import pytest
from camclassify_core.results import Box, Detection, Regime

from custom_components.camclassify.presence import Polygon, Zone
from tests.presence.scenario import Camera, parked, seen

RATES = [0.2, 0.5, 1.0, 2.0, 5.0, 10.0]
DRIVE = Zone(id="drive", name="Drive", polygon=Polygon.of([(0, 0.4), (0.5, 0.4), (0.5, 1), (0, 1)]))


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


@pytest.mark.parametrize("fps", RATES)
def test_a_parked_car_arrives_once_and_stays(fps: float) -> None:
    camera = Camera(fps=fps)
    camera.watch(60, parked())
    camera.watch(600, parked(), changed=False)
    assert camera.is_present("car")
    assert camera.is_present("vehicle")
    assert sorted(camera.arrived) == ["car", "vehicle"]
    assert camera.left == []


@pytest.mark.parametrize("downtime", [5.0, 3600.0, 3 * 86400.0])
def test_a_parked_car_does_not_arrive_again_after_a_restart(downtime: float) -> None:
    camera = Camera()
    camera.watch(20, parked())
    camera.transitions.clear()
    camera.restart(after=downtime)
    camera.watch(60, parked())
    assert camera.transitions == []
    assert camera.is_present("car")


def test_a_restart_within_seconds_does_not_report_a_walker_again() -> None:
    camera = Camera(fps=2)
    camera.walk("person", (0.1, 0.6), (0.4, 0.6), seconds=5)
    camera.restart(after=2)
    camera.walk("person", (0.5, 0.6), (0.8, 0.6), seconds=5)
    assert camera.arrived == ["person"]


def test_a_car_that_drove_off_during_a_restart_has_left() -> None:
    camera = Camera()
    camera.watch(20, parked())
    camera.restart(after=600)
    camera.watch(60)
    assert sorted(camera.left) == ["car", "vehicle"]


def test_two_restarts_in_a_row_lose_nothing() -> None:
    camera = Camera()
    camera.watch(20, parked())
    camera.restart(after=5)
    camera.restart(after=5)
    camera.watch(20, parked())
    assert sorted(camera.arrived) == ["car", "vehicle"]


def test_a_passer_by_who_hides_a_parked_van_does_not_make_it_leave() -> None:
    camera = Camera()
    camera.watch(20, parked("delivery_truck"))
    camera.watch(120, seen("person", 0.7, 0.55, width=0.12, height=0.25))
    assert camera.is_present("delivery_truck")
    assert "delivery_truck" not in camera.left


def test_a_neighbour_that_stays_does_not_hide_that_a_car_has_left() -> None:
    camera = Camera()
    camera.watch(30, parked(x=0.5), parked(x=0.6))
    camera.restart(after=5)
    camera.watch(120, parked(x=0.6))
    assert camera.update.counts["everywhere"]["car"] == 1


def test_what_vanished_is_not_remembered_without_limit() -> None:
    camera = Camera(fps=0.5)
    for place in range(60):
        corner = Box(
            x0=0.1 * (place % 10),
            y0=0.15 * (place // 10),
            x1=0.1 * (place % 10) + 0.05,
            y1=0.15 * (place // 10) + 0.05,
        )
        camera.watch(14, Detection(name="car", score=0.8, box=corner))
        camera.watch(60)
    assert len(camera.presence.to_json()["tracks"]) <= 30


def test_a_parked_car_that_is_not_seen_for_a_while_is_still_there() -> None:
    camera = Camera()
    camera.watch(30, parked())
    camera.watch(25)
    assert camera.is_present("car")
    camera.watch(10)
    assert not camera.is_present("car")


def test_a_car_that_fades_out_and_in_has_not_arrived_again() -> None:
    camera = Camera()
    camera.watch(30, parked())
    camera.watch(600)
    assert not camera.is_present("car")
    camera.watch(30, parked())
    assert camera.is_present("car")
    assert sorted(camera.arrived) == ["car", "vehicle"]


def test_a_car_that_drives_off_and_one_that_comes_later_are_two() -> None:
    camera = Camera()
    camera.watch(20, parked())
    for step in range(10):
        camera.look(parked(x=0.7 + 0.03 * step))
    camera.watch(20)
    assert sorted(camera.left) == ["car", "vehicle"]
    for step in range(10):
        camera.look(parked(x=1.0 - 0.03 * step))
    camera.watch(20, parked())
    arrivals = [each for each in camera.transitions if each.name == "car"]
    assert [each.kind for each in arrivals] == ["arrived", "left", "arrived"]
    assert arrivals[0].track != arrivals[2].track


def test_a_parked_car_that_is_not_seen_in_the_dark_is_still_there() -> None:
    camera = Camera(fps=0.5)
    camera.watch(60, parked())
    camera.regime = Regime.NIGHT
    camera.watch(3600)
    assert camera.is_present("car")
    camera.regime = Regime.DAY
    camera.watch(60, parked())
    assert sorted(camera.arrived) == ["car", "vehicle"]
    assert camera.left == []


def test_a_parked_car_that_is_rarely_seen_in_the_dark_does_not_flap() -> None:
    camera = Camera(fps=0.5)
    camera.watch(60, parked())
    camera.regime = Regime.NIGHT
    for _ in range(20):
        camera.look(parked())
        camera.watch(60)
    assert camera.left == []


@pytest.mark.parametrize("fps", [1.0, 5.0, 10.0])
def test_a_faint_car_that_is_unseen_before_it_has_rested_for_long_arrives_once(fps: float) -> None:
    camera = Camera(fps=fps)
    camera.regime = Regime.NIGHT
    camera.watch(4, parked())
    for _ in range(10):
        camera.watch(20)
        camera.watch(2, parked())
    assert camera.arrived.count("vehicle") == 1
    assert camera.left == []


@pytest.mark.parametrize("fps", [0.5, 2.0, 10.0])
def test_a_vehicle_that_drives_by_is_not_taken_to_have_parked(fps: float) -> None:
    camera = Camera(fps=fps)
    for step in range(round(8 * fps) + 1):
        camera.look(parked(x=0.1 + 0.1 * step / fps))
    camera.watch(12)
    assert not camera.is_present("vehicle")


def test_the_misses_of_a_dark_night_are_no_evidence_in_the_morning() -> None:
    camera = Camera(fps=1)
    camera.watch(60, parked())
    camera.regime = Regime.NIGHT
    camera.watch(3600)
    camera.regime = Regime.DAY
    camera.watch(2)
    assert camera.is_present("car")
    camera.watch(60)
    assert camera.left == ["car", "vehicle"]


def test_time_behind_something_teaches_no_patience() -> None:
    camera = Camera()
    camera.watch(20, parked("delivery_truck"))
    camera.watch(240, seen("person", 0.7, 0.55, width=0.12, height=0.25))
    camera.watch(20, parked("delivery_truck"))
    camera.watch(35)
    assert not camera.is_present("delivery_truck")


def test_a_switch_to_infra_red_that_blinds_the_camera_changes_nothing() -> None:
    camera = Camera()
    camera.watch(20, parked(), seen("person", 0.2, 0.8))
    for regime in (Regime.NIGHT, Regime.DAY, Regime.NIGHT):
        camera.regime = regime
        camera.watch(3)
        camera.watch(20, parked(), seen("person", 0.2, 0.8))
    assert sorted(camera.arrived) == ["car", "person", "vehicle"]
    assert camera.left == []


def test_an_exposure_jump_that_hides_everything_for_seconds_changes_nothing() -> None:
    camera = Camera()
    for _ in range(10):
        camera.watch(6, parked(), seen("person", 0.2, 0.8))
        camera.watch(2)
    assert sorted(camera.arrived) == ["car", "person", "vehicle"]
    assert camera.left == []


@pytest.mark.parametrize("fps", [1.0, 5.0, 10.0])
def test_a_camera_that_swings_makes_nothing_arrive_or_leave(fps: float) -> None:
    camera = Camera(fps=fps, zones=[DRIVE])
    signpost = (0.3, 0.42)

    def scene(dx: float, dy: float) -> None:
        camera.look(
            seen("person", signpost[0] + dx, signpost[1] + dy, width=0.02, height=0.06, score=0.5),
            seen("car", 0.2 + dx, 0.43 + dy, width=0.08, height=0.06),
            seen("car", 0.3 + dx, 0.43 + dy, width=0.08, height=0.06),
        )

    for _ in range(round(20 * fps)):
        scene(0, 0)
    for step in range(round(60 * fps)):
        scene(0.025 * sin(1.3 * step), 0.025 * sin(0.7 * step))
    assert sorted(camera.arrived) == ["car", "car", "vehicle", "vehicle"]
    assert camera.left == []


def test_a_signpost_that_looks_like_a_person_never_turns_person_on() -> None:
    camera = Camera()
    for step in range(3000):
        camera.look(seen("person", 0.5, 0.5, score=0.5 + 0.06 * sin(step)))
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


def test_what_stands_in_a_mask_is_never_there() -> None:
    camera = Camera(masks=[Polygon.of([(0.4, 0.2), (0.6, 0.2), (0.6, 0.8), (0.4, 0.8)])])
    camera.watch(60, seen("person", 0.5, 0.7))
    assert camera.transitions == []


def test_missed_frames_do_not_split_a_visit() -> None:
    camera = Camera()
    for step in range(60):
        if step % 3 == 1 and step > 6:
            camera.look()
        else:
            camera.look(seen("person", 0.1 + 0.01 * step, 0.6))
    assert camera.arrived == ["person"]
    assert camera.left == []


def test_two_people_who_cross_stay_two() -> None:
    camera = Camera()
    for step in range(41):
        right, left = 0.1 + 0.02 * step, 0.9 - 0.02 * step
        people = [seen("person", right, 0.6), seen("person", left, 0.62)]
        camera.look(*(people[:1] if abs(right - left) < 0.05 else people))
    assert camera.arrived == ["person", "person"]
    assert camera.left == []
    assert camera.update.counts["everywhere"]["person"] == 2
    by_track = {each.id: each.box.x0 for each in camera.update.tracks}
    first, second = (each.track for each in camera.transitions)
    assert by_track[first] > by_track[second]


def test_a_fine_class_needs_agreement_and_the_parent_does_not_wait() -> None:
    camera = Camera()
    for step in range(40):
        camera.look(parked("car" if step % 2 else "delivery_truck"))
    assert camera.arrived == ["vehicle"]
    (track,) = camera.update.tracks
    assert (track.name, track.sure) == ("vehicle", False)


def test_a_track_whose_fine_class_changes_has_not_left_and_arrived() -> None:
    camera = Camera()
    camera.watch(10, parked("car"))
    camera.watch(60, parked("delivery_truck"))
    assert camera.is_present("delivery_truck")
    assert camera.is_present("vehicle")
    assert not camera.is_present("car")
    assert camera.arrived == ["vehicle", "car", "delivery_truck"]
    assert camera.left == []
    camera.watch(60, parked("car"))
    assert camera.arrived == ["vehicle", "car", "delivery_truck"]
    assert camera.is_present("car")


def test_a_known_object_stays_on_weaker_evidence_than_it_arrived_on() -> None:
    camera = Camera()
    camera.watch(10, parked(score=0.6))
    camera.watch(120, parked(score=0.35))
    assert camera.is_present("vehicle")
    stranger = Camera()
    stranger.watch(120, parked(score=0.44))
    assert stranger.transitions == []


def test_thresholds_of_a_zone_and_of_a_regime_count() -> None:
    strict = Zone(id="strict", name="Strict", thresholds={"vehicle": {Regime.DAY: 0.7}})
    camera = Camera(zones=[strict, Zone(id="plain", name="Plain")])
    camera.watch(10, parked(score=0.6))
    assert not camera.is_present("vehicle", "strict")
    assert camera.is_present("vehicle", "plain")
    night = Camera()
    night.regime = Regime.NIGHT
    night.watch(10, parked(score=0.5))
    assert night.transitions == []


def test_a_zone_is_entered_and_left_by_the_foot_point_with_inertia() -> None:
    camera = Camera(zones=[DRIVE])
    camera.walk("person", (0.9, 0.7), (0.55, 0.7), seconds=4)
    assert camera.arrived == []
    for step in range(40):
        camera.look(seen("person", 0.5 + 0.01 * (-1) ** step, 0.7))
    assert camera.arrived == []
    camera.walk("person", (0.45, 0.7), (0.3, 0.7), seconds=4)
    assert camera.arrived == ["person"]
    camera.walk("person", (0.35, 0.7), (0.8, 0.7), seconds=6)
    assert camera.left == ["person"]


def test_a_zone_reports_only_its_own_classes() -> None:
    camera = Camera(zones=[Zone(id="zone", name="Zone", classes=frozenset({"vehicle"}))])
    camera.watch(20, parked("car"), seen("person", 0.2, 0.9))
    assert camera.arrived == ["vehicle"]
    assert camera.update.counts == {"zone": {"vehicle": 1}}


def test_saving_zones_moves_nobody() -> None:
    camera = Camera(zones=[DRIVE])
    camera.watch(20, parked(x=0.3))
    camera.transitions.clear()
    renamed = Zone(id="drive", name="Driveway", polygon=DRIVE.polygon)
    new = Zone(id="new", name="New")
    camera.presence.configure([renamed, new])
    camera.watch(20, parked(x=0.3))
    assert camera.transitions == []
    assert camera.is_present("car", "drive")
    assert camera.is_present("car", "new")
    camera.presence.configure([new])
    camera.watch(20, parked(x=0.3))
    assert camera.transitions == []
    assert set(camera.update.counts) == {"new"}


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
    camera = Camera(zones=[Zone(id="z", name="Z", thresholds={"dog": {Regime.DAY: 0.3}})])
    assert camera.presence.min_score(Regime.DAY) == pytest.approx(0.15)
    assert camera.presence.min_score(Regime.NIGHT) == pytest.approx(0.4)
