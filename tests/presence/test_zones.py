"""Zones, masks and thresholds."""

from camclassify_core.results import Regime

from custom_components.camclassify.presence import Mask, Polygon, Zone
from tests.presence.scenario import EVERY_CLASS, Camera, parked, seen

DRIVE = Zone(
    id="drive",
    name="Drive",
    classes=EVERY_CLASS,
    polygon=Polygon.of([(0, 0.4), (0.5, 0.4), (0.5, 1), (0, 1)]),
)


def test_what_stands_in_a_mask_is_never_there() -> None:
    middle = Polygon.of([(0.4, 0.2), (0.6, 0.2), (0.6, 0.8), (0.4, 0.8)])
    camera = Camera(masks=[Mask(polygon=middle)])
    camera.watch(60, seen("person", 0.5, 0.7))
    assert camera.transitions == []


def test_thresholds_of_a_zone_and_of_a_regime_count() -> None:
    strict = Zone(
        id="strict", name="Strict", classes=EVERY_CLASS, thresholds={"vehicle": {Regime.DAY: 0.7}}
    )
    camera = Camera(zones=[strict, Zone(id="plain", name="Plain", classes=EVERY_CLASS)])
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
    renamed = Zone(id="drive", name="Driveway", classes=EVERY_CLASS, polygon=DRIVE.polygon)
    new = Zone(id="new", name="New", classes=EVERY_CLASS)
    camera.presence.configure([renamed, new])
    camera.watch(20, parked(x=0.3))
    assert camera.transitions == []
    assert camera.is_present("car", "drive")
    assert camera.is_present("car", "new")
    camera.presence.configure([new])
    camera.watch(20, parked(x=0.3))
    assert camera.transitions == []
    assert set(camera.update.counts) == {"new"}
