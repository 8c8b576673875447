"""Adding and changing cameras."""

from base64 import b64encode
from http import HTTPStatus
from types import MappingProxyType
from typing import Any
from unittest.mock import patch

import pytest
from camclassify_core import EngineUnavailable
from camclassify_core.results import LIKENESS_BYTES
from homeassistant.config_entries import (
    SOURCE_RECONFIGURE,
    SOURCE_USER,
    ConfigSubentry,
    SubentryFlowResult,
)
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
from homeassistant.helpers import entity_registry as er
from pytest_homeassistant_custom_component.common import MockConfigEntry
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator

from custom_components.camclassify.flow.preview import DATA_PREVIEWS

from ..camera_server import CameraServer
from ..conftest import FakeCamera
from ..fake_engine import FakeEngineClient, detection, snapshot
from ..looks import registered

URL = "http://camera.local/snapshot.jpg"
COMMON = {
    "classes": ["person"],
    "interval": 2.0,
    "linked": [],
    "only_when_woken": False,
    "source": "automatic",
}
ADDRESS = {"url": URL, "authentication": "none", "verify_ssl": True}


@pytest.fixture
def cameras() -> list[dict[str, Any]]:
    """Begin without cameras."""
    return []


async def begin(hass: HomeAssistant, entry: MockConfigEntry, step: str) -> SubentryFlowResult:
    """Open the flow and choose in its menu."""
    result = await hass.config_entries.subentries.async_init(
        (entry.entry_id, "camera"), context={"source": SOURCE_USER}
    )
    assert result["type"] is FlowResultType.MENU
    return await hass.config_entries.subentries.async_configure(
        result["flow_id"], {"next_step_id": step}
    )


def shown_in(flow: SubentryFlowResult, placeholder: str) -> str:
    """Return a text that a form shows."""
    placeholders = flow["description_placeholders"]
    assert placeholders is not None
    return placeholders[placeholder]


def fields_of(flow: SubentryFlowResult) -> dict[Any, Any]:
    """Return the fields of a form."""
    assert flow["data_schema"] is not None
    fields: dict[Any, Any] = flow["data_schema"].schema
    return fields


async def submit(
    hass: HomeAssistant, flow: SubentryFlowResult, **user_input: Any
) -> SubentryFlowResult:
    """Fill in a form."""
    return await hass.config_entries.subentries.async_configure(flow["flow_id"], user_input)


async def test_a_camera_entity_is_shown_and_then_accepted(
    hass: HomeAssistant,
    loaded: MockConfigEntry,
    client: FakeEngineClient,
    hass_client: ClientSessionGenerator,
    hass_client_no_auth: ClientSessionGenerator,
) -> None:
    client.detections = (detection("person", 0.93),)
    flow = await begin(hass, loaded, "entities")
    flow = await submit(hass, flow, entity_id=["camera.driveway"], **COMMON)
    assert flow["step_id"] == "confirm"
    shown = shown_in(flow, "previews")
    assert shown.startswith("**Driveway**: Person 93%")
    url = shown.partition("(")[2].removesuffix(")")
    response = await (await hass_client_no_auth()).get(url)
    assert response.status == HTTPStatus.OK
    assert (await response.read()).endswith(b"boxes:1")
    unsigned = url.partition("?")[0]
    assert (await (await hass_client_no_auth()).get(unsigned)).status == HTTPStatus.UNAUTHORIZED
    signed_in = await hass_client()
    assert (await signed_in.get(unsigned[:-1] + "7")).status == HTTPStatus.NOT_FOUND

    flow = await submit(hass, flow)
    assert flow["type"] is FlowResultType.CREATE_ENTRY
    await hass.async_block_till_done()
    (subentry,) = loaded.subentries.values()
    assert subentry.title == "Driveway"
    assert subentry.data == {"entity_id": registered(hass, "camera.driveway").id, **COMMON}
    assert hass.states.get("binary_sensor.driveway_person") is not None
    assert hass.data[DATA_PREVIEWS] == {}
    assert (client.starts, client.stops) == (1, 0)
    assert client.options.classes == ("person",)


async def test_several_cameras_at_once(
    hass: HomeAssistant, loaded: MockConfigEntry, client: FakeEngineClient
) -> None:
    garden = FakeCamera()
    garden._attr_name, garden._attr_unique_id = "Garden", "garden"
    garden.entity_id = "camera.garden"
    await hass.data["entity_components"]["camera"].async_add_entities([garden])
    flow = await begin(hass, loaded, "entities")
    flow = await submit(hass, flow, entity_id=["camera.driveway", "camera.garden"], **COMMON)
    shown = shown_in(flow, "previews")
    assert shown.count("/api/camclassify/preview/") == 2
    flow = await submit(hass, flow)
    assert flow["type"] is FlowResultType.CREATE_ENTRY
    await hass.async_block_till_done()
    assert {subentry.title for subentry in loaded.subentries.values()} == {"Driveway", "Garden"}
    assert hass.states.get("binary_sensor.garden_person") is not None
    assert hass.states.get("binary_sensor.driveway_person") is not None

    flow = await begin(hass, loaded, "entities")
    selector = next(value for key, value in fields_of(flow).items() if key == "entity_id")
    assert set(selector.config["exclude_entities"]) == {"camera.driveway", "camera.garden"}
    flow = await submit(hass, flow, entity_id=[], **COMMON)
    assert flow["errors"] == {"entity_id": "no_cameras"}


async def test_a_camera_without_a_picture_is_not_accepted(
    hass: HomeAssistant, loaded: MockConfigEntry, camera: FakeCamera
) -> None:
    camera.picture = None
    flow = await begin(hass, loaded, "entities")
    flow = await submit(hass, flow, entity_id=["camera.driveway"], **COMMON)
    assert flow["errors"] == {"base": "camera_failed"}
    assert shown_in(flow, "camera") == "Driveway"
    camera.picture = snapshot()
    flow = await submit(hass, flow, entity_id=["camera.driveway"], **COMMON)
    assert flow["step_id"] == "confirm"


async def test_an_address_is_tried_and_then_accepted(
    hass: HomeAssistant, loaded: MockConfigEntry, server: CameraServer
) -> None:
    data = {**ADDRESS, **COMMON, "url": server.url}
    flow = await begin(hass, loaded, "address")
    flow = await submit(hass, flow, name="Porch", **data)
    assert "**Porch**: -" in shown_in(flow, "previews")
    flow = await submit(hass, flow)
    assert flow["type"] is FlowResultType.CREATE_ENTRY
    await hass.async_block_till_done()
    (subentry,) = loaded.subentries.values()
    assert (subentry.title, subentry.unique_id, subentry.data) == ("Porch", server.url, data)

    flow = await begin(hass, loaded, "address")
    flow = await submit(hass, flow, name="Porch", **data)
    assert flow["errors"] == {"base": "already_configured"}


@pytest.mark.parametrize(
    ("changes", "errors"),
    [
        ({"url": "ftp://camera.local"}, {"url": "invalid_url"}),
        ({"url": "http://"}, {"url": "invalid_url"}),
        ({"url": "http://[camera"}, {"url": "invalid_url"}),
        ({"authentication": "basic"}, {"username": "username_missing"}),
        ({"authentication": "basic", "username": "a:b"}, {"username": "username_colon"}),
        ({"classes": []}, {"classes": "no_classes"}),
        ({"url": "http://127.0.0.1:9/"}, {"base": "cannot_connect"}),
    ],
)
async def test_a_form_filled_in_wrongly_says_what_to_do(
    hass: HomeAssistant,
    loaded: MockConfigEntry,
    server: CameraServer,
    changes: dict[str, Any],
    errors: dict[str, str],
) -> None:
    flow = await begin(hass, loaded, "address")
    data = {"name": "Porch", **ADDRESS, **COMMON, "url": server.url}
    flow = await submit(hass, flow, **data | changes)
    assert flow["errors"] == errors
    flow = await submit(hass, flow, **data)
    flow = await submit(hass, flow)
    assert flow["type"] is FlowResultType.CREATE_ENTRY


@pytest.mark.parametrize(
    ("behaviour", "reason"),
    [
        ({"status": 401}, "invalid_auth"),
        ({"status": 404}, "http_status"),
        ({"body": b""}, "empty_answer"),
        ({"body": b"<html>"}, "web_page"),
        ({"body": snapshot() + bytes(33 * 1024 * 1024)}, "too_large"),
        ({"body": snapshot() + b"corrupt"}, "bad_picture"),
        ({"hang": True}, "camera_timeout"),
    ],
    ids=["401", "404", "empty", "html", "33 MB", "corrupt", "hangs"],
)
async def test_an_address_without_a_picture_is_not_accepted(
    hass: HomeAssistant,
    loaded: MockConfigEntry,
    server: CameraServer,
    behaviour: dict[str, Any],
    reason: str,
) -> None:
    before = dict(vars(server))
    vars(server).update(behaviour)
    data = {"name": "Porch", **ADDRESS, **COMMON, "url": server.url}
    flow = await begin(hass, loaded, "address")
    with patch("custom_components.camclassify.camera.address.SNAPSHOT_TIMEOUT", 0.5):
        flow = await submit(hass, flow, **data)
    assert flow["errors"] == {"base": reason}
    assert shown_in(flow, "camera") == "Porch"
    vars(server).update(before)
    flow = await submit(hass, flow, **data)
    flow = await submit(hass, flow)
    assert flow["type"] is FlowResultType.CREATE_ENTRY


async def test_a_camera_is_not_accepted_while_the_engine_is_away(
    hass: HomeAssistant, loaded: MockConfigEntry, client: FakeEngineClient
) -> None:
    client.classify_error = EngineUnavailable("The worker is restarting.")
    flow = await begin(hass, loaded, "entities")
    flow = await submit(hass, flow, entity_id=["camera.driveway"], **COMMON)
    assert flow["errors"] == {"base": "engine_unavailable"}
    assert shown_in(flow, "error") == "The worker is restarting."
    client.classify_error = None
    flow = await submit(hass, flow, entity_id=["camera.driveway"], **COMMON)
    assert flow["step_id"] == "confirm"


async def test_the_flow_needs_a_running_engine(
    hass: HomeAssistant, entry: MockConfigEntry, client: FakeEngineClient
) -> None:
    result = await hass.config_entries.subentries.async_init(
        (entry.entry_id, "camera"), context={"source": SOURCE_USER}
    )
    assert result["reason"] == "not_loaded"


class TestChanging:
    """A camera that is set up already."""

    @pytest.fixture
    def cameras(self, server: CameraServer) -> list[dict[str, Any]]:
        """Begin with an entity and an address."""
        return [
            {"entity_id": "camera.driveway", **COMMON},
            {
                **ADDRESS,
                **COMMON,
                "url": server.url,
                "username": "me",
                "password": "old",
                "masks": [[[0, 0], [1, 0], [0, 1]]],
            },
        ]

    async def change(
        self, hass: HomeAssistant, entry: MockConfigEntry, key: str, step: str
    ) -> SubentryFlowResult:
        """Open the flow and choose in its menu."""
        result = await hass.config_entries.subentries.async_init(
            (entry.entry_id, "camera"),
            context={"source": SOURCE_RECONFIGURE, "subentry_id": key},
        )
        assert step in result["menu_options"]
        return await hass.config_entries.subentries.async_configure(
            result["flow_id"], {"next_step_id": step}
        )

    async def test_classes_and_interval_of_an_entity(
        self, hass: HomeAssistant, loaded: MockConfigEntry
    ) -> None:
        flow = await self.change(hass, loaded, "camera1", "change_entity")
        flow = await submit(hass, flow, entity_id="camera.driveway", classes=["dog"], interval=5.0)
        flow = await submit(hass, flow)
        assert flow["reason"] == "reconfigure_successful"
        await hass.async_block_till_done()
        assert hass.states.get("binary_sensor.driveway_dog") is not None
        assert hass.states.get("binary_sensor.driveway_animal") is not None
        assert hass.states.get("binary_sensor.driveway_person") is None
        assert er.async_get(hass).async_get("binary_sensor.driveway_person") is None

    async def test_an_entity_without_a_picture_leaves_the_camera_as_it_was(
        self, hass: HomeAssistant, loaded: MockConfigEntry, camera: FakeCamera
    ) -> None:
        before = loaded.subentries["camera1"].data
        camera.picture = None
        flow = await self.change(hass, loaded, "camera1", "change_entity")
        flow = await submit(hass, flow, entity_id="camera.driveway", **COMMON | {"classes": []})
        assert flow["errors"] == {"classes": "no_classes"}
        flow = await submit(hass, flow, entity_id="camera.driveway", **COMMON)
        assert flow["errors"] == {"base": "camera_failed"}
        assert loaded.subentries["camera1"].data == before
        camera.picture = snapshot()
        flow = await submit(hass, flow, entity_id="camera.driveway", **COMMON)
        flow = await submit(hass, flow)
        assert flow["reason"] == "reconfigure_successful"

    async def test_an_address_that_another_camera_has(
        self, hass: HomeAssistant, loaded: MockConfigEntry
    ) -> None:
        other = ConfigSubentry(
            data=MappingProxyType({**ADDRESS, **COMMON}),
            subentry_type="camera",
            title="Gate",
            unique_id=URL,
        )
        hass.config_entries.async_add_subentry(loaded, other)
        flow = await self.change(hass, loaded, "camera2", "change_address")
        flow = await submit(hass, flow, **ADDRESS, **COMMON)
        assert flow["errors"] == {"base": "already_configured"}
        flow = await submit(hass, flow, **ADDRESS | {"url": "camera.local"}, **COMMON)
        assert flow["errors"] == {"url": "invalid_url"}

    async def test_credentials_of_an_address(
        self, hass: HomeAssistant, loaded: MockConfigEntry, server: CameraServer
    ) -> None:
        server.authentication = "digest"
        asked = {**ADDRESS, **COMMON, "url": server.url}
        flow = await self.change(hass, loaded, "camera2", "change_address")
        flow = await submit(hass, flow, **asked)
        assert flow["errors"] == {"base": "invalid_auth"}
        asked |= {"authentication": "digest", "username": "me", "password": "secret"}
        flow = await submit(hass, flow, **asked)
        flow = await submit(hass, flow)
        assert flow["reason"] == "reconfigure_successful"
        await hass.async_block_till_done()
        kept = {"masks": [{"points": [[0, 0], [1, 0], [0, 1]]}]}
        assert loaded.subentries["camera2"].data == asked | kept

    async def test_an_integration_that_is_not_running_cannot_be_changed(
        self, hass: HomeAssistant, loaded: MockConfigEntry
    ) -> None:
        await hass.config_entries.async_unload(loaded.entry_id)
        flow = await hass.config_entries.subentries.async_init(
            (loaded.entry_id, "camera"),
            context={"source": SOURCE_RECONFIGURE, "subentry_id": "camera1"},
        )
        assert flow["reason"] == "not_loaded"

    async def test_zones_and_masks_as_text_keep_their_views(
        self, hass: HomeAssistant, loaded: MockConfigEntry
    ) -> None:
        subentry = loaded.subentries["camera1"]
        points, view = [[0, 0], [1, 0], [1, 1]], b64encode(bytes(LIKENESS_BYTES)).decode()
        hass.config_entries.async_update_subentry(
            loaded,
            subentry,
            data={
                **subentry.data,
                "zones": [{"id": "1", "name": "Porch", "points": points, "view": view}],
                "masks": [{"points": points, "view": view}, {"points": points[::-1]}],
            },
        )
        flow = await self.change(hass, loaded, "camera1", "zones")
        flow = await submit(
            hass, flow, zones="Porch: 0,0 1,0 1,0.5", masks="1,1 1,0 0,0\n0,0 1,0 1,1\n0,0 1,0 0,1"
        )
        assert flow["reason"] == "reconfigure_successful"
        data = loaded.subentries["camera1"].data
        assert [zone["view"] for zone in data["zones"]] == [view]
        assert [mask.get("view") for mask in data["masks"]] == [None, view, None]

    async def test_zones_as_text(
        self, hass: HomeAssistant, loaded: MockConfigEntry, client: FakeEngineClient
    ) -> None:
        flow = await self.change(hass, loaded, "camera1", "zones")
        flow = await submit(hass, flow, zones="Porch 0,0 1,1")
        assert flow["errors"] == {"base": "zone_syntax"}
        flow = await submit(hass, flow, zones="Porch: 0;0 1;0 1;1")
        assert flow["errors"] == {"base": "zone_syntax"}
        flow = await submit(hass, flow, zones="Porch: 0,0 1,1")
        assert flow["errors"] == {"base": "polygon_too_few_points"}
        assert flow["description_placeholders"] == {"zone": "Porch"}
        flow = await submit(hass, flow, zones="Porch: 0,0 1,0 1,1", masks="0,0 0.1,0 0,0.1")
        assert flow["reason"] == "reconfigure_successful"
        await hass.async_block_till_done()
        (zone,) = loaded.subentries["camera1"].data["zones"]
        assert (zone["name"], zone["points"]) == ("Porch", [[0, 0], [1, 0], [1, 1]])
        assert hass.states.get("binary_sensor.driveway_porch_person") is not None

        flow = await self.change(hass, loaded, "camera1", "zones")
        suggested = {key: key.description for key in fields_of(flow)}
        assert suggested["zones"] == {"suggested_value": "Porch: 0,0 1,0 1,1"}
        flow = await submit(hass, flow, zones="Porch: 0,0 1,0 1,0.5")
        await hass.async_block_till_done()
        (moved,) = loaded.subentries["camera1"].data["zones"]
        assert moved["id"] == zone["id"]
        assert (client.starts, client.stops) == (1, 0)

    @pytest.mark.parametrize(
        ("zones", "masks", "reason"),
        [
            (": 0,0 1,0 1,1", "", "zone_without_name"),
            ("Porch: 0,0 1,0 1,1\nporch: 0,0 1,0 1,1", "", "zone_name_twice"),
            ("\n".join(f"{n}: 0,0 1,0 1,1" for n in range(33)), "", "too_many_zones"),
            ("Porch: 0,0 2,0 1,1", "", "polygon_outside"),
            ("Porch: 0,0 1,1 1,0 0,1", "", "polygon_crosses_itself"),
            ("", "0,0 1,1", "polygon_too_few_points"),
            ("", "top left", "zone_syntax"),
        ],
    )
    async def test_zones_as_text_that_cannot_be_kept(
        self, hass: HomeAssistant, loaded: MockConfigEntry, zones: str, masks: str, reason: str
    ) -> None:
        flow = await self.change(hass, loaded, "camera1", "zones")
        flow = await submit(hass, flow, zones=zones, masks=masks)
        assert flow["errors"] == {"base": reason}
        flow = await submit(hass, flow, zones="Porch: 0,0 1,0 1,1")
        assert flow["reason"] == "reconfigure_successful"
