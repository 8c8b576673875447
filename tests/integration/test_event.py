"""Arrivals and departures: the event entity, the bus, the evidence and the logbook."""

from http import HTTPStatus
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest
from camclassify_core import EngineUnavailable
from camclassify_core.results import LIKENESS_BYTES
from homeassistant.const import MATCH_ALL, STATE_OFF, STATE_ON, STATE_UNKNOWN
from homeassistant.core import HomeAssistant
from homeassistant.helpers import entity_registry as er
from pytest_homeassistant_custom_component.common import MockConfigEntry, async_capture_events
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator

from custom_components.camclassify.const import EVENT_ARRIVED, EVENT_LEFT

from .conftest import ENTITY_CAMERA, FakeCamera
from .fake_engine import FakeEngineClient, detection
from .looks import device_of, look, state_of, the_camera

EVENTS = "event.driveway_arrivals_and_departures"
IMAGE = "image.driveway_latest_arrival"


async def test_an_arrival_is_told_once_with_its_evidence_written_first(
    hass: HomeAssistant,
    loaded: MockConfigEntry,
    client: FakeEngineClient,
    hass_client: ClientSessionGenerator,
) -> None:
    arrivals = async_capture_events(hass, EVENT_ARRIVED)
    changes = async_capture_events(hass, "state_changed")
    everything = async_capture_events(hass, MATCH_ALL)
    client.detections = (detection("person"),)
    await look(the_camera(loaded), 8)
    state = state_of(hass, EVENTS)
    assert state.attributes["event_type"] == "person_arrived"
    assert state.attributes["class"] == "person"
    assert state.attributes["zone"] is None
    assert state.attributes["score"] == pytest.approx(0.9)
    (arrival,) = arrivals
    assert arrival.data["entity_id"] == EVENTS
    assert arrival.data["camera"] == "Driveway"
    snapshot_id = state.attributes["snapshot_id"]
    assert state.attributes["snapshot_url"] == f"/api/camclassify/snapshot/{snapshot_id}"
    kept = loaded.runtime_data.evidence
    assert (await kept.async_read(snapshot_id)).endswith(b"boxes:1")
    assert not (await kept.async_read(snapshot_id, drawn=False)).endswith(b"boxes:1")
    shown = await (await hass_client()).get(f"/api/image_proxy/{IMAGE}")
    assert await shown.read() == await kept.async_read(snapshot_id)
    order = [each.data["entity_id"] for each in changes]
    assert order.index(IMAGE) < order.index(EVENTS)
    assert order.index("binary_sensor.driveway_person") < order.index(EVENTS)
    told = [each.event_type for each in everything if each.data.get("entity_id") == EVENTS]
    assert told == ["state_changed", EVENT_ARRIVED], "the bus hears of it last"


async def test_browsers_are_told_what_a_picture_is_on_which_nothing_could_be_drawn(
    loaded: MockConfigEntry,
    camera: FakeCamera,
    client: FakeEngineClient,
    hass_client: ClientSessionGenerator,
) -> None:
    camera.picture = b"\x89PNG\r\n\x1a\n"
    client.detections = (detection("person"),)
    client.draw_error = EngineUnavailable("It is away.")
    await look(the_camera(loaded), 8)
    shown = await (await hass_client()).get(f"/api/image_proxy/{IMAGE}")
    assert shown.content_type == "image/png"


async def test_a_departure_names_the_snapshot_of_the_arrival(
    hass: HomeAssistant, loaded: MockConfigEntry, client: FakeEngineClient
) -> None:
    departures = async_capture_events(hass, EVENT_LEFT)
    client.detections = (detection("person"),)
    await look(the_camera(loaded), 6)
    snapshot_id = state_of(hass, EVENTS).attributes["snapshot_id"]
    client.detections = ()
    await look(the_camera(loaded), 60)
    assert state_of(hass, EVENTS).attributes["event_type"] == "person_left"
    (departure,) = departures
    assert departure.data["snapshot_id"] == snapshot_id


async def test_a_camera_that_turns_away_tells_of_no_departure(
    hass: HomeAssistant, loaded: MockConfigEntry, client: FakeEngineClient
) -> None:
    departures = async_capture_events(hass, EVENT_LEFT)
    street, lawn = (bytes([each]) * LIKENESS_BYTES for each in (1, 2))

    def asked() -> tuple[bytes, ...]:
        return tuple(view.likeness for view in client.requests[-1][1].views)

    client.detections = (detection("person"),)
    client.shows = street
    await look(the_camera(loaded), 8)
    assert asked() == (street,)
    assert state_of(hass, "binary_sensor.driveway_person").state == STATE_ON
    client.detections = ()
    client.shows = lawn
    await look(the_camera(loaded), 2)
    assert asked() == (street,)
    assert state_of(hass, "binary_sensor.driveway_person").state == STATE_OFF
    await look(the_camera(loaded))
    assert asked() == (lawn, street)
    client.detections = (detection("person"),)
    client.shows = street
    await look(the_camera(loaded), 2)
    assert state_of(hass, "binary_sensor.driveway_person").state == STATE_ON
    assert departures == []


async def test_the_bus_event_names_a_picture_that_needs_no_sign_in(
    hass: HomeAssistant,
    loaded: MockConfigEntry,
    client: FakeEngineClient,
    hass_client_no_auth: ClientSessionGenerator,
) -> None:
    arrivals = async_capture_events(hass, EVENT_ARRIVED)
    client.detections = (detection("person"),)
    await look(the_camera(loaded), 6)
    (arrival,) = arrivals
    browser = await hass_client_no_auth()
    assert (await browser.get(arrival.data["snapshot_url"])).status == HTTPStatus.UNAUTHORIZED
    signed = await browser.get(arrival.data["signed_url"])
    assert await signed.read() == b"picture of 1280", "as large as phones and TVs take"
    whole = await browser.get(f"{arrival.data['signed_url']}&width=9999")
    assert (await whole.read()).endswith(b"boxes:1")
    assert "signed_url" not in state_of(hass, EVENTS).attributes


async def test_the_bus_hears_of_arrivals_whose_event_entity_is_disabled(
    hass: HomeAssistant, loaded: MockConfigEntry, client: FakeEngineClient
) -> None:
    er.async_get(hass).async_update_entity(EVENTS, disabled_by=er.RegistryEntryDisabler.USER)
    await hass.async_block_till_done()
    assert hass.states.get(EVENTS) is None
    arrivals = async_capture_events(hass, EVENT_ARRIVED)
    client.detections = (detection("person"),)
    await look(the_camera(loaded), 6)
    (arrival,) = arrivals
    assert arrival.data["camera"] == "Driveway"
    assert arrival.data["device_id"] == device_of(hass, loaded)
    assert arrival.data["entity_id"] == EVENTS
    er.async_get(hass).async_remove(EVENTS)
    client.detections = (*client.detections, detection("delivery_truck"))
    await look(the_camera(loaded), 6)
    assert [each.data["entity_id"] for each in arrivals[1:]] == [None, None]


async def test_the_event_stays_available_without_pictures(
    hass: HomeAssistant, loaded: MockConfigEntry, camera: FakeCamera
) -> None:
    camera.picture = None
    await look(the_camera(loaded), 3)
    assert state_of(hass, EVENTS).state == STATE_UNKNOWN
    assert state_of(hass, IMAGE).state == STATE_UNKNOWN


async def test_evidence_without_a_worker_is_the_plain_snapshot(
    hass: HomeAssistant, loaded: MockConfigEntry, client: FakeEngineClient
) -> None:
    client.draw_error = EngineUnavailable("The worker is restarting.")
    client.detections = (detection("person"),)
    await look(the_camera(loaded), 6)
    kept = loaded.runtime_data.evidence
    snapshot_id = state_of(hass, EVENTS).attributes["snapshot_id"]
    drawn = await kept.async_read(snapshot_id)
    assert drawn == await kept.async_read(snapshot_id, drawn=False)


async def test_an_arrival_is_told_without_a_picture_where_the_disk_is_full(
    hass: HomeAssistant, loaded: MockConfigEntry, client: FakeEngineClient
) -> None:
    arrivals = async_capture_events(hass, EVENT_ARRIVED)
    client.detections = (detection("person"),)
    with patch.object(Path, "write_bytes", side_effect=OSError(28, "No space left on device")):
        await look(the_camera(loaded), 8)
    (arrival,) = arrivals
    assert (arrival.data["class"], arrival.data["snapshot_id"]) == ("person", None)
    assert arrival.data["signed_url"] is None
    assert state_of(hass, IMAGE).state == STATE_UNKNOWN
    client.detections = ()
    await look(the_camera(loaded), 60)
    assert state_of(hass, EVENTS).attributes["event_type"] == "person_left"


async def test_who_was_there_before_a_reload_does_not_arrive_again(
    hass: HomeAssistant, loaded: MockConfigEntry, client: FakeEngineClient
) -> None:
    client.detections = (detection("delivery_truck"),)
    await look(the_camera(loaded), 20)
    arrivals = async_capture_events(hass, EVENT_ARRIVED)
    assert await hass.config_entries.async_reload(loaded.entry_id)
    await look(the_camera(loaded), 10)
    assert state_of(hass, "binary_sensor.driveway_delivery_truck").state == "on"
    assert not arrivals


async def test_an_arrival_is_two_lines_in_activity(
    hass: HomeAssistant, loaded: MockConfigEntry, client: FakeEngineClient
) -> None:
    """That somebody is there, and the event; Activity leaves out images and what is measured."""
    await look(the_camera(loaded), 2)
    changes = async_capture_events(hass, "state_changed")
    client.detections = (detection("person"),)
    await look(the_camera(loaded), 8)
    lines = [each.data["entity_id"] for each in changes if each.data["new_state"].domain != "image"]
    assert lines == ["binary_sensor.driveway_person", EVENTS]


async def test_a_snapshot_that_the_user_keeps_is_not_the_latest_arrival(
    hass: HomeAssistant, loaded: MockConfigEntry, client: FakeEngineClient
) -> None:
    client.detections = (detection("person"),)
    await look(the_camera(loaded), 6)
    shown = state_of(hass, IMAGE).state
    await the_camera(loaded).async_keep_snapshot()
    await look(the_camera(loaded), 2)
    assert state_of(hass, IMAGE).state == shown


async def test_a_departure_names_the_snapshot_of_an_arrival_before_a_restart(
    hass: HomeAssistant, loaded: MockConfigEntry, client: FakeEngineClient
) -> None:
    client.detections = (detection("person"),)
    await look(the_camera(loaded), 20)
    snapshot_id = state_of(hass, EVENTS).attributes["snapshot_id"]
    departures = async_capture_events(hass, EVENT_LEFT)
    assert await hass.config_entries.async_reload(loaded.entry_id)
    client.detections = ()
    await look(the_camera(loaded), 150)
    assert [each.data["snapshot_id"] for each in departures] == [snapshot_id]


class TestWithZones:
    """A camera with a drawn zone."""

    @pytest.fixture
    def cameras(self) -> list[dict[str, Any]]:
        zone = {
            "id": "01JZONE",
            "name": "Porch",
            "points": [[0.3, 0.6], [0.7, 0.6], [0.7, 1], [0.3, 1]],
        }
        return [ENTITY_CAMERA | {"zones": [zone]}]

    async def test_arrivals_are_told_of_the_zone_and_not_twice(
        self,
        hass: HomeAssistant,
        all_entities: None,
        loaded: MockConfigEntry,
        client: FakeEngineClient,
    ) -> None:
        arrivals = async_capture_events(hass, EVENT_ARRIVED)
        client.detections = (detection("person"),)
        await look(the_camera(loaded), 8)
        assert [each.data["zone"] for each in arrivals] == ["Porch"]
        assert state_of(hass, "binary_sensor.driveway_porch_person").state == "on"
        assert state_of(hass, "binary_sensor.driveway_person").state == "on"
        assert state_of(hass, "sensor.driveway_porch_person_last_seen").state != STATE_UNKNOWN
