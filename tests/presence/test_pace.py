import pytest
from hypothesis import given
from hypothesis import strategies as st

from custom_components.camclassify.presence import Pace, Pacer, intervals
from custom_components.camclassify.presence.pace import share_fairly

PACE = Pace(idle=5, alert=0.2, alert_for=10)
AMOUNTS = st.floats(0.001, 100)


def pacer(pace: Pace = PACE, cost: float = 0.05) -> Pacer:
    """Return a camera that has been looked at once, long ago."""
    camera = Pacer(pace)
    camera.looked(0, changed=False, cost=cost)
    return camera


def test_a_static_scene_is_looked_at_slowly() -> None:
    assert pacer().interval(100) == 5


def test_a_change_speeds_up_for_a_while() -> None:
    camera = pacer()
    camera.looked(100, changed=True, cost=0.05)
    assert camera.interval(101) == 0.2
    assert camera.interval(109.9) == 0.2
    assert camera.interval(110) == 5


def test_a_sensor_speeds_up_while_it_is_on_and_a_while_longer() -> None:
    camera = pacer()
    camera.wake(100)
    assert camera.interval(500) == 0.2
    camera.rest(500)
    assert camera.interval(509) == 0.2
    assert camera.interval(511) == 5


def test_a_battery_camera_is_looked_at_only_when_a_sensor_says_so() -> None:
    camera = pacer(Pace(only_when_woken=True))
    assert camera.interval(100) is None
    camera.wake(100)
    assert camera.interval(101) == 0.2
    camera.rest(102)
    camera.looked(111, changed=True, cost=0.05)
    assert camera.interval(115) == 0.2
    assert camera.interval(122) is None


def test_a_sensor_that_is_off_all_the_time_wakes_nobody() -> None:
    camera = pacer()
    camera.rest(100)
    assert camera.interval(100) == 5


def test_the_cost_of_a_look_is_a_running_mean() -> None:
    camera = pacer(cost=0.1)
    for now in range(100):
        camera.looked(now, changed=False, cost=0.02)
    assert camera.cost == pytest.approx(0.02, rel=0.01)


def test_within_the_budget_everyone_gets_the_wanted_interval() -> None:
    cameras = {"drive": pacer(), "porch": pacer(Pace(idle=1))}
    assert intervals(cameras, 100, budget=0.5) == {"drive": 5, "porch": 1}


def test_over_the_budget_the_busy_ones_slow_down_and_the_calm_ones_do_not() -> None:
    cameras = {name: pacer() for name in ("drive", "porch", "garden", "gate")}
    cameras["battery"] = pacer(Pace(only_when_woken=True))
    cameras["drive"].wake(100)
    cameras["porch"].wake(100)
    result = intervals(cameras, 100, budget=0.22)
    assert result["battery"] is None
    assert result["garden"] == result["gate"] == 5
    assert result["drive"] == result["porch"] == pytest.approx(0.5)


@given(st.dictionaries(st.text(max_size=3), AMOUNTS, max_size=20), AMOUNTS)
def test_the_budget_is_never_exceeded_nor_wasted(demands: dict[str, float], budget: float) -> None:
    granted = share_fairly(demands, budget)
    assert granted.keys() == demands.keys()
    assert all(0 <= granted[key] <= demands[key] for key in demands)
    assert sum(granted.values()) == pytest.approx(min(budget, sum(demands.values())))


@given(st.dictionaries(st.text(max_size=3), AMOUNTS, min_size=1, max_size=20), AMOUNTS)
def test_nobody_gets_less_than_another_unless_it_asked_for_less(
    demands: dict[str, float], budget: float
) -> None:
    granted = share_fairly(demands, budget)
    most = max(granted.values())
    for key, demand in demands.items():
        assert granted[key] >= min(demand, most) - 1e-9


def test_what_the_budget_does_not_allow_is_first_saved_in_each_look() -> None:
    camera = pacer()
    for _ in range(3):
        camera.wait(0.2, 0.5)
    assert 0.5 < camera.effort < 0.7
    for _ in range(100):
        camera.wait(0.2, 5.0)
    assert camera.effort == 0.25


@pytest.mark.parametrize(("wanted", "granted"), [(5.0, 5.0), (None, None)])
def test_effort_comes_back_as_soon_as_there_is_enough(
    wanted: float | None, granted: float | None
) -> None:
    camera = pacer()
    camera.wait(0.2, 5.0)
    for _ in range(10):
        camera.wait(wanted, granted)
    assert camera.effort == 1.0
