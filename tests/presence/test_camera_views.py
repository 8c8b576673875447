"""A camera that turns: what is out of view is neither here nor gone."""

from camclassify_core.results import LIKENESS_BYTES, MOST_VIEWS, Regime, View

from custom_components.camclassify.presence import WHOLE_FRAME, Mask, Zone
from custom_components.camclassify.presence.camera_views import Views
from tests.presence.scenario import EVERY_CLASS, EVERYWHERE, Camera, parked, seen

STREET, LAWN, GATE = 0, 1, 2
RESIDENTS = {
    STREET: parked("delivery_truck"),
    LAWN: seen("dog", 0.4, 0.8, score=0.95),
    GATE: parked(x=0.3),
}
NAMES = {STREET: "delivery_truck", LAWN: "dog", GATE: "car"}


def likeness(view: int) -> bytes:
    return bytes([view]) * LIKENESS_BYTES


def drawn_in(view: int) -> Zone:
    """Return a zone of the view's number, as large as the picture."""
    return Zone(id=str(view), name=str(view), classes=EVERY_CLASS, view=likeness(view))


def camera_that_turns(*views: int) -> Camera:
    """Return a camera that has shown views and came back to the first, with a zone in each."""
    camera = Camera(zones=(EVERYWHERE, *map(drawn_in, views)))
    for view in (*views, views[0]):
        camera.turn(view)
        camera.watch(2)
    return camera


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
    for _ in range(10):
        for view, resident in RESIDENTS.items():
            camera.turn(view)
            camera.watch(20, resident)
            present = {name for name in NAMES.values() if camera.is_present(name)}
            assert present == {NAMES[view]}
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


def test_zones_belong_to_their_views_on_ten_rounds_through_three_presets() -> None:
    camera = camera_that_turns(STREET, LAWN, GATE)
    for each in range(10):
        for view, resident in RESIDENTS.items():
            camera.turn(view)
            camera.watch(2, resident)
            occupied = {
                (zone, name)
                for zone in RESIDENTS
                for name in NAMES.values()
                if camera.is_present(name, str(zone))
            }
            if each:
                assert occupied == {(view, NAMES[view])}, "within two seconds"
            camera.watch(18, resident)
    reported = sorted((each.kind, each.zone, each.name) for each in camera.transitions)
    expected = {
        STREET: ["delivery_truck", "vehicle"],
        LAWN: ["animal", "dog"],
        GATE: ["car", "vehicle"],
    }
    assert reported == sorted(
        ("arrived", zone, name)
        for view, names in expected.items()
        for zone in ("everywhere", str(view))
        for name in names
    )


def test_a_zone_of_another_view_is_off_two_looks_after_the_move_and_nobody_has_left_it() -> None:
    camera = camera_that_turns(STREET, LAWN)
    camera.watch(20, parked())
    assert camera.is_present("car", "0")
    camera.transitions.clear()
    camera.shows = LAWN
    camera.look(parked())
    camera.look(parked())
    assert not camera.is_present("car", "0")
    camera.watch(60, parked())
    assert not camera.is_present("car", "0")
    assert {each.zone for each in camera.transitions} == {"everywhere", "1"}
    assert camera.left == []


def test_who_left_a_zone_while_the_camera_looked_elsewhere_has_left_it_when_it_is_back() -> None:
    camera = camera_that_turns(STREET, LAWN)
    camera.watch(20, parked())
    camera.turn(LAWN)
    camera.watch(20)
    camera.turn(STREET)
    camera.transitions.clear()
    camera.watch(60)
    assert sorted((each.zone, each.name) for each in camera.transitions) == sorted(
        (zone, name) for zone in ("everywhere", "0") for name in ("car", "vehicle")
    )
    assert camera.arrived == []


def test_a_zone_holds_in_no_view_that_a_turning_camera_shows_for_the_first_time() -> None:
    camera = camera_that_turns(STREET, LAWN)
    camera.turn(GATE)
    camera.watch(20, parked())
    assert camera.is_present("car")
    assert not camera.is_present("car", "0")


def test_a_zone_that_is_saved_while_the_camera_looks_elsewhere_stays_empty() -> None:
    camera = camera_that_turns(STREET, LAWN)
    camera.watch(20, parked())
    camera.presence.configure((EVERYWHERE, drawn_in(LAWN)))
    camera.watch(2, parked())
    assert camera.is_present("car")
    assert not camera.is_present("car", "1")


def test_a_mask_hides_in_its_view_only() -> None:
    camera = camera_that_turns(STREET, LAWN)
    camera.presence.configure((EVERYWHERE,), [Mask(polygon=WHOLE_FRAME, view=likeness(LAWN))])
    camera.watch(20, parked())
    assert camera.is_present("car")
    camera.turn(LAWN)
    camera.watch(20, parked())
    assert not camera.is_present("car")


def test_the_zones_of_a_camera_that_was_hung_up_elsewhere_go_on() -> None:
    camera = Camera(zones=(EVERYWHERE, drawn_in(STREET)))
    camera.watch(20)
    camera.turn(LAWN)
    camera.watch(600, parked())
    assert camera.is_present("car", "0")


def test_the_zones_of_a_camera_go_on_where_another_light_makes_another_picture() -> None:
    camera = Camera(zones=(EVERYWHERE, drawn_in(STREET)))
    for _ in range(5):
        for view, regime in ((STREET, Regime.DAY), (LAWN, Regime.NIGHT)):
            camera.regime = regime
            camera.turn(view)
            camera.watch(20, parked(score=0.95))
            assert camera.is_present("car", "0")


def test_the_zones_of_a_camera_go_on_where_a_lamp_that_is_switched_makes_another_picture() -> None:
    camera = Camera(zones=(EVERYWHERE, drawn_in(STREET)))
    for _ in range(5):
        camera.turn(LAWN)  # it blinds for a moment when it goes on
        camera.watch(20, parked())
        assert camera.is_present("car", "0")
        camera.shows = STREET
        camera.watch(20, parked())
        assert camera.is_present("car", "0")


def test_what_passes_close_to_the_lens_makes_no_camera_turn() -> None:
    camera = Camera(zones=(EVERYWHERE, drawn_in(STREET)))
    camera.watch(5)
    for _ in range(5):
        camera.turn(STREET)
        camera.watch(5)
    assert not camera.presence.views.turns


def test_an_arrival_before_the_camera_was_known_to_turn_is_followed_by_no_departure() -> None:
    camera = Camera(zones=(drawn_in(STREET),))
    camera.watch(5)
    camera.turn(LAWN)
    camera.walk("person", (0.2, 0.6), (0.6, 0.6), 4)
    assert camera.arrived == ["person"]
    for view in (STREET, LAWN):
        camera.turn(view)
        camera.watch(60)
    assert camera.left == []


def test_it_outlives_a_restart_that_a_camera_turns() -> None:
    camera = camera_that_turns(STREET, LAWN)
    camera.turn(LAWN)
    camera.watch(20, parked())
    camera.restart(after=600)
    camera.watch(20, parked())
    assert camera.is_present("car")
    assert not camera.is_present("car", "0")
    assert camera.is_present("car", "1")


def test_a_view_in_which_something_was_drawn_is_never_forgotten() -> None:
    camera = camera_that_turns(STREET, LAWN)
    views = camera.presence.views
    street = views.shown
    for view in range(10, 60):
        camera.turn(view)
        camera.watch(2)
    assert len(views.known) == MOST_VIEWS
    assert views.number_of(likeness(STREET)) == street
    camera.turn(STREET)
    camera.watch(20, parked())
    assert camera.is_present("car", "0")
    assert not camera.is_present("car", "1")


def test_a_view_in_which_something_was_drawn_is_known_though_all_else_was_lost() -> None:
    views = Views(turns=True)
    views.keep([likeness(LAWN), likeness(STREET)])
    numbers = {each: number for number, each in views.known.items()}
    shown = list(views.known.values()).index(likeness(STREET))
    views.follow(View(known=shown, moved=False, likeness=likeness(STREET)), Regime.DAY)
    assert views.shown == numbers[likeness(STREET)]
    assert views.holds(likeness(STREET), views.shown)
    assert not views.holds(likeness(LAWN), views.shown)


def test_something_may_be_drawn_in_all_views_but_one_so_that_a_new_one_has_room() -> None:
    views = Views(turns=True)
    views.keep(likeness(each) for each in range(30))
    views.follow(View(known=None, moved=False, likeness=likeness(99)), Regime.DAY)
    assert len(views.known) == MOST_VIEWS
    assert views.known[views.shown or 0] == likeness(99)


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
