"""What homes may use, at a clock that the test moves."""

import pytest
from camclassify_core.errors import EngineUnavailable, TooLarge, TooMany
from camclassify_core.server.home_file import Home, Limits
from camclassify_core.server.usage import Usage


class Clock:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


def home(name: str = "a", **limits: int) -> Home:
    return Home(name=name, limits=Limits(**limits))


def ask(usage: Usage, home: Home, *cameras: str) -> None:
    with usage.request(home):
        for camera in cameras:
            usage.see(home, camera)


def test_a_home_may_ask_so_often_in_the_long_run_and_twice_that_at_once() -> None:
    clock = Clock()
    usage, asking = Usage(clock=clock), home(requests_per_second=5)
    for _ in range(10):
        ask(usage, asking)
    with pytest.raises(TooMany, match="5 times a second"):
        ask(usage, asking)
    ask(usage, home("b", requests_per_second=5))
    clock.now += 1.0
    for _ in range(5):
        ask(usage, asking)
    with pytest.raises(TooMany):
        ask(usage, asking)


def test_a_camera_that_asks_nothing_for_an_hour_is_none_any_more() -> None:
    clock = Clock()
    usage, asking = Usage(clock=clock), home(cameras=2)
    ask(usage, asking, "x", "y", "x")
    with pytest.raises(TooMany, match="2 cameras"):
        ask(usage, asking, "z")
    clock.now += 1800
    ask(usage, asking, "x")
    clock.now += 1801
    ask(usage, asking, "z")
    assert usage.cameras == 2
    with pytest.raises(TooMany):
        ask(usage, asking, "y")


def test_all_homes_together_have_as_many_cameras_as_an_engine_remembers() -> None:
    usage = Usage(most_cameras=3, clock=Clock())
    ask(usage, home("a"), "x", "y")
    ask(usage, home("b"), "x")
    with pytest.raises(TooMany, match="The server has 3 cameras"):
        ask(usage, home("b"), "y")


def test_memory_is_counted_until_the_answer() -> None:
    usage = Usage(most_bytes=40_000_000)
    with usage.request(home("a")) as held, usage.request(home("b")) as other:
        held.take(5_000_000)
        other.take(5_000_000)
        assert usage.bytes == 10_000_000
        with pytest.raises(TooLarge, match="8 MB"):
            held.take(3_000_001)
        with usage.request(home("a")) as second:
            second.take(5_000_000)
            with pytest.raises(TooMany, match="of this home wait"):
                second.take(1)
    assert usage.bytes == 0


def test_all_homes_together_have_so_much_memory() -> None:
    usage = Usage(most_bytes=10_000_000)
    with usage.request(home("a")) as held, usage.request(home("b")) as other:
        held.take(8_000_000)
        with pytest.raises(EngineUnavailable):
            other.take(3_000_000)
        other.take(2_000_000)


def test_limits_may_change_while_it_runs() -> None:
    usage = Usage(clock=Clock())
    ask(usage, home(cameras=1), "x")
    ask(usage, home(cameras=2), "y")
    with pytest.raises(TooMany):
        ask(usage, home(cameras=1), "z")
