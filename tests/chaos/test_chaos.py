"""Whatever happens, in whatever order: cameras are looked at, and nothing is told that is not so.

Half a minute as part of `script/test`; for longer:

    .venv-tests/bin/pytest -p no:homeassistant -s tests/chaos --chaos-minutes 60 [--chaos-seed N]

Each round prints its seed. A failure tells all steps that led to it; with the same seed they are taken again,
though a real worker's timing is never quite the same.
"""

import asyncio
import builtins
import random
import shutil
import sys
import tempfile
import time
import traceback
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import Any, ClassVar

import pytest
from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from benchmarks.simulated_time import SimulatedClock, SimulatedLoop

from .chaotic_home import Step, chaotic_home
from .conftest import CLOCK

STEPS = 200
MOST_CAMERAS = 4
YEAR = 365 * 86400.0

EXCEPTIONS = [
    "ArithmeticError", "AssertionError", "AttributeError", "BrokenPipeError", "BufferError",
    "CamClassifyError", "ConnectionResetError", "EOFError", "ExceptionGroup", "FileNotFoundError",
    "ImportError", "IndexError",
    "KeyError", "MemoryError", "NotImplementedError", "OSError", "OverflowError", "PermissionError",
    "RecursionError", "ReferenceError", "RuntimeError", "StopAsyncIteration", "StopIteration", "SystemError",
    "TimeoutError", "TypeError", "UnicodeError", "UserWarning", "ValueError", "ZeroDivisionError",
]  # fmt: skip
RAISES = [f"raise {name}" for name in EXCEPTIONS if name != "ExceptionGroup"]
MODES = ["hang", "slow", "nothing", "empty", "page", "raise CancelledError", *RAISES]
DEEDS = [
    "crash", "exit", "hang", "slow", "deaf", "flood", "garbage", "twice", "shape", "empty",
    "features", "error", "stranger", "nan", "score", "view", *RAISES,
]  # fmt: skip

ROUND = settings(
    max_examples=5,
    stateful_step_count=STEPS,
    deadline=None,
    database=None,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
    print_blob=False,
)
which = st.integers(0, MOST_CAMERAS - 1)


def step(**drawn: st.SearchStrategy[Any]) -> Callable[[Callable[..., None]], Any]:
    """A rule that remembers what was done, because a real worker's timing cannot be played again."""

    def decorate(do: Callable[..., None]) -> Any:
        @wraps(do)
        def remembered(chaos: Chaos, **values: Any) -> None:
            chaos.history.append(f"{do.__name__}({values})")
            do(chaos, **values)

        decorated: Any = rule(**drawn)  # type: ignore[call-overload]
        return decorated(remembered)

    return decorate


class _Still:
    """Stands in for the heartbeat: nobody times this loop."""

    def stood_still(self) -> float:
        return 0.0


class Chaos(RuleBasedStateMachine):
    """Does things to a home, one after the other."""

    steps = 0
    arrivals = 0
    failures: ClassVar[list[str]] = []

    def __init__(self) -> None:
        super().__init__()
        self._folder = Path(tempfile.mkdtemp(prefix="camclassify-chaos-"))
        self._runner = asyncio.Runner(
            loop_factory=lambda: SimulatedLoop(CLOCK, _Still(), lambda _seconds: None)  # type: ignore[arg-type]
        )
        self._context = chaotic_home(self._folder, CLOCK)
        self.home = self._runner.run(self._context.__aenter__())
        self._is_disabled = False
        self.history: list[str] = []

    def teardown(self) -> None:
        """End the home; it must leave nothing behind."""
        Chaos.arrivals += self.home.arrivals_in_all
        try:
            self._runner.run(self._context.__aexit__(None, None, None))
        finally:
            self._runner.close()
            CLOCK.let_go()
            shutil.rmtree(self._folder, ignore_errors=True)

    def _run(self, step: Step) -> None:
        try:
            self._runner.run(step)
        except BaseException:
            Chaos.failures.append("\n".join([*self.history, traceback.format_exc()]))
            raise

    def _key(self, which: int) -> str:
        keys = list(self.home.cameras)
        return keys[which % len(keys)]

    @step(seconds=st.sampled_from([0.5, 1.0, 2.0, 3.0, 5.0, 5.0, 5.0, 12.0, 70.0]))
    def let_time_pass(self, seconds: float) -> None:
        self._run(asyncio.sleep(seconds))

    @step(which=which, name=st.sampled_from(["person", "car"]), place=st.integers(0, 11))
    def somebody_comes(self, which: int, name: str, place: int) -> None:
        self.home.cameras[self._key(which)].come(name, place)

    @step(
        which=which,
        name=st.sampled_from(["person", "car"]),
        place=st.integers(0, 11),
        seconds=st.sampled_from([3.0, 10.0, 20.0]),
    )
    def somebody_visits(self, which: int, name: str, place: int, seconds: float) -> None:
        camera = self.home.cameras[self._key(which)]
        camera.come(name, place)
        self._run(asyncio.sleep(seconds))
        camera.go(name)
        self._run(asyncio.sleep(seconds))

    @step(which=which, name=st.sampled_from(["person", "car"]))
    def somebody_goes(self, which: int, name: str) -> None:
        self.home.cameras[self._key(which)].go(name)

    @step(which=which, view=st.integers(0, 3), seconds=st.sampled_from([0.1, 0.5, 3.0, 20.0]))
    def a_camera_turns(self, which: int, view: int, seconds: float) -> None:
        self.home.cameras[self._key(which)].view = view
        self._run(asyncio.sleep(seconds))

    @step(which=which, mode=st.sampled_from(MODES), seconds=st.sampled_from([1.0, 6.0, 30.0]))
    def a_camera_misbehaves_for_a_while(self, which: int, mode: str, seconds: float) -> None:
        camera = self.home.cameras[self._key(which)]
        camera.mode = mode
        self._run(asyncio.sleep(seconds))
        camera.mode = ""

    @step(which=which, mode=st.sampled_from(["", *MODES]))
    def a_camera_misbehaves_from_now_on(self, which: int, mode: str) -> None:
        self.home.cameras[self._key(which)].mode = mode

    @step(which=which, deed=st.sampled_from(DEEDS))
    def the_worker_misbehaves(self, which: int, deed: str) -> None:
        camera = self.home.cameras[self._key(which)]
        camera.deed = deed
        self._run(asyncio.sleep(3))
        camera.deed = ""
        self.home.disturb()

    @step()
    def the_worker_is_killed(self) -> None:
        self._run(self.home.kill_worker())

    @step(which=which, kind=st.sampled_from(EXCEPTIONS))
    def a_listener_raises(self, which: int, kind: str) -> None:
        self._run(self._add_broken_listeners(which, kind))

    async def _add_broken_listeners(self, which: int, kind: str) -> None:
        def broken(*_: Any) -> None:
            error = getattr(builtins, kind, RuntimeError)
            raise error("a listener", [ValueError()]) if kind == "ExceptionGroup" else error("one")

        if watched := self.home.watched.get(self._key(which)):
            watched.async_add_listener(broken)
            watched.reporter.async_add_listener(broken)
            self.home.entry.runtime_data.async_add_listener(broken)
            self.home.entry.runtime_data.engine.async_add_listener(broken)
        if client := self.home.client:
            client.add_listener(broken)

    @step(latitude=st.sampled_from([float("nan"), float("inf"), 1e9, 52.0]))
    def the_home_is_nowhere_for_a_while(self, latitude: float) -> None:
        self.home.move(latitude)
        self._run(asyncio.sleep(5))
        self.home.move(52.0)
        self.home.disturb()

    @step(is_full=st.booleans(), seconds=st.sampled_from([1.0, 80.0]))
    def the_disk_is_full_for_a_while(self, is_full: bool, seconds: float) -> None:
        self.home.fill_disk(is_full)
        self._run(asyncio.sleep(seconds))
        self.home.fill_disk(False)

    @step(seconds=st.sampled_from([-YEAR, YEAR, -3600.0, 3600.0, -80 * YEAR, 0.5]))
    def the_clock_jumps(self, seconds: float) -> None:
        CLOCK.jump(max(seconds, 60.0 - CLOCK.time()))  # not to before 1970
        self._run(asyncio.sleep(1))

    @step()
    def the_entry_is_reloaded(self) -> None:
        if not self._is_disabled:
            self._run(self.home.reload())

    @step(store=st.sampled_from(["presence", "lessons", "snapshots"]), how=st.integers(0, 5))
    def a_file_is_damaged_between_unloading_and_loading(self, store: str, how: int) -> None:
        if self._is_disabled:
            return

        def damage(storage: Path) -> None:
            _damage(storage / f"camclassify.{store}", how)
            if store == "presence":
                self.home.forgive()

        self._run(self.home.reload(damage))

    @step(disabled=st.booleans())
    def the_entry_is_disabled_or_enabled(self, disabled: bool) -> None:
        if disabled != self._is_disabled:
            self._run(self.home.disable(disabled))
            self._is_disabled = disabled

    @step()
    def home_assistant_restarts(self) -> None:
        if not self._is_disabled:
            self._run(self.home.restart())

    @step()
    def a_camera_is_added(self) -> None:
        if len(self.home.cameras) < MOST_CAMERAS:
            self._run(self.home.add_camera())

    @step(which=which)
    def a_camera_is_removed(self, which: int) -> None:
        if len(self.home.cameras) > 1:
            self._run(self._in_the_loop(self.home.remove_camera, self._key(which)))

    @step(which=which, title=st.sampled_from(["Drive", "Porch", "Garden"]))
    def a_camera_is_renamed(self, which: int, title: str) -> None:
        key = self._key(which)
        self._run(self._in_the_loop(self.home.rename_camera, key, f"{title} {key}"))

    @step(threads=st.integers(1, 4))
    def other_options_are_chosen(self, threads: int) -> None:
        self._run(self._in_the_loop(self.home.set_threads, threads))

    @step(threads=st.integers(1, 4))
    def other_options_are_chosen_while_the_worker_restarts(self, threads: int) -> None:
        self._run(self.home.set_threads_while_the_worker_restarts(threads))

    @step(which=which, enabled=st.booleans())
    def a_camera_is_switched(self, which: int, enabled: bool) -> None:
        if watched := self.home.watched.get(self._key(which)):
            self.home.disturb()
            if not enabled:
                self.home.cameras[self._key(which)].look_away()
            self._run(self._in_the_loop(watched.async_set_enabled, enabled))

    @step(which=which, forced=st.booleans())
    def a_camera_is_woken(self, which: int, forced: bool) -> None:
        if watched := self.home.watched.get(self._key(which)):
            self._run(self._in_the_loop(watched.async_wake, forced=forced, look_back=forced))

    async def _in_the_loop(self, do: Callable[..., object], *args: Any, **kwargs: Any) -> None:
        do(*args, **kwargs)

    @invariant()
    def what_must_be_true_is_true(self) -> None:
        Chaos.steps += 1
        self._run(self.home.check())


def _damage(path: Path, how: int) -> None:
    if not path.exists():
        return
    content = path.read_bytes()
    path.write_bytes(
        [
            b"",
            content[: len(content) // 2],
            b"\0" * len(content),
            b"[]",
            content.replace(b"0.", b"NaN, ", 1),
            content.replace(b'"tracks"', b'"trucks"'),
        ][how]
    )


def test_nothing_stops_a_camera(
    request: pytest.FixtureRequest, clock: SimulatedClock, capsys: pytest.CaptureFixture[str]
) -> None:
    """Go on with new seeds until the time is over."""
    started, minutes = time.perf_counter(), request.config.getoption("--chaos-minutes")
    number = request.config.getoption("--chaos-seed") or random.SystemRandom().randrange(10**6)
    while time.perf_counter() - started < 60 * minutes:
        with capsys.disabled():
            sys.stdout.write(f"chaos seed {number}, {Chaos.steps} steps so far\n")
        try:
            run_state_machine_as_test(seed(number)(Chaos), settings=ROUND)
        finally:
            if Chaos.failures:
                pytest.fail(
                    f"seed {number}, step {Chaos.steps}:\n{Chaos.failures[0]}", pytrace=False
                )
        number += 1
    with capsys.disabled():
        sys.stdout.write(f"chaos: {Chaos.steps} steps, {Chaos.arrivals} arrivals\n")
    assert Chaos.arrivals, "nobody arrived: nothing was tried"
