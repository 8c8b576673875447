"""The panel's page for teaching: what it lists, what it exports and imports."""

from http import HTTPStatus

import pytest
from camclassify_core import EngineUnavailable
from camclassify_core.examples import Example
from homeassistant.core import HomeAssistant
from pytest_homeassistant_custom_component.common import MockConfigEntry
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator, WebSocketGenerator

from custom_components.camclassify.teaching.lessons import MAX_EXAMPLES

from ..fake_engine import FakeEngineClient
from ..looks import device_of, look, the_camera
from ..user import ask, call


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
    assert (await drawn.read()).startswith(await plain.read())
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
    assert not client.requests[-1][0].endswith(b"boxes:1")


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
