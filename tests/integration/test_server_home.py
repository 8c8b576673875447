"""A home whose pictures a server looks at."""

import asyncio
from collections.abc import AsyncGenerator
from datetime import timedelta
from functools import partial
from math import inf
from typing import Any
from unittest.mock import patch

import pytest
from camclassify_core import EngineState
from homeassistant.config_entries import ConfigEntryState
from homeassistant.core import HomeAssistant
from homeassistant.helpers import issue_registry as ir
from homeassistant.util import dt as dt_util
from pytest_homeassistant_custom_component.common import (
    MockConfigEntry,
    async_capture_events,
    async_fire_time_changed,
)
from pytest_homeassistant_custom_component.components.diagnostics import (
    get_diagnostics_for_config_entry,
)
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator

from custom_components.camclassify.camera.eye import Look
from custom_components.camclassify.camera.look import WatchedCamera
from custom_components.camclassify.const import DOMAIN
from custom_components.camclassify.issues import ISSUE_SERVER_AWAY
from custom_components.camclassify.system_health import system_health_info

from .conftest import OPTIONS, FakeCamera
from .fake_engine import FakeEngineClient, detection
from .inference_server import InferenceServer
from .looks import look, state_of, the_camera, until

pytestmark = pytest.mark.usefixtures("quick")

PERSON = "binary_sensor.driveway_person"


@pytest.fixture
def entry_options(inference: InferenceServer) -> dict[str, Any]:
    inference.token = "secret"
    return OPTIONS | {
        "server": {
            "url": inference.url,
            "token": "secret",
            "verify_ssl": True,
            "stand_in": False,
        }
    }


@pytest.fixture
async def home(
    hass: HomeAssistant, camera: FakeCamera, entry: MockConfigEntry, client: FakeEngineClient
) -> AsyncGenerator[MockConfigEntry]:
    """The config entry, set up; `client` would be a worker's."""
    assert await hass.config_entries.async_setup(entry.entry_id)
    await hass.async_block_till_done()
    yield entry
    await hass.config_entries.async_remove(entry.entry_id)


def _has_looked(camera: WatchedCamera, before: Look | None) -> bool:
    return camera.eye.last is not before


def is_told(hass: HomeAssistant) -> bool:
    return ir.async_get(hass).async_get_issue(DOMAIN, ISSUE_SERVER_AWAY) is not None


async def test_a_person_turns_on_and_the_evidence_is_kept_here(
    hass: HomeAssistant,
    home: MockConfigEntry,
    client: FakeEngineClient,
    inference: InferenceServer,
) -> None:
    inference.engine.detections = (detection("person"),)
    await look(the_camera(home), 6)
    assert state_of(hass, PERSON).state == "on"
    latest = the_camera(home).keeper.latest
    assert latest is not None
    drawn = await home.runtime_data.evidence.async_read(latest.id)
    assert drawn is not None
    assert drawn.endswith(b"boxes:1")
    assert client.starts == 0
    assert {request.camera for _, request in inference.requests} == {"camera1"}


async def test_states_hold_then_are_unavailable_and_come_back(
    hass: HomeAssistant, home: MockConfigEntry, inference: InferenceServer
) -> None:
    inference.engine.detections = (detection("person"),)
    await look(the_camera(home), 6)
    engine = home.runtime_data.engine
    inference.ready = False
    inference.breaks = 2
    await look(the_camera(home))
    await until(lambda: engine.state is EngineState.RESTARTING)
    assert state_of(hass, PERSON).state == "on"
    await until(lambda: is_told(hass))
    async_fire_time_changed(hass, dt_util.utcnow() + timedelta(seconds=31))
    await hass.async_block_till_done()
    assert state_of(hass, PERSON).state == "unavailable"
    inference.ready = True
    await until(lambda: engine.state is EngineState.RUNNING)
    assert state_of(hass, PERSON).state == "on"
    assert not is_told(hass)


async def test_nobody_leaves_or_arrives_because_a_server_forgot_the_camera(
    hass: HomeAssistant, home: MockConfigEntry, inference: InferenceServer
) -> None:
    inference.engine.detections = (detection("person"),)
    await look(the_camera(home), 4)
    assert state_of(hass, PERSON).state == "on"
    told = async_capture_events(hass, "camclassify_arrived")
    left = async_capture_events(hass, "camclassify_left")
    inference.error = (503, "EngineUnavailable", "A replica is gone.")
    await look(the_camera(home), 5)
    inference.error, inference.engine.detections = None, ()
    await look(the_camera(home), 2)  # as an engine that begins: what never moved comes at the third
    inference.engine.detections = (detection("person"),)
    await look(the_camera(home), 4)
    assert state_of(hass, PERSON).state == "on"
    assert (told, left) == ([], [])


async def test_it_spends_no_budget_of_this_machine(
    hass: HomeAssistant, all_entities: None, home: MockConfigEntry, inference: InferenceServer
) -> None:
    cpu = home.runtime_data.cpu
    assert home.runtime_data.budget == inf
    with patch("custom_components.camclassify.engine.cpu_meter.monotonic", side_effect=[100, 160]):
        await cpu.async_measure(1.0)
        await cpu.async_measure(7.0)
    assert (cpu.used, cpu.overhead) == (0.1, 1.0)
    sensor = state_of(hass, "sensor.camclassify_processor_use")
    assert sensor.state == "10.0"
    assert "budget" not in sensor.attributes
    assert (await system_health_info(hass))["engine"] == "running (server)"


async def test_the_token_stays_at_home(
    hass: HomeAssistant, home: MockConfigEntry, hass_client: ClientSessionGenerator
) -> None:
    diagnostics = await get_diagnostics_for_config_entry(hass, hass_client, home)
    assert "secret" not in str(diagnostics)
    assert diagnostics["engine"]["on_server"]
    assert diagnostics["statistics"]["cpu_time"] == 2.5
    assert diagnostics["design"] is None


async def test_what_was_taught_is_told_to_the_server_after_a_restart_of_either(
    hass: HomeAssistant, home: MockConfigEntry, inference: InferenceServer
) -> None:
    inference.engine.detections = (detection("delivery_truck"),)
    await look(the_camera(home), 6)
    kept = await the_camera(home).async_keep_snapshot()
    box = detection("delivery_truck").box
    taught = await home.runtime_data.lessons.async_teach(kept, "our van", box)
    assert taught is not None
    assert taught.info.name == "our_van"
    inference.lessons.clear()
    await look(the_camera(home))
    assert inference.puts[-1] == "camera1"
    await hass.config_entries.async_reload(home.entry_id)
    await hass.async_block_till_done()
    await look(the_camera(home))
    assert inference.requests


async def test_a_change_to_the_server_and_back_keeps_the_cameras(
    hass: HomeAssistant,
    home: MockConfigEntry,
    client: FakeEngineClient,
    inference: InferenceServer,
) -> None:
    server = dict(home.options)
    hass.config_entries.async_update_entry(home, options=OPTIONS)
    await hass.async_block_till_done()
    assert (client.starts, client.stops) == (1, 0)
    client.detections = (detection("person"),)
    await look(the_camera(home), 6)
    assert state_of(hass, PERSON).state == "on"
    assert home.runtime_data.budget == 1.0
    hass.config_entries.async_update_entry(home, options=server)
    await hass.async_block_till_done()
    assert (client.starts, client.stops) == (1, 1)
    inference.engine.detections = (detection("person"),)
    await look(the_camera(home))
    assert state_of(hass, PERSON).state == "on"


async def test_a_server_that_cannot_be_changed_to_leaves_everything_as_it_was(
    hass: HomeAssistant, home: MockConfigEntry, inference: InferenceServer
) -> None:
    nobody = home.options | {"server": home.options["server"] | {"url": "http://127.0.0.1:1"}}
    hass.config_entries.async_update_entry(home, options=nobody)
    await hass.async_block_till_done()
    assert home.runtime_data.engine.client.options.url == inference.url
    await look(the_camera(home))
    assert the_camera(home).available


async def test_a_server_that_was_away_at_the_start_is_waited_for(
    hass: HomeAssistant,
    camera: FakeCamera,
    entry: MockConfigEntry,
    client: FakeEngineClient,
    inference: InferenceServer,
) -> None:
    inference.ready = False
    for _ in range(2):
        assert not await hass.config_entries.async_setup(entry.entry_id)
        assert entry.state is ConfigEntryState.SETUP_RETRY
        await hass.config_entries.async_unload(entry.entry_id)
    await asyncio.sleep(0.05)
    assert entry.state.name == "NOT_LOADED"
    assert not await hass.config_entries.async_setup(entry.entry_id)
    assert is_told(hass)
    await asyncio.sleep(0.1)
    assert entry.state.name == "SETUP_RETRY"
    inference.ready = True
    await until(lambda: entry.state is ConfigEntryState.LOADED)
    assert not is_told(hass)
    await hass.config_entries.async_remove(entry.entry_id)


class TestFarAway:
    """With a server whose answers take their time."""

    @pytest.fixture
    def cameras(self) -> list[dict[str, Any]]:
        return [{"entity_id": "camera.driveway", "classes": ["person"], "interval": 0.4}]

    async def test_the_camera_is_looked_at_as_often(
        self, hass: HomeAssistant, home: MockConfigEntry, inference: InferenceServer
    ) -> None:
        inference.latency = 0.3
        camera = the_camera(home)
        await look(camera, 2)
        with patch("asyncio.timeout", wraps=asyncio.timeout) as timeout:
            for _ in range(3):
                before = camera.eye.last
                await until(partial(_has_looked, camera, before))
        waited = {call.args[0] for call in timeout.call_args_list}
        assert 0.4 not in waited
        assert any(0.0 <= seconds <= 0.1 for seconds in waited)


class TestStandIn:
    """With this machine to look while the server is away."""

    @pytest.fixture
    def entry_options(self, inference: InferenceServer) -> dict[str, Any]:
        return OPTIONS | {"server": {"url": inference.url, "verify_ssl": True, "stand_in": True}}

    async def test_nobody_notices(
        self,
        hass: HomeAssistant,
        home: MockConfigEntry,
        client: FakeEngineClient,
        inference: InferenceServer,
    ) -> None:
        with patch(
            "custom_components.camclassify.engine.stand_in.EngineClient", return_value=client
        ):
            inference.engine.detections = client.detections = (detection("person"),)
            await look(the_camera(home), 6)
            engine = home.runtime_data.engine
            assert engine.on_server
            inference.ready = False
            inference.breaks = 2
            await look(the_camera(home))
            await until(lambda: engine.state is EngineState.RUNNING and not engine.on_server)
            await look(the_camera(home), 3)
            assert client.requests
            assert home.runtime_data.budget == 1.0
            assert state_of(hass, PERSON).state == "on"
            inference.ready = True
            await until(lambda: engine.on_server)
            await look(the_camera(home))
            assert state_of(hass, PERSON).state == "on"
