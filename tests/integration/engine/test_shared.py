"""The worker that goes away and comes back."""

import logging
from datetime import timedelta
from unittest.mock import patch

import pytest
from camclassify_core import EngineState, EngineUnavailable
from homeassistant.const import STATE_ON, STATE_UNAVAILABLE
from homeassistant.core import HomeAssistant
from homeassistant.helpers import issue_registry as ir
from homeassistant.util import dt as dt_util
from pytest_homeassistant_custom_component.common import (
    MockConfigEntry,
    async_capture_events,
    async_fire_time_changed,
)

from custom_components.camclassify.const import DOMAIN
from custom_components.camclassify.issues import ISSUE_ENGINE_FAILING
from custom_components.camclassify.presence import CameraPresence

from ..fake_engine import FakeEngineClient, detection
from ..looks import look, state_of, the_camera

LOGGER = "custom_components.camclassify.engine.shared"
PERSON = "binary_sensor.driveway_person"


async def pass_time(hass: HomeAssistant, seconds: float) -> None:
    async_fire_time_changed(hass, dt_util.utcnow() + timedelta(seconds=seconds))
    await hass.async_block_till_done()


async def test_states_hold_while_the_worker_restarts(
    hass: HomeAssistant, loaded: MockConfigEntry, client: FakeEngineClient
) -> None:
    client.detections = (detection("person"),)
    await look(the_camera(loaded), 6)
    changes = async_capture_events(hass, "state_changed")
    client.classify_error = EngineUnavailable("The worker is restarting.")
    client.set_state(EngineState.RESTARTING)
    the_camera(loaded).async_wake()
    await pass_time(hass, 20)
    assert state_of(hass, PERSON).state == STATE_ON
    client.classify_error = None
    client.set_state(EngineState.RUNNING)
    await look(the_camera(loaded))
    await pass_time(hass, 60)
    assert state_of(hass, PERSON).state == STATE_ON
    assert not [each for each in changes if each.data["entity_id"].startswith("binary_sensor")]


async def test_a_worker_that_stays_away_makes_entities_unavailable(
    hass: HomeAssistant,
    loaded: MockConfigEntry,
    client: FakeEngineClient,
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.INFO, LOGGER)
    client.detections = (detection("person"),)
    await look(the_camera(loaded), 6)
    client.set_state(EngineState.RESTARTING)
    await pass_time(hass, 31)
    client.set_state(EngineState.FAILED)
    await pass_time(hass, 62)
    assert state_of(hass, PERSON).state == STATE_UNAVAILABLE
    client.set_state(EngineState.RUNNING)
    assert state_of(hass, PERSON).state == STATE_ON
    assert [record.getMessage() for record in caplog.records if record.name == LOGGER] == [
        "The engine has not come back: its entities are unavailable",
        "The engine is back",
    ]


async def test_a_worker_that_keeps_failing_raises_an_issue_until_it_runs(
    hass: HomeAssistant, loaded: MockConfigEntry, client: FakeEngineClient
) -> None:
    issues = ir.async_get(hass)
    client.set_state(EngineState.FAILED)
    assert issues.async_get_issue(DOMAIN, ISSUE_ENGINE_FAILING) is not None
    client.set_state(EngineState.RUNNING)
    assert issues.async_get_issue(DOMAIN, ISSUE_ENGINE_FAILING) is None


async def test_everybody_is_given_time_when_an_engine_begins(
    loaded: MockConfigEntry, client: FakeEngineClient
) -> None:
    await look(the_camera(loaded))
    with patch.object(CameraPresence, "resume", autospec=True) as resume:
        await look(the_camera(loaded))
        assert not resume.called
        client.set_state(EngineState.RUNNING)
        await look(the_camera(loaded), 2)
        assert resume.call_count == 1
