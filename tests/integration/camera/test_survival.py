"""A camera is looked at again, whatever put an end to a look."""

import asyncio
import logging
from collections.abc import Sequence
from datetime import timedelta
from functools import partial
from typing import Any
from unittest.mock import patch

import pytest
from camclassify_core import Box, CamClassifyError, EngineState, EngineUnavailable
from homeassistant.const import STATE_OFF, STATE_UNAVAILABLE
from homeassistant.core import HomeAssistant
from homeassistant.util import dt as dt_util
from pytest_homeassistant_custom_component.common import (
    MockConfigEntry,
    async_capture_events,
    async_fire_time_changed,
)

from custom_components.camclassify.camera.failures import LATEST
from custom_components.camclassify.const import EVENT_ARRIVED
from custom_components.camclassify.listeners import Listeners
from custom_components.camclassify.safe_store import SafeStore

from ..conftest import ENTITY_CAMERA, FakeCamera
from ..fake_engine import FakeEngineClient, detection
from ..looks import look, look_until_lost, state_of, the_camera

LOGGER = "custom_components.camclassify.camera.failures"
PERSON = "binary_sensor.driveway_person"

UNEXPECTED = [
    CamClassifyError("Something of a kind that nobody names."),
    ArithmeticError("1/0"),
    asyncio.CancelledError("somebody else's"),
    AttributeError("'NoneType' object has no attribute 'x'"),
    ExceptionGroup("several", [ValueError("one"), TypeError("another")]),
    KeyError("camera"),
    MemoryError(),
    NotImplementedError(),
    OSError(28, "No space left on device"),
    RecursionError(),
    RuntimeError("coroutine raised StopIteration"),
    StopAsyncIteration(),
    TimeoutError(),
    TypeError("'float' object is not subscriptable"),
    UnicodeDecodeError("utf-8", b"\xff", 0, 1, "invalid start byte"),
]


def logged(caplog: pytest.LogCaptureFixture, name: str = LOGGER) -> list[logging.LogRecord]:
    return [record for record in caplog.records if record.name == name]


async def pass_a_minute(hass: HomeAssistant) -> None:
    async_fire_time_changed(hass, dt_util.utcnow() + timedelta(seconds=61))
    await hass.async_block_till_done()


@pytest.mark.parametrize("error", UNEXPECTED, ids=lambda error: type(error).__name__)
async def test_an_unexpected_exception_costs_the_looks_that_it_hits_and_is_told_once(
    hass: HomeAssistant,
    loaded: MockConfigEntry,
    client: FakeEngineClient,
    caplog: pytest.LogCaptureFixture,
    error: BaseException,
) -> None:
    caplog.set_level(logging.INFO, LOGGER)
    camera = the_camera(loaded)
    await look(camera, 2)
    client.classify_error = error
    await look_until_lost(camera)
    assert state_of(hass, PERSON).state == STATE_UNAVAILABLE
    assert camera.failures.pause(1.0) <= LATEST
    client.classify_error = None
    await look(camera, 2)
    assert state_of(hass, PERSON).state == STATE_OFF
    fault, recovery = logged(caplog)
    assert fault.getMessage().startswith("Looking at Driveway failed: ")
    assert fault.exc_info
    assert fault.exc_info[1] is error
    assert recovery.getMessage() == "Snapshots of Driveway arrive again"


async def test_one_look_that_fails_leaves_the_states_as_they_are(
    hass: HomeAssistant, loaded: MockConfigEntry, client: FakeEngineClient
) -> None:
    camera = the_camera(loaded)
    await look(camera, 2)
    changes = async_capture_events(hass, "state_changed")
    client.classify_error = RuntimeError("once")
    await look(camera)
    client.classify_error = None
    await look(camera)
    assert [each.data["entity_id"] for each in changes] == []


async def test_a_fault_that_returns_has_no_second_traceback(
    loaded: MockConfigEntry, client: FakeEngineClient, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, LOGGER)
    for _ in range(3):
        client.classify_error = RuntimeError("again")
        for _ in range(60):  # longer than the log keeps quiet of what comes and goes
            await look(the_camera(loaded))
        client.classify_error = None
        await look(the_camera(loaded))
    records = logged(caplog)
    assert [bool(record.exc_info) for record in records] == [True] + [False] * 5
    assert [record.levelname for record in records] == ["ERROR", "INFO", *["WARNING", "INFO"] * 2]


async def test_a_pace_that_cannot_be_told_does_not_keep_a_camera_from_being_looked_at(
    loaded: MockConfigEntry, client: FakeEngineClient, caplog: pytest.LogCaptureFixture
) -> None:
    with patch(
        "custom_components.camclassify.home.intervals", side_effect=ZeroDivisionError("pace")
    ):
        await look(the_camera(loaded), 4)
    assert client.requests
    assert [record.levelname for record in logged(caplog)] == ["ERROR", "INFO"]


async def test_an_engine_that_says_it_runs_and_answers_nothing_is_no_engine(
    hass: HomeAssistant, loaded: MockConfigEntry, client: FakeEngineClient
) -> None:
    await look(the_camera(loaded))
    client.classify_error = EngineUnavailable("The worker is gone.")
    assert client.state is EngineState.RUNNING
    await look(the_camera(loaded), 3)
    assert state_of(hass, PERSON).state == STATE_UNAVAILABLE


async def test_a_look_that_never_ends_is_given_up(
    hass: HomeAssistant, loaded: MockConfigEntry, client: FakeEngineClient
) -> None:
    camera = the_camera(loaded)
    await look(camera)
    client.hangs = asyncio.Event()
    with patch("custom_components.camclassify.camera.look.LOOK_TIMEOUT", 0.05):
        await look(camera, 2)
    assert state_of(hass, PERSON).state == STATE_UNAVAILABLE
    client.hangs = None
    await look(camera)
    assert state_of(hass, PERSON).state == STATE_OFF


async def test_a_task_that_ended_anyway_is_begun_again_and_reported(
    hass: HomeAssistant,
    loaded: MockConfigEntry,
    client: FakeEngineClient,
    caplog: pytest.LogCaptureFixture,
) -> None:
    camera = the_camera(loaded)
    await look(camera)
    (task,) = (each for each in asyncio.all_tasks() if each.get_name() == "camclassify Driveway")
    task.cancel()
    await hass.async_block_till_done()
    assert state_of(hass, PERSON).state == STATE_UNAVAILABLE
    client.statistics_error = RuntimeError("nothing to do with the cameras")
    await pass_a_minute(hass)
    await look(camera)
    assert state_of(hass, PERSON).state == STATE_OFF
    assert "Looking at Driveway had ended" in caplog.text


async def test_nobody_who_listens_takes_anything_from_the_others(
    hass: HomeAssistant,
    loaded: MockConfigEntry,
    client: FakeEngineClient,
    caplog: pytest.LogCaptureFixture,
) -> None:
    def fail(*_args: object) -> None:
        raise RuntimeError("The listener's own.")

    camera, home = the_camera(loaded), loaded.runtime_data
    told: list[str] = []
    arrivals = async_capture_events(hass, EVENT_ARRIVED)
    for name, add in (
        ("look", camera.async_add_listener),
        ("home", home.async_add_listener),
        ("engine", home.engine.async_add_listener),
        ("cpu", home.cpu.async_add_listener),
    ):
        add(fail)
        add(partial(told.append, name))
    listeners = camera.reporter._listeners
    listeners._listeners = {object(): fail} | listeners._listeners
    client.detections = (detection("person"),)
    await look(camera, 8)
    await home.async_sync()
    client.set_state(EngineState.RUNNING)
    await hass.async_block_till_done()
    await home.cpu.async_measure(0.0)
    assert set(told) == {"look", "home", "engine", "cpu"}
    assert len(arrivals) == 1
    assert camera.available
    assert len(logged(caplog, "custom_components.camclassify.listeners")) == 5


def test_a_listener_that_was_removed_while_others_are_told_is_not_told() -> None:
    listeners: Listeners[[]] = Listeners()
    told: list[str] = []
    listeners.async_add(lambda: remove())
    remove = listeners.async_add(lambda: told.append("removed"))
    listeners.async_call()
    remove()
    assert told == []


async def test_an_arrival_that_the_bus_does_not_take_keeps_no_other_from_it(
    hass: HomeAssistant,
    loaded: MockConfigEntry,
    client: FakeEngineClient,
    caplog: pytest.LogCaptureFixture,
) -> None:
    arrivals = async_capture_events(hass, EVENT_ARRIVED)
    camera = the_camera(loaded)
    told: list[str] = []
    camera.reporter.async_add_listener(lambda report: told.append(report.transition.name))
    client.detections = (detection("delivery_truck"),)
    with patch(
        "custom_components.camclassify.evidence.reports.async_sign_path",
        side_effect=[RuntimeError("no key"), "/signed"],
    ):
        await look(camera, 6)
    assert told == ["delivery_truck", "vehicle"]
    assert [each.data["class"] for each in arrivals] == ["vehicle"]
    assert "cannot be told on the bus" in caplog.text


async def test_an_arrival_that_an_unload_cuts_short_is_told_of_afterwards(
    hass: HomeAssistant, loaded: MockConfigEntry, client: FakeEngineClient
) -> None:
    arrivals = async_capture_events(hass, EVENT_ARRIVED)
    camera = the_camera(loaded)
    await look(camera)
    client.detections = (detection("delivery_truck"),)
    await look(camera, 2)
    draw = client.draw_boxes

    async def hang(snapshot: bytes, boxes: Sequence[Box]) -> bytes:
        reached.set()
        await asyncio.Event().wait()
        return b""

    reached = asyncio.Event()
    client.draw_boxes = hang  # type: ignore[method-assign]
    async with asyncio.timeout(5):
        while not reached.is_set():
            camera.async_wake()
            await asyncio.sleep(0.01)
    assert arrivals == []
    assert await hass.config_entries.async_unload(loaded.entry_id)
    client.draw_boxes = draw  # type: ignore[method-assign]
    assert await hass.config_entries.async_setup(loaded.entry_id)
    await hass.async_block_till_done()
    await look(the_camera(loaded), 6)
    assert [each.data["class"] for each in arrivals] == ["delivery_truck", "vehicle"]
    assert all(each.data["snapshot_id"] for each in arrivals)


async def test_nothing_is_told_once_it_is_stored_who_is_there(
    hass: HomeAssistant, loaded: MockConfigEntry, client: FakeEngineClient
) -> None:
    arrivals = async_capture_events(hass, EVENT_ARRIVED)
    camera = the_camera(loaded)
    await look(camera)
    client.detections = (detection("person"),)
    await look(camera, 2)
    save = SafeStore.async_save

    async def save_slowly(store: SafeStore[Any], data: Any) -> None:
        await save(store, data)
        for _ in range(5):
            camera.async_wake()
            await asyncio.sleep(0.01)

    with patch.object(SafeStore, "async_save", save_slowly):
        assert await hass.config_entries.async_reload(loaded.entry_id)
    await look(the_camera(loaded), 6)
    assert [each.data["class"] for each in arrivals] == ["person"]


@pytest.mark.parametrize("pace", [float("nan"), float("inf"), -1.0, 0.0])
async def test_a_pace_that_makes_no_sense_is_the_slowest(
    loaded: MockConfigEntry, client: FakeEngineClient, pace: float
) -> None:
    camera = the_camera(loaded)
    await look(camera)
    with patch("custom_components.camclassify.home.intervals", return_value={"camera1": pace}):
        await look(camera, 3)
        asked = len(client.requests)
        await asyncio.sleep(0.05)
        assert len(client.requests) == asked, "it does not spin"


class TestWithABrokenCamera:
    """A camera whose settings cannot be used, among others."""

    @pytest.fixture
    def cameras(self) -> list[dict[str, Any]]:
        crossed = [[0, 0], [1, 1], [1, 0], [0, 1]]
        zone = {"id": "01JZONE", "name": "Porch", "points": crossed}
        return [ENTITY_CAMERA | {"zones": [zone]}, ENTITY_CAMERA | {"entity_id": "camera.driveway"}]

    async def test_the_others_are_looked_at(
        self,
        hass: HomeAssistant,
        loaded: MockConfigEntry,
        caplog: pytest.LogCaptureFixture,
    ) -> None:
        assert set(loaded.runtime_data.cameras) == {"camera2"}
        await look(the_camera(loaded, 2))
        assert state_of(hass, "binary_sensor.camera_2_person").state == STATE_OFF
        told = [record.getMessage() for record in caplog.get_records("setup")]
        assert any(text.startswith("The settings of Driveway cannot be used: ") for text in told)
        hass.config_entries.async_update_subentry(
            loaded, loaded.subentries["camera1"], data=ENTITY_CAMERA
        )
        await hass.async_block_till_done()
        await look(the_camera(loaded))
        assert state_of(hass, PERSON).state == STATE_OFF


async def test_settings_that_cannot_be_used_leave_a_camera_as_it_was(
    hass: HomeAssistant, loaded: MockConfigEntry, camera: FakeCamera
) -> None:
    for _ in range(2):
        hass.config_entries.async_update_subentry(
            loaded, loaded.subentries["camera1"], data=ENTITY_CAMERA | {"masks": [[[0, 0]]]}
        )
        await hass.async_block_till_done()
        hass.config_entries.async_update_entry(loaded, options={**loaded.options, "keep_days": 3})
        await hass.async_block_till_done()
    await look(the_camera(loaded))
    assert state_of(hass, PERSON).state == STATE_OFF


async def test_entities_that_cannot_be_built_leave_the_other_platforms_alone(
    hass: HomeAssistant, loaded: MockConfigEntry, caplog: pytest.LogCaptureFixture
) -> None:
    with patch(
        "custom_components.camclassify.binary_sensor.PresenceSensor", side_effect=RuntimeError
    ):
        await loaded.runtime_data.async_sync()
    assert state_of(hass, PERSON)
    assert "The entities of Driveway cannot follow" in caplog.text


async def test_a_change_that_is_under_way_begins_nothing_after_the_unload(
    hass: HomeAssistant, loaded: MockConfigEntry, client: FakeEngineClient
) -> None:
    started, go_on = asyncio.Event(), asyncio.Event()

    async def take_long(_options: object) -> None:
        started.set()
        await go_on.wait()

    client.before_loading = take_long
    hass.config_entries.async_update_entry(loaded, options=loaded.options | {"threads": 3})
    await started.wait()
    assert await hass.config_entries.async_unload(loaded.entry_id)
    go_on.set()
    await hass.async_block_till_done()
    assert not [each for each in asyncio.all_tasks() if "Driveway" in each.get_name()]


@pytest.mark.parametrize("fails", [1, 10])
async def test_options_that_met_a_worker_that_just_ended_are_applied_when_it_runs_again(
    hass: HomeAssistant, loaded: MockConfigEntry, client: FakeEngineClient, fails: int
) -> None:
    asked = 0

    async def end(_options: object) -> None:
        nonlocal asked
        asked += 1
        if asked <= fails:
            client.set_state(EngineState.RESTARTING)
            raise EngineUnavailable("The worker ended before it answered.")

    client.before_loading = end
    hass.config_entries.async_update_entry(loaded, options=loaded.options | {"threads": 3})
    await hass.async_block_till_done()
    assert client.options.lanes == 2
    for _ in range(3):  # however often it comes back: options that end it are tried twice
        client.set_state(EngineState.RUNNING)
        await hass.async_block_till_done()
    assert asked == 2
    assert client.options.lanes == (3 if fails == 1 else 2)
