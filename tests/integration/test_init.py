"""Setting up, unloading, reloading and removing the config entry."""

import asyncio

import pytest
from camclassify_core import BundleError, CamClassifyError, EngineUnavailable
from homeassistant.config_entries import ConfigEntryDisabler, ConfigEntryState
from homeassistant.const import EVENT_HOMEASSISTANT_STOP
from homeassistant.core import HomeAssistant
from homeassistant.helpers import device_registry as dr
from pytest_homeassistant_custom_component.common import MockConfigEntry

from .conftest import FakeCamera
from .fake_engine import FakeEngineClient
from .looks import look, the_camera


def tasks_of_ours() -> set[asyncio.Task[object]]:
    return {task for task in asyncio.all_tasks() if "camclassify" in task.get_name()}


async def test_reloading_keeps_the_worker_and_leaks_no_task(
    hass: HomeAssistant, loaded: MockConfigEntry, client: FakeEngineClient
) -> None:
    await look(the_camera(loaded))
    assert len(tasks_of_ours()) == 1
    for _ in range(3):
        assert await hass.config_entries.async_reload(loaded.entry_id)
        await look(the_camera(loaded))
    assert (client.starts, client.stops) == (1, 0)
    assert len(tasks_of_ours()) == 1
    assert await hass.config_entries.async_unload(loaded.entry_id)
    await hass.async_block_till_done()
    assert not tasks_of_ours()
    assert (client.starts, client.stops) == (1, 0)


async def test_removing_the_entry_stops_the_worker(
    hass: HomeAssistant, loaded: MockConfigEntry, client: FakeEngineClient
) -> None:
    await hass.config_entries.async_remove(loaded.entry_id)
    assert client.stops == 1


async def test_disabling_the_entry_stops_the_worker(
    hass: HomeAssistant, loaded: MockConfigEntry, client: FakeEngineClient
) -> None:
    await hass.config_entries.async_set_disabled_by(loaded.entry_id, ConfigEntryDisabler.USER)
    assert client.stops == 1


async def test_stopping_home_assistant_stops_the_worker(
    hass: HomeAssistant, loaded: MockConfigEntry, client: FakeEngineClient
) -> None:
    hass.bus.async_fire(EVENT_HOMEASSISTANT_STOP)
    await hass.async_block_till_done()
    assert client.stops == 1


@pytest.mark.parametrize(
    ("error", "state"),
    [
        (EngineUnavailable("It ended."), ConfigEntryState.SETUP_RETRY),
        (BundleError("scene.onnx is missing."), ConfigEntryState.SETUP_ERROR),
    ],
)
async def test_an_engine_that_does_not_start_fails_the_set_up(
    hass: HomeAssistant,
    camera: FakeCamera,
    entry: MockConfigEntry,
    client: FakeEngineClient,
    error: Exception,
    state: ConfigEntryState,
) -> None:
    client.start_error = error
    await hass.config_entries.async_setup(entry.entry_id)
    assert entry.state is state
    assert str(error) in entry.reason


@pytest.mark.parametrize("error", [EngineUnavailable("It ended."), CamClassifyError("Nonsense.")])
async def test_an_engine_that_says_nothing_of_itself_is_started_anew(
    hass: HomeAssistant,
    camera: FakeCamera,
    entry: MockConfigEntry,
    client: FakeEngineClient,
    error: Exception,
) -> None:
    client.info_error = error
    await hass.config_entries.async_setup(entry.entry_id)
    assert entry.state is ConfigEntryState.SETUP_RETRY
    assert (client.starts, client.stops) == (1, 1)
    client.info_error = None
    assert await hass.config_entries.async_reload(entry.entry_id)
    await look(the_camera(entry))
    await hass.config_entries.async_unload(entry.entry_id)


async def test_what_a_bundle_holds_is_asked_until_it_is_known(
    hass: HomeAssistant, loaded: MockConfigEntry, client: FakeEngineClient
) -> None:
    client.info_error = EngineUnavailable("It ended.")
    client.only = ("dog",)
    options = {**loaded.options, "bundle": "mine"}
    hass.config_entries.async_update_entry(loaded, options=options)
    await hass.async_block_till_done()
    client.info_error = None
    hass.config_entries.async_update_entry(loaded, options={**options, "keep_days": 3})
    await hass.async_block_till_done()
    assert [info.name for info in loaded.runtime_data.engine.info.classes] == ["dog"]


async def test_removing_a_camera_removes_its_device_and_nothing_else(
    hass: HomeAssistant, loaded: MockConfigEntry, client: FakeEngineClient
) -> None:
    devices = dr.async_get(hass)
    before = len(dr.async_entries_for_config_entry(devices, loaded.entry_id))
    hass.config_entries.async_remove_subentry(loaded, "camera1")
    await hass.async_block_till_done()
    (engine,) = dr.async_entries_for_config_entry(devices, loaded.entry_id)
    assert (before, engine.name) == (2, "CamClassify")
    assert hass.states.async_entity_ids("binary_sensor") == []
    assert loaded.runtime_data.cameras == {}
    assert not tasks_of_ours()
    assert client.starts == 1
