"""What the panel asks and saves."""

import asyncio
from http import HTTPStatus
from typing import Any

import pytest
from camclassify_core import Box, EngineUnavailable, Window
from camclassify_core.examples import Example
from homeassistant.core import HomeAssistant
from homeassistant.helpers import entity_registry as er
from pytest_homeassistant_custom_component.common import MockConfigEntry, async_capture_events
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator, WebSocketGenerator

from custom_components.camclassify.teaching.lessons import MAX_EXAMPLES

from ..conftest import FakeCamera
from ..fake_engine import FakeEngineClient, detection
from ..looks import device_of, look, state_of, the_camera
from ..user import ask, call

SQUARE = [[0.2, 0.2], [0.8, 0.2], [0.8, 0.9], [0.2, 0.9]]
PORCH = {"name": "Porch", "points": SQUARE}
MASK = {"points": SQUARE[:3]}
COMMANDS: dict[str, dict[str, Any]] = {
    "cameras": {},
    "subscribe": {"camera": "camera1"},
    "zones/save": {"camera": "camera1", "zones": [], "masks": []},
    "snapshots": {"camera": "camera1"},
    "examples": {},
    "examples/export": {},
    "examples/import": {"examples": []},
}


async def test_cameras_are_listed(
    hass: HomeAssistant, loaded: MockConfigEntry, hass_ws_client: WebSocketGenerator
) -> None:
    answer = await ask(await hass_ws_client(), "cameras")
    assert answer["success"]
    assert answer["result"]["cameras"] == [
        {
            "id": "camera1",
            "name": "Driveway",
            "device": device_of(hass, loaded),
            "picture": "/api/camclassify/live/camera1",
            "classes": ["delivery_truck", "person", "vehicle"],
            "zones": [],
            "masks": [],
            "thresholds": {},
            "view": None,
            "turns": False,
        }
    ]
    fox = next(each for each in answer["result"]["classes"] if each["name"] == "fox")
    assert fox["threshold"]["night"] == 0.45


async def test_what_is_sent_outlives_a_reload(
    hass: HomeAssistant,
    loaded: MockConfigEntry,
    client: FakeEngineClient,
    hass_ws_client: WebSocketGenerator,
) -> None:
    ws = await hass_ws_client()
    assert (await ask(ws, "subscribe", camera="camera1"))["success"]
    assert (await ws.receive_json())["type"] == "event"
    client.size = (640, 360)
    assert await hass.config_entries.async_reload(loaded.entry_id)
    await look(the_camera(loaded), 2)
    async with asyncio.timeout(5):
        while (await ws.receive_json())["event"]["size"] != [640, 360]:
            pass


async def test_a_zone_has_an_id_that_the_camera_gave_it(
    hass: HomeAssistant, loaded: MockConfigEntry, hass_ws_client: WebSocketGenerator
) -> None:
    ws = await hass_ws_client()
    saved = {"camera": "camera1", "masks": []}
    zones = [{**PORCH, "id": "frame"}, {**PORCH, "id": "frame", "name": "Twice"}]
    kept = (await ask(ws, "zones/save", zones=zones, **saved))["result"]["zones"]
    assert len({"frame", *(each["id"] for each in kept)}) == 3
    await hass.async_block_till_done()
    twice = [kept[0], {**kept[0], "name": "Again"}]
    again = (await ask(ws, "zones/save", zones=twice, **saved))["result"]["zones"]
    assert again[0]["id"] == kept[0]["id"]
    assert again[1]["id"] not in {each["id"] for each in kept}


async def test_the_live_view_shows_nothing_while_the_camera_is_off(
    hass: HomeAssistant, loaded: MockConfigEntry, hass_client: ClientSessionGenerator
) -> None:
    browser = await hass_client()
    await look(the_camera(loaded))
    assert (await browser.get("/api/camclassify/live/camera1")).status == 200
    switch = {"entity_id": "switch.driveway_classification"}
    await hass.services.async_call("switch", "turn_off", switch, blocking=True)
    assert (await browser.get("/api/camclassify/live/camera1")).status == 404


async def test_what_a_camera_sees_is_sent_after_every_look(
    hass: HomeAssistant,
    loaded: MockConfigEntry,
    client: FakeEngineClient,
    hass_ws_client: WebSocketGenerator,
) -> None:
    client.detections = (detection("person"),)
    await look(the_camera(loaded), 6)
    ws = await hass_ws_client()
    assert (await ask(ws, "subscribe", camera="camera1"))["success"]
    seen = (await ws.receive_json())["event"]
    assert seen["size"] == [1920, 1080]
    (person,) = seen["objects"]
    assert (person["class"], person["box"]) == ("person", [0.4, 0.3, 0.6, 0.8])
    assert person["visible"]
    client.detections = ()
    await look(the_camera(loaded))
    (person,) = (await ws.receive_json())["event"]["objects"]
    assert not person["visible"]


async def test_what_was_looked_at_is_sent_until_something_else_is(
    hass: HomeAssistant,
    loaded: MockConfigEntry,
    camera: FakeCamera,
    client: FakeEngineClient,
    hass_ws_client: WebSocketGenerator,
) -> None:
    ws = await hass_ws_client()
    await ask(ws, "subscribe", camera="camera1")
    assert (await ws.receive_json())["event"]["looked_at"] is None

    async def looked_at() -> dict[str, Any]:
        await look(the_camera(loaded))
        seen: dict[str, Any] = (await ws.receive_json())["event"]["looked_at"]
        return seen

    def window(x0: float, x1: float) -> Window:
        return Window(region=Box(x0=x0, y0=0.0, x1=x1, y1=1.0), width=416, height=416)

    client.windows = (window(0.0, 0.5), window(0.4, 0.9))
    client.proposals = (Box(x0=0.1, y0=0.2, x1=0.3, y1=0.4),)
    both = await looked_at()
    assert both["proposals"] == [[0.1, 0.2, 0.3, 0.4]]
    assert both["windows"] == [[0.0, 0.0, 0.5, 1.0], [0.4, 0.0, 0.9, 1.0]]
    client.gate_is_open = False
    assert await looked_at() == both
    client.gate_is_open, client.windows = True, (window(0.2, 0.3),)
    camera.changes = False
    one = await looked_at()
    assert one["windows"] == [[0.2, 0.0, 0.3, 1.0]]
    assert one["taken_at"] > both["taken_at"]
    client.gate_is_open = False  # the engine is done with these bytes
    assert await looked_at() == one
    assert await looked_at() == one, "these very bytes were not looked at again"


async def test_zones_apply_live_keep_their_entities_and_take_them_along(
    hass: HomeAssistant,
    loaded: MockConfigEntry,
    client: FakeEngineClient,
    hass_ws_client: WebSocketGenerator,
) -> None:
    client.detections = (detection("person"),)
    await look(the_camera(loaded), 6)
    changes = async_capture_events(hass, "state_changed")
    ws = await hass_ws_client()
    answer = await ask(ws, "zones/save", camera="camera1", zones=[PORCH], masks=[MASK])
    await hass.async_block_till_done()
    (zone,) = answer["result"]["zones"]
    assert loaded.subentries["camera1"].data["masks"] == [MASK]
    registry = er.async_get(hass)
    entity_id = registry.async_get_entity_id(
        "binary_sensor", "camclassify", f"camera1-{zone['id']}-person"
    )
    assert entity_id == "binary_sensor.driveway_porch_person"
    assert state_of(hass, entity_id).name == "Driveway Porch person"

    await ask(ws, "zones/save", camera="camera1", zones=[zone | {"name": "Front door"}], masks=[])
    await hass.async_block_till_done()
    assert state_of(hass, entity_id).name == "Driveway Front door person"

    await ask(ws, "zones/save", camera="camera1", zones=[], masks=[])
    await hass.async_block_till_done()
    assert registry.async_get(entity_id) is None
    assert (client.starts, client.stops) == (1, 0)
    whole = [
        each.data["new_state"].state
        for each in changes
        if each.data["entity_id"] == "binary_sensor.driveway_person" and each.data["new_state"]
    ]
    assert set(whole) <= {"on"}


async def test_thresholds_apply_live_zone_over_camera_over_bundle(
    hass: HomeAssistant,
    loaded: MockConfigEntry,
    client: FakeEngineClient,
    hass_ws_client: WebSocketGenerator,
) -> None:
    client.detections = (detection("person", 0.7),)
    ws = await hass_ws_client()
    strict = {"person": {"day": 0.95}}
    await ask(ws, "zones/save", camera="camera1", zones=[PORCH], masks=[], thresholds=strict)
    await hass.async_block_till_done()
    await look(the_camera(loaded), 20)
    assert state_of(hass, "binary_sensor.driveway_porch_person").state == "off"
    lenient = PORCH | {
        "id": loaded.subentries["camera1"].data["zones"][0]["id"],
        "thresholds": {"person": {"day": 0.4}},
    }
    answer = await ask(ws, "zones/save", camera="camera1", zones=[lenient], masks=[])
    assert answer["result"]["thresholds"] == strict
    await hass.async_block_till_done()
    await look(the_camera(loaded), 20)
    assert state_of(hass, "binary_sensor.driveway_porch_person").state == "on"
    assert state_of(hass, "binary_sensor.driveway_person").state == "off"


@pytest.mark.parametrize(
    ("zones", "masks", "reason"),
    [
        ([PORCH | {"points": SQUARE[:2]}], [], "polygon_too_few_points"),
        ([PORCH | {"points": [[0, 0], [2, 0], [0, 1]]}], [], "polygon_outside"),
        ([PORCH | {"points": [[0, 0], [1, 1], [1, 0], [0, 1]]}], [], "polygon_crosses_itself"),
        ([PORCH | {"points": [[0, 0]] * 65}], [], "polygon_too_many_points"),
        ([PORCH | {"points": [[0, 0], [1e-4, 0], [0, 1e-4]]}], [], "polygon_no_area"),
        ([PORCH | {"name": " "}], [], "zone_without_name"),
        ([PORCH, PORCH | {"name": "porch"}], [], "zone_name_twice"),
        ([PORCH | {"classes": ["dragon"]}], [], "unknown_class"),
        ([PORCH | {"thresholds": {"dragon": {"day": 0.5}}}], [], "unknown_class"),
        ([PORCH | {"name": str(number)} for number in range(33)], [], "too_many_zones"),
        ([], [{"points": SQUARE[:1]}], "polygon_too_few_points"),
    ],
)
async def test_bad_zones_are_refused(
    hass: HomeAssistant,
    loaded: MockConfigEntry,
    hass_ws_client: WebSocketGenerator,
    zones: list[Any],
    masks: list[Any],
    reason: str,
) -> None:
    answer = await ask(
        await hass_ws_client(), "zones/save", camera="camera1", zones=zones, masks=masks
    )
    assert answer["error"]["translation_key"] == reason
    assert "zones" not in loaded.subentries["camera1"].data


async def test_masks_and_thresholds_that_cannot_be_kept_are_named(
    hass: HomeAssistant, loaded: MockConfigEntry, hass_ws_client: WebSocketGenerator
) -> None:
    thresholds = {"dragon": {"day": 0.5}}
    ws = await hass_ws_client()
    masks = [MASK, {"points": SQUARE[:1]}]
    answer = await ask(ws, "zones/save", camera="camera1", zones=[], masks=masks)
    assert answer["error"]["translation_placeholders"] == {"zone": "2"}
    answer = await ask(
        ws, "zones/save", camera="camera1", zones=[], masks=[], thresholds=thresholds
    )
    assert answer["error"]["translation_key"] == "unknown_class"
    answer = await ask(ws, "zones/save", camera="camera1", zones=[PORCH | {"points": 1}], masks=[])
    assert answer["error"]["code"] == "invalid_format"
    assert "thresholds" not in loaded.subentries["camera1"].data


async def test_commands_are_for_administrators_and_need_a_running_integration(
    hass: HomeAssistant,
    loaded: MockConfigEntry,
    hass_ws_client: WebSocketGenerator,
    hass_read_only_access_token: str,
) -> None:
    registered = {kind for kind in hass.data["websocket_api"] if kind.startswith("camclassify/")}
    assert registered == {f"camclassify/{kind}" for kind in COMMANDS}
    guest = await hass_ws_client(hass, hass_read_only_access_token)
    for kind, data in COMMANDS.items():
        assert (await ask(guest, kind, **data))["error"]["code"] == "unauthorized"
    await hass.config_entries.async_unload(loaded.entry_id)
    ws = await hass_ws_client()
    for kind, data in COMMANDS.items():
        assert (await ask(ws, kind, **data))["error"]["translation_key"] == "not_loaded"


@pytest.mark.parametrize("kind", [kind for kind, data in COMMANDS.items() if "camera" in data])
async def test_commands_need_a_camera_that_there_is(
    hass: HomeAssistant, loaded: MockConfigEntry, hass_ws_client: WebSocketGenerator, kind: str
) -> None:
    answer = await ask(await hass_ws_client(), kind, **COMMANDS[kind] | {"camera": "nobody"})
    assert answer["error"]["translation_key"] == "unknown_camera"


async def test_snapshots_are_listed_by_class_with_pictures_that_a_browser_may_load(
    hass: HomeAssistant,
    loaded: MockConfigEntry,
    snapshot_id: str,
    client: FakeEngineClient,
    hass_ws_client: WebSocketGenerator,
    hass_client_no_auth: ClientSessionGenerator,
) -> None:
    client.detections = ()
    await look(the_camera(loaded), 30)
    await call(hass, "save_snapshot", device_id=device_of(hass, loaded))
    ws = await hass_ws_client()
    everything = (await ask(ws, "snapshots", camera="camera1"))["result"]
    assert everything["total"] == 2
    assert everything["classes"] == ["", "delivery_truck"]
    assert everything["snapshots"][1]["id"] == snapshot_id
    trucks = (await ask(ws, "snapshots", camera="camera1", **{"class": "delivery_truck"}))["result"]
    assert [each["id"] for each in trucks["snapshots"]] == [snapshot_id]
    newest = (await ask(ws, "snapshots", camera="camera1", limit=1))["result"]
    assert (len(newest["snapshots"]), newest["total"]) == (1, 2)
    browser = await hass_client_no_auth()
    (truck,) = trucks["snapshots"]
    drawn = await browser.get(truck["picture"])
    plain = await browser.get(truck["plain_picture"])
    assert drawn.status == plain.status == HTTPStatus.OK
    assert await drawn.read() == b"picture of 320"
    assert await plain.read()
    assert (await browser.get(f"/api/camclassify/snapshot/{snapshot_id}")).status == 401


async def test_a_kept_snapshot_can_be_classified_as_it_was(
    hass: HomeAssistant,
    loaded: MockConfigEntry,
    snapshot_id: str,
    client: FakeEngineClient,
    hass_ws_client: WebSocketGenerator,
) -> None:
    ws = await hass_ws_client()
    (kept,) = (await ask(ws, "snapshots", camera="camera1"))["result"]["snapshots"]
    answer = await call(hass, "classify", media_content_id=kept["media"], min_score=0.3)
    assert [each["class"] for each in answer["detections"]] == ["delivery_truck"]
    (*_, (picture, _)) = client.requests
    assert isinstance(picture, bytes)
    assert not picture.endswith(b"boxes:1")


async def test_examples_are_listed_with_their_picture_and_what_to_expect(
    hass: HomeAssistant,
    loaded: MockConfigEntry,
    snapshot_id: str,
    hass_ws_client: WebSocketGenerator,
) -> None:
    await call(hass, "teach", snapshot_id=snapshot_id, name="our van")
    await call(hass, "teach", snapshot_id=snapshot_id)
    listed = (await ask(await hass_ws_client(), "examples"))["result"]
    assert [each["name"] for each in listed["examples"]] == ["our_van", None]
    assert listed["examples"][0]["picture"] == "cGljdHVyZSBvZiA5Ng=="
    (van,) = listed["classes"]
    assert van["name"] == "our_van"
    assert van["expectations"]["day"]["low"] == 0.34
    assert await hass.config_entries.async_reload(loaded.entry_id)
    again = (await ask(await hass_ws_client(), "examples"))["result"]
    assert again["examples"] == listed["examples"]


async def test_examples_are_exported_and_imported(
    hass: HomeAssistant,
    loaded: MockConfigEntry,
    snapshot_id: str,
    hass_ws_client: WebSocketGenerator,
) -> None:
    await call(hass, "teach", snapshot_id=snapshot_id, name="our van")
    ws = await hass_ws_client()
    exported = (await ask(ws, "examples/export"))["result"]
    assert [each["name"] for each in exported] == ["our_van"]
    await call(hass, "forget", name="our van")
    assert (await ask(ws, "examples/import", examples=exported * 2))["result"] == {"new": 1}
    assert (await ask(ws, "examples/import", examples=exported))["result"] == {"new": 0}
    (example,) = (await ask(ws, "examples"))["result"]["examples"]
    assert example["picture"] == exported[0]["picture"]


@pytest.mark.parametrize("example", [1, {"id": 1}, {"id": "1", "features": "?"}])
async def test_what_is_no_export_is_refused_and_loses_nothing(
    hass: HomeAssistant,
    loaded: MockConfigEntry,
    snapshot_id: str,
    hass_ws_client: WebSocketGenerator,
    example: object,
) -> None:
    await call(hass, "teach", snapshot_id=snapshot_id, name="our van")
    answer = await ask(await hass_ws_client(), "examples/import", examples=[example])
    assert answer["error"]["translation_key"] == "cannot_learn"
    assert len(loaded.runtime_data.lessons.examples) == 1


async def test_imported_examples_may_not_be_too_many_or_take_a_name_of_the_bundle(
    hass: HomeAssistant,
    loaded: MockConfigEntry,
    snapshot_id: str,
    hass_ws_client: WebSocketGenerator,
) -> None:
    await call(hass, "teach", snapshot_id=snapshot_id, name="our van")
    ws = await hass_ws_client()
    (van,) = (await ask(ws, "examples/export"))["result"]
    many = [{**van, "id": str(number)} for number in range(MAX_EXAMPLES)]
    answer = await ask(ws, "examples/import", examples=many)
    assert answer["error"]["translation_key"] == "too_many_examples"
    answer = await ask(ws, "examples/import", examples=[{**van, "id": "1", "name": "person"}])
    assert answer["error"]["translation_key"] == "cannot_learn"
    examples: tuple[Example, ...] = loaded.runtime_data.lessons.examples
    assert [each.name for each in examples] == ["our_van"]


async def test_nothing_is_imported_while_the_engine_is_away(
    hass: HomeAssistant,
    loaded: MockConfigEntry,
    snapshot_id: str,
    client: FakeEngineClient,
    hass_ws_client: WebSocketGenerator,
) -> None:
    await call(hass, "teach", snapshot_id=snapshot_id, name="our van")
    ws = await hass_ws_client()
    exported = (await ask(ws, "examples/export"))["result"]
    await call(hass, "forget", name="our van")
    client.teach_error = EngineUnavailable("The worker is restarting.")
    answer = await ask(ws, "examples/import", examples=exported)
    assert answer["error"]["translation_key"] == "engine_unavailable"
    assert loaded.runtime_data.lessons.examples == ()
