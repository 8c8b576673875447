"""A camera that turns: its zones, masks and issues."""

from base64 import b64encode
from typing import Any

import pytest
from camclassify_core import Box, KnownView
from camclassify_core.results import LIKENESS_BYTES
from homeassistant.core import HomeAssistant
from homeassistant.helpers import entity_registry as er
from homeassistant.helpers import issue_registry as ir
from pytest_homeassistant_custom_component.common import MockConfigEntry, async_capture_events
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator, WebSocketGenerator

from custom_components.camclassify.camera import look as camera_look
from custom_components.camclassify.const import DOMAIN, EVENT_LEFT

from .conftest import ENTITY_CAMERA
from .fake_engine import FakeEngineClient, detection
from .looks import look, state_of, the_camera
from .user import ask, fix

STREET, LAWN, PASSING = (bytes([each]) * LIKENESS_BYTES for each in (1, 2, 3))
SQUARE = [[0.2, 0.2], [0.8, 0.2], [0.8, 0.9], [0.2, 0.9]]
BOUNDS = Box(x0=0.2, y0=0.2, x1=0.8, y1=0.9)
TRIANGLE = [[0, 0], [0.1, 0], [0, 0.1]]
IN_PORCH = "binary_sensor.driveway_porch_person"


def told(likeness: bytes) -> str:
    return b64encode(likeness).decode()


@pytest.fixture
def cameras() -> list[dict[str, Any]]:
    """A camera with a zone in one view, and a mask in another."""
    zone = {"id": "01JZONE", "name": "Porch", "points": SQUARE, "classes": ["person"]}
    mask = {"points": TRIANGLE}
    return [
        ENTITY_CAMERA
        | {"zones": [zone | {"view": told(STREET)}], "masks": [mask | {"view": told(LAWN)}]}
    ]


@pytest.fixture
def entry(entry: MockConfigEntry, hass: HomeAssistant) -> MockConfigEntry:
    """An entry of today's version."""
    hass.config_entries.async_update_entry(entry, minor_version=3)
    return entry


async def turn(client: FakeEngineClient, entry: MockConfigEntry, *views: bytes) -> None:
    """Have the camera look at views, one after the other, and be seen to move before each."""
    for view in views:
        client.shows = PASSING
        await look(the_camera(entry))
        client.shows = bytes([4]) * LIKENESS_BYTES
        await look(the_camera(entry))
        client.shows = view
        await look(the_camera(entry), 3)


async def test_what_was_drawn_in_a_view_is_asked_about_for_all_until_the_camera_is_known_to_turn(
    loaded: MockConfigEntry, client: FakeEngineClient
) -> None:
    client.shows = STREET
    await look(the_camera(loaded), 3)
    _, request = client.requests[-1]
    assert (request.regions, request.masks) == ((BOUNDS,), (((0, 0), (0.1, 0), (0, 0.1)),))
    assert request.views == (KnownView(likeness=STREET), KnownView(likeness=LAWN))
    await turn(client, loaded, LAWN, STREET)
    _, request = client.requests[-1]
    assert (request.regions, request.masks) == ((), ())
    assert request.views == (
        KnownView(likeness=STREET, regions=(BOUNDS,)),
        KnownView(likeness=LAWN, masks=(((0, 0), (0.1, 0), (0, 0.1)),)),
    )


async def test_a_zone_is_off_while_the_camera_looks_elsewhere_and_nobody_left_it(
    hass: HomeAssistant, loaded: MockConfigEntry, client: FakeEngineClient
) -> None:
    departures = async_capture_events(hass, EVENT_LEFT)
    client.detections = (detection("person"),)
    await turn(client, loaded, STREET, LAWN, STREET)
    await look(the_camera(loaded), 6)
    assert state_of(hass, IN_PORCH).state == "on"
    client.shows = LAWN
    await look(the_camera(loaded), 2)
    assert state_of(hass, IN_PORCH).state == "off"
    await look(the_camera(loaded), 6)
    assert state_of(hass, IN_PORCH).state == "off"
    assert departures == []


async def test_the_panel_names_views_by_numbers_and_keeps_them_by_their_likeness(
    hass: HomeAssistant,
    loaded: MockConfigEntry,
    client: FakeEngineClient,
    hass_ws_client: WebSocketGenerator,
) -> None:
    await turn(client, loaded, STREET, LAWN, STREET)
    ws = await hass_ws_client()
    (camera,) = (await ask(ws, "cameras"))["result"]["cameras"]
    (zone,), (mask,) = camera["zones"], camera["masks"]
    assert camera["turns"]
    assert camera["view"] == zone["view"] != mask["view"]
    new = {"name": "Gate", "points": SQUARE, "view": mask["view"]}
    masks = [{"points": TRIANGLE, "view": None}, {"points": TRIANGLE, "view": 99}]
    answer = await ask(ws, "zones/save", camera="camera1", zones=[zone, new], masks=masks)
    assert [each["view"] for each in answer["result"]["zones"]] == [zone["view"], mask["view"]]
    assert [each["view"] for each in answer["result"]["masks"]] == [None, None]
    data = loaded.subentries["camera1"].data
    assert [each["view"] for each in data["zones"]] == [told(STREET), told(LAWN)]
    assert data["masks"] == [{"points": TRIANGLE}, {"points": TRIANGLE}]


async def test_the_panel_is_told_which_view_is_shown_and_that_the_camera_turns(
    loaded: MockConfigEntry, client: FakeEngineClient, hass_ws_client: WebSocketGenerator
) -> None:
    await turn(client, loaded, STREET)
    ws = await hass_ws_client()
    await ask(ws, "subscribe", camera="camera1")
    event = (await ws.receive_json())["event"]
    street = the_camera(loaded).views.number_of(STREET)
    assert (event["view"], event["turns"]) == (street, False)
    client.shows = LAWN
    await look(the_camera(loaded))
    event = (await ws.receive_json())["event"]
    assert event["view"] is None, "one picture may be damaged"


async def test_a_picture_is_given_out_for_the_view_that_it_shows_and_no_other(
    loaded: MockConfigEntry, client: FakeEngineClient, hass_client: ClientSessionGenerator
) -> None:
    await turn(client, loaded, STREET)
    street = the_camera(loaded).views.shown
    browser = await hass_client()

    async def status(query: str) -> int:
        response = await browser.get(f"/api/camclassify/live/camera1{query}")
        return int(response.status)

    assert [await status(each) for each in ("", f"?view={street}", "?view=", "?view=99")] == [
        200,
        200,
        404,
        404,
    ]
    client.shows = LAWN
    await look(the_camera(loaded))
    assert [await status(each) for each in ("", f"?view={street}", "?view=")] == [200, 404, 200]


async def test_zones_in_more_views_than_are_kept_are_refused(
    hass: HomeAssistant,
    loaded: MockConfigEntry,
    client: FakeEngineClient,
    hass_ws_client: WebSocketGenerator,
) -> None:
    ws = await hass_ws_client()
    zones: list[dict[str, Any]] = []
    for number in range(16):
        client.shows = bytes([10 + number]) * LIKENESS_BYTES
        await look(the_camera(loaded), 3)
        view = the_camera(loaded).views.shown
        zones.append({"name": str(number), "points": SQUARE, "view": view})
        answer = await ask(ws, "zones/save", camera="camera1", zones=zones, masks=[])
        await hass.async_block_till_done()
        zones = answer["result"]["zones"] if answer["success"] else zones
    assert answer["error"]["translation_key"] == "too_many_views"
    assert len(loaded.subentries["camera1"].data["zones"]) == 15


class TestZonesThatRest:
    """A camera that shows for long none of the views in which its zones were drawn."""

    @pytest.fixture(autouse=True)
    async def looks_elsewhere(
        self,
        loaded: MockConfigEntry,
        client: FakeEngineClient,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        """Turn a while, then away, and have some looks last as long as a day."""
        await turn(client, loaded, STREET, LAWN, STREET)
        monkeypatch.setattr(camera_look, "ZONES_MAY_REST", 0.001)
        client.shows = LAWN
        await look(the_camera(loaded), 6)

    def issue(self, hass: HomeAssistant) -> ir.IssueEntry | None:
        return ir.async_get(hass).async_get_issue(DOMAIN, "zones_rest_camera1")

    async def test_an_issue_says_so_until_the_camera_is_back(
        self, hass: HomeAssistant, loaded: MockConfigEntry, client: FakeEngineClient
    ) -> None:
        raised = self.issue(hass)
        assert raised
        assert raised.translation_placeholders == {"camera": "Driveway"}
        client.shows = STREET
        await look(the_camera(loaded), 2)
        assert self.issue(hass) is None

    async def test_its_fix_lets_all_that_was_drawn_hold_everywhere(
        self,
        hass: HomeAssistant,
        loaded: MockConfigEntry,
        client: FakeEngineClient,
        hass_client: ClientSessionGenerator,
    ) -> None:
        client.detections = (detection("person"),)
        before = er.async_get(hass).async_get(IN_PORCH)
        answer = await fix(hass, hass_client, "zones_rest_camera1")
        assert answer["type"] == "create_entry"
        await hass.async_block_till_done()
        assert self.issue(hass) is None
        await look(the_camera(loaded), 8)
        assert state_of(hass, IN_PORCH).state == "on"
        assert er.async_get(hass).async_get(IN_PORCH) == before

    async def test_there_is_none_where_a_zone_holds_in_every_view(
        self, hass: HomeAssistant, loaded: MockConfigEntry
    ) -> None:
        subentry = loaded.subentries["camera1"]
        (porch,) = subentry.data["zones"]
        gate = {"id": "01JGATE", "name": "Gate", "points": SQUARE}
        hass.config_entries.async_update_subentry(
            loaded, subentry, data={**subentry.data, "zones": [porch, gate]}
        )
        await hass.async_block_till_done()
        await look(the_camera(loaded), 6)
        assert self.issue(hass) is None
