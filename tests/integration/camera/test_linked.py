"""Entities that wake a camera: followed however they are called, missed when they are gone."""

from typing import Any

import pytest
from homeassistant.config_entries import SOURCE_RECONFIGURE
from homeassistant.core import HomeAssistant
from homeassistant.helpers import entity_registry as er
from homeassistant.helpers import issue_registry as ir
from pytest_homeassistant_custom_component.common import MockConfigEntry
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator

from custom_components.camclassify.const import DOMAIN

from ..conftest import ENTITY_CAMERA, FakeCamera
from ..fake_engine import FakeEngineClient
from ..looks import look, the_camera
from ..user import fix

BELL = "binary_sensor.doorbell"


@pytest.fixture
def bell(hass: HomeAssistant) -> er.RegistryEntry:
    """A sensor in the registry, which is off."""
    entry = er.async_get(hass).async_get_or_create(
        "binary_sensor", "test", "bell", suggested_object_id="doorbell"
    )
    hass.states.async_set(entry.entity_id, "off")
    return entry


@pytest.fixture
def cameras(bell: er.RegistryEntry) -> list[dict[str, Any]]:
    """A battery camera, as its entry kept it before version 1.2."""
    return [ENTITY_CAMERA | {"linked": [BELL], "only_when_woken": True}]


@pytest.fixture
def entry(hass: HomeAssistant, bell: er.RegistryEntry, entry: MockConfigEntry) -> MockConfigEntry:
    """The entry of before."""
    assert (entry.version, entry.minor_version) == (1, 1)
    return entry


def issue(hass: HomeAssistant) -> ir.IssueEntry | None:
    return ir.async_get(hass).async_get_issue(DOMAIN, "linked_gone_camera1")


async def test_an_entry_of_before_keeps_ids_and_entities(
    hass: HomeAssistant, loaded: MockConfigEntry, bell: er.RegistryEntry
) -> None:
    assert loaded.minor_version == 3
    assert loaded.subentries["camera1"].data["linked"] == [bell.id]
    assert hass.states.get("binary_sensor.driveway_person") is not None
    assert await hass.config_entries.async_reload(loaded.entry_id)
    assert loaded.subentries["camera1"].data["linked"] == [bell.id]


async def test_a_sensor_that_was_renamed_still_wakes_the_camera(
    hass: HomeAssistant, loaded: MockConfigEntry, camera: FakeCamera, bell: er.RegistryEntry
) -> None:
    assert camera.asked == 0, "nobody has woken it"
    er.async_get(hass).async_update_entity(BELL, new_entity_id="binary_sensor.front_bell")
    await hass.async_block_till_done()
    hass.states.async_set("binary_sensor.front_bell", "off")
    hass.states.async_set("binary_sensor.front_bell", "on")
    await hass.async_block_till_done()
    assert camera.asked > 0
    assert issue(hass) is None


async def test_a_camera_whose_sensors_are_gone_is_looked_at_all_the_same_and_an_issue_says_so(
    hass: HomeAssistant,
    loaded: MockConfigEntry,
    camera: FakeCamera,
    hass_client: ClientSessionGenerator,
) -> None:
    assert the_camera(loaded).pacer.interval(1e9) is None
    er.async_get(hass).async_remove(BELL)
    await hass.async_block_till_done()
    assert camera.asked > 0
    assert the_camera(loaded).pacer.interval(1e9) == 3600.0
    gone = issue(hass)
    assert gone is not None
    assert gone.translation_placeholders == {"camera": "Driveway"}
    answer = await fix(hass, hass_client, "linked_gone_camera1")
    assert answer["next_flow"][0] == "config_subentries_flow"
    hass.config_entries.async_update_subentry(
        loaded, loaded.subentries["camera1"], data=ENTITY_CAMERA
    )
    await hass.async_block_till_done()
    assert issue(hass) is None


class TestWithoutAnySensor:
    """A camera that was set up to be looked at only when woken, by nothing."""

    @pytest.fixture
    def cameras(self) -> list[dict[str, Any]]:
        return [ENTITY_CAMERA | {"linked": [], "only_when_woken": True}]

    async def test_it_is_looked_at(self, loaded: MockConfigEntry, client: FakeEngineClient) -> None:
        assert the_camera(loaded).pacer.interval(1e9) == 3600.0
        await look(the_camera(loaded))
        assert client.requests

    async def test_no_form_accepts_that_any_more(
        self, hass: HomeAssistant, loaded: MockConfigEntry, bell: er.RegistryEntry
    ) -> None:
        flow = await hass.config_entries.subentries.async_init(
            (loaded.entry_id, "camera"),
            context={"source": SOURCE_RECONFIGURE, "subentry_id": "camera1"},
        )
        configure = hass.config_entries.subentries.async_configure
        flow = await configure(flow["flow_id"], {"next_step_id": "change_entity"})
        asked = {
            "entity_id": "camera.driveway",
            "classes": ["person"],
            "interval": 5.0,
            "linked": [],
            "only_when_woken": True,
        }
        flow = await configure(flow["flow_id"], asked)
        assert flow["errors"] == {"linked": "no_sensor"}
        flow = await configure(flow["flow_id"], asked | {"linked": [BELL]})
        flow = await configure(flow["flow_id"], {})
        assert flow["reason"] == "reconfigure_successful"
        assert loaded.subentries["camera1"].data["linked"] == [bell.id]
