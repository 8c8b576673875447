"""A camera that turns: what is out of view is neither here nor gone."""

from camclassify_core.results import LIKENESS_BYTES, Regime, View

from custom_components.camclassify.presence import WHOLE_FRAME, Zone
from custom_components.camclassify.presence.camera_views import Views
from tests.presence.scenario import EVERY_CLASS, Camera, parked, seen

STREET, LAWN, GATE = 0, 1, 2


def test_a_parked_car_is_not_present_while_the_camera_looks_elsewhere() -> None:
    camera = Camera()
    camera.watch(20, parked())
    camera.transitions.clear()
    camera.turn(LAWN)
    camera.watch(1.0)
    assert not camera.is_present("car")
    camera.watch(300.0)
    assert camera.transitions == []


def test_residents_arrive_once_however_often_the_camera_comes_back() -> None:
    camera = Camera()
    residents = {
        STREET: parked("delivery_truck"),
        LAWN: seen("dog", 0.4, 0.8, score=0.95),
        GATE: parked(x=0.3),
    }
    names = {STREET: "delivery_truck", LAWN: "dog", GATE: "car"}
    for _ in range(10):
        for view, resident in residents.items():
            camera.turn(view)
            camera.watch(20, resident)
            present = {name for name in names.values() if camera.is_present(name)}
            assert present == {names[view]}
    assert sorted(camera.arrived) == sorted(
        ["delivery_truck", "vehicle", "dog", "animal", "car", "vehicle"]
    )
    assert camera.left == []


def test_what_comes_back_into_view_is_present_as_soon_as_it_is_seen() -> None:
    camera = Camera()
    camera.watch(20, parked())
    camera.turn(LAWN)
    camera.watch(20)
    camera.turn(STREET)
    camera.look()
    assert not camera.is_present("car")
    camera.look(parked())
    assert camera.is_present("car")


def test_who_is_gone_when_the_camera_comes_back_has_left() -> None:
    camera = Camera()
    camera.walk("person", (0.2, 0.6), (0.6, 0.6), 4)
    camera.transitions.clear()
    camera.turn(LAWN)
    camera.watch(20)
    assert camera.transitions == []
    camera.turn(STREET)
    camera.watch(2)
    assert camera.left == []
    camera.watch(6)
    assert camera.left == ["person"]
    assert not camera.is_present("person")


def test_a_car_that_drove_off_out_of_view_has_left_once_that_is_sure() -> None:
    camera = Camera()
    camera.watch(30, parked())
    camera.turn(LAWN)
    camera.watch(60)
    camera.turn(STREET)
    camera.watch(1)
    assert camera.left == []
    camera.watch(60)
    assert sorted(camera.left) == ["car", "vehicle"]


def test_a_glimpse_before_the_camera_turned_away_confirms_nobody_when_it_is_back() -> None:
    camera = Camera(fps=2)
    camera.watch(5)
    camera.look(seen("person", 0.5, 0.6))
    camera.turn(LAWN)
    camera.watch(5)
    camera.turn(STREET)
    camera.look(seen("person", 0.5, 0.6))
    assert camera.arrived == []


def test_one_picture_of_something_else_is_no_turn() -> None:
    camera = Camera()
    camera.watch(20, parked())
    camera.shows = LAWN
    camera.look()
    assert camera.is_present("car")
    camera.shows = STREET
    camera.look(parked())
    assert camera.is_present("car")
    assert sorted(camera.arrived) == ["car", "vehicle"]


def test_who_is_met_while_the_camera_moves_arrives_and_leaves() -> None:
    camera = Camera()
    camera.watch(5)
    for step in range(20):
        camera.shows = 100 + step
        camera.look(seen("person", 0.5 + 0.01 * (step % 5), 0.6, score=0.9))
    assert camera.arrived == ["person"]
    camera.shows = LAWN
    camera.watch(10)
    assert camera.left == ["person"]


def test_views_and_what_is_in_them_outlive_a_restart() -> None:
    camera = Camera()
    camera.watch(20, parked())
    camera.turn(LAWN)
    camera.watch(20, seen("dog", 0.4, 0.8, score=0.95))
    camera.transitions.clear()
    camera.restart(after=600)
    camera.watch(20, seen("dog", 0.4, 0.8, score=0.95))
    assert camera.is_present("dog")
    assert not camera.is_present("car")
    camera.turn(STREET)
    camera.watch(20, parked())
    assert camera.is_present("car")
    assert not camera.is_present("dog")
    assert camera.transitions == []


def test_a_camera_that_was_turned_during_a_restart_finds_its_view() -> None:
    camera = Camera()
    camera.watch(20, parked())
    camera.turn(LAWN)
    camera.watch(20)
    camera.turn(STREET)
    camera.watch(20, parked())
    camera.transitions.clear()
    camera.shows = LAWN
    camera.restart(after=600)
    camera.watch(2)
    assert not camera.is_present("car")
    camera.watch(120)
    assert camera.transitions == []


def test_a_zone_drawn_while_something_is_out_of_view_announces_nothing() -> None:
    camera = Camera()
    camera.watch(20, parked())
    camera.turn(LAWN)
    camera.watch(5)
    camera.transitions.clear()
    zone = Zone(id="all", name="All", classes=EVERY_CLASS, polygon=WHOLE_FRAME)
    camera.presence.configure((zone,))
    camera.turn(STREET)
    camera.watch(20, parked())
    assert camera.transitions == []
    assert camera.update.present("all", "car")


def test_no_more_views_are_known_than_a_request_may_name_and_what_was_in_others_has_left() -> None:
    camera = Camera()
    camera.watch(20, parked())
    for view in range(1, 40):
        camera.turn(view)
        camera.watch(2)
    assert len(camera.presence.views.known) == 16
    assert sorted(camera.left) == ["car", "vehicle"]


def test_the_very_same_picture_again_shows_the_same_view() -> None:
    street, lawn = (bytes([each]) * LIKENESS_BYTES for each in (1, 2))
    views = Views()
    views.follow(View(known=None, moved=False, likeness=street), Regime.DAY)
    views.follow(None, Regime.DAY)
    assert (views.current, views.in_doubt) == (0, False)
    views.follow(View(known=None, moved=True, likeness=lawn), Regime.DAY)
    assert (views.current, views.in_doubt) == (0, True)
    views.follow(None, Regime.DAY)
    assert (views.current, views.in_doubt) == (1, False)


def test_a_picture_in_which_nothing_shows_makes_no_view() -> None:
    views = Views()
    views.follow(View(known=None, moved=False, likeness=None), Regime.DAY)
    assert views.known == {}
    views.follow(View(known=None, moved=False, likeness=bytes(LIKENESS_BYTES)), Regime.DAY)
    assert list(views.known) == [0]
