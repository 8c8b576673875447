"""Settings that change while everything runs: applied live, or an issue says why not."""

import logging
from typing import Any

import pytest
from camclassify_core import BundleError, EngineState, EngineUnavailable
from homeassistant.config_entries import ConfigEntryState
from homeassistant.const import STATE_UNAVAILABLE
from homeassistant.core import HomeAssistant
from homeassistant.helpers import device_registry as dr
from homeassistant.helpers import entity_registry as er
from homeassistant.helpers import issue_registry as ir
from pytest_homeassistant_custom_component.common import MockConfigEntry, async_capture_events
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator

from custom_components.camclassify.const import DOMAIN, EVENT_ARRIVED
from custom_components.camclassify.presence import Update

from .fake_engine import FakeEngineClient, detection
from .looks import device_of, look, registered, state_of, the_camera
from .user import fix

PERSON = "binary_sensor.driveway_person"


async def change(hass: HomeAssistant, entry: MockConfigEntry, **options: Any) -> None:
    """Change options as the options flow does."""
    hass.config_entries.async_update_entry(entry, options={**entry.options, **options})
    await hass.async_block_till_done()


def issues(hass: HomeAssistant) -> set[str]:
    return {key for domain, key in ir.async_get(hass).issues if domain == DOMAIN}


@pytest.mark.parametrize(
    ("error", "issue_id"),
    [
        (BundleError("scene.onnx is missing."), "bundle_broken"),
        (EngineUnavailable("The worker ended."), "engine_cannot_start"),
    ],
)
async def test_an_engine_that_cannot_follow_goes_on_and_an_issue_says_so(
    hass: HomeAssistant,
    loaded: MockConfigEntry,
    client: FakeEngineClient,
    caplog: pytest.LogCaptureFixture,
    error: Exception,
    issue_id: str,
) -> None:
    before = client.options
    client.start_error = error
    await change(hass, loaded, bundle="mine", keep_days=1)
    assert issues(hass) == {issue_id}
    assert client.options is before
    await look(the_camera(loaded))
    assert state_of(hass, "binary_sensor.driveway_person").state == "off"
    assert not [each for each in caplog.records if each.levelno >= logging.ERROR]
    client.start_error = None
    await change(hass, loaded, threads=1)
    assert issues(hass) == set()
    assert client.options.bundle is not None


async def test_a_worker_that_is_restarting_takes_new_options_up_later(
    hass: HomeAssistant, loaded: MockConfigEntry, client: FakeEngineClient
) -> None:
    client.set_state(EngineState.RESTARTING)
    client.info_error = EngineUnavailable("The worker is restarting.")
    await change(hass, loaded, threads=1)
    assert issues(hass) == set()
    assert client.options.lanes == 1
    client.info_error = None
    client.without = "person"
    client.set_state(EngineState.RUNNING)
    await hass.async_block_till_done()
    assert loaded.runtime_data.engine.info.lanes == 1
    assert state_of(hass, "binary_sensor.driveway_person").state == STATE_UNAVAILABLE


@pytest.mark.parametrize("restarted", [False, True])
async def test_classes_that_the_bundle_does_not_know_are_looked_for_nowhere_and_keep_their_entities(
    hass: HomeAssistant, loaded: MockConfigEntry, client: FakeEngineClient, restarted: bool
) -> None:
    person = registered(hass, PERSON)
    er.async_get(hass).async_update_entity(PERSON, name="Somebody")
    client.only = ("dog", "animal")
    await change(hass, loaded, bundle="mine")
    if restarted:
        assert await hass.config_entries.async_reload(loaded.entry_id)
        await hass.async_block_till_done()
    arrivals = async_capture_events(hass, EVENT_ARRIVED)
    client.detections = (detection("dog"),)
    await look(the_camera(loaded), 12)
    assert arrivals == []
    assert the_camera(loaded).update == Update(counts={"frame": {}}, tracks=(), keep=frozenset())
    assert state_of(hass, PERSON).state == STATE_UNAVAILABLE
    unknown = ir.async_get(hass).async_get_issue(DOMAIN, "unknown_classes_camera1")
    assert unknown is not None
    assert unknown.translation_placeholders == {
        "camera": "Driveway",
        "classes": "delivery_truck, person",
    }
    client.only = None
    client.detections = (detection("person"),)
    await change(hass, loaded, bundle="default")
    await look(the_camera(loaded), 6)
    assert state_of(hass, PERSON).state == "on"
    assert (registered(hass, PERSON).id, registered(hass, PERSON).name) == (person.id, "Somebody")
    assert "unknown_classes_camera1" not in issues(hass)


async def test_what_the_user_gives_up_takes_its_entities_along(
    hass: HomeAssistant, loaded: MockConfigEntry
) -> None:
    camera = loaded.subentries["camera1"]
    hass.config_entries.async_update_subentry(
        loaded, camera, data={**camera.data, "classes": ["delivery_truck"]}
    )
    await hass.async_block_till_done()
    assert er.async_get(hass).async_get(PERSON) is None


async def test_a_camera_that_is_renamed_renames_its_device(
    hass: HomeAssistant, loaded: MockConfigEntry
) -> None:
    hass.config_entries.async_update_subentry(loaded, loaded.subentries["camera1"], title="Gate")
    await hass.async_block_till_done()
    device = dr.async_get(hass).async_get(device_of(hass, loaded))
    assert device is not None
    assert device.name == "Gate"


async def test_the_fix_tries_the_new_options_again(
    hass: HomeAssistant,
    loaded: MockConfigEntry,
    client: FakeEngineClient,
    hass_client: ClientSessionGenerator,
) -> None:
    client.start_error = EngineUnavailable("The worker ended.")
    await change(hass, loaded, threads=1)
    answer = await fix(hass, hass_client, "engine_cannot_start")
    assert (answer["type"], answer["reason"]) == ("abort", "still_failing")
    assert loaded.state is ConfigEntryState.LOADED
    await change(hass, loaded, threads=1, keep_days=2)
    client.start_error = None
    answer = await fix(hass, hass_client, "engine_cannot_start")
    assert answer["type"] == "create_entry"
    assert client.options.lanes == 1
    assert issues(hass) == set()


async def test_cameras_outlive_an_engine_that_was_stopped(
    hass: HomeAssistant,
    loaded: MockConfigEntry,
    client: FakeEngineClient,
    hass_client: ClientSessionGenerator,
) -> None:
    await look(the_camera(loaded))
    client.set_state(EngineState.FAILED)
    client.start_error = EngineUnavailable("Illegal instruction.")
    answer = await fix(hass, hass_client, "engine_failing")
    assert (answer["type"], answer["reason"]) == ("abort", "still_failing")
    assert not loaded.runtime_data.engine.started
    the_camera(loaded).async_wake()
    await hass.async_block_till_done()
    client.start_error = None
    await change(hass, loaded, keep_days=2)
    await look(the_camera(loaded))
    assert state_of(hass, "binary_sensor.driveway_person").state == "off"
