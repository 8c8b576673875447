"""Credentials of cameras appear in no log, error, diagnostic, issue, form or answer."""

import json
import logging
from typing import Any
from unittest.mock import patch

import probatio
import pytest
from homeassistant.config_entries import SOURCE_RECONFIGURE, SubentryFlowResult
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers import issue_registry as ir
from pytest_homeassistant_custom_component.common import MockConfigEntry
from pytest_homeassistant_custom_component.typing import WebSocketGenerator

from custom_components.camclassify.camera.credentials import Credentials
from custom_components.camclassify.diagnostics import async_get_config_entry_diagnostics

from ..camera_server import CameraServer
from ..conftest import ENTITY_CAMERA, FakeCamera
from ..looks import look, the_camera
from ..user import ask, call

PASSWORD, TOKEN = "secret", "t0ken-in-the-query"
COMMON = {"classes": ["person"], "interval": 3600.0, "linked": [], "only_when_woken": False}


@pytest.fixture
def cameras(server: CameraServer) -> list[dict[str, Any]]:
    """A camera with an address that has credentials of every kind, and one that is an entity."""
    server.authentication = "digest"
    address = {
        "url": f"{server.url}?token={TOKEN}",
        "authentication": "digest",
        "username": "me",
        "password": PASSWORD,
        "verify_ssl": True,
    }
    return [address | COMMON, ENTITY_CAMERA]


async def change(hass: HomeAssistant, entry: MockConfigEntry) -> SubentryFlowResult:
    flow = await hass.config_entries.subentries.async_init(
        (entry.entry_id, "camera"),
        context={"source": SOURCE_RECONFIGURE, "subentry_id": "camera1"},
    )
    return await hass.config_entries.subentries.async_configure(
        flow["flow_id"], {"next_step_id": "change_address"}
    )


def suggested(flow: SubentryFlowResult) -> dict[str, Any]:
    """Return what a form shows in its fields."""
    assert flow["data_schema"] is not None
    return {
        str(key): (key.description or {}).get("suggested_value")
        for key in flow["data_schema"].schema
        if isinstance(key, probatio.Marker)
    }


async def fail_in_every_way(
    hass: HomeAssistant, entry: MockConfigEntry, server: CameraServer, camera: FakeCamera
) -> list[str]:
    """Let the cameras fail; return what users were told."""
    told: list[str] = []
    address = f"{server.url}?token={TOKEN}".replace("://", f"://me:{PASSWORD}@")
    for status in (401, 404, 503):
        server.status = status
        await look(the_camera(entry), 3)
    server.status, server.body = 200, b"<html>"
    await look(the_camera(entry), 3)
    for error in (ValueError, RuntimeError, OSError):
        with patch("aiohttp.ClientSession._request", side_effect=error(address)):
            await look(the_camera(entry), 3)
    for kind in (HomeAssistantError, RuntimeError):
        failing = kind(f"Error getting a picture from {address}")
        with patch.object(camera, "async_camera_image", side_effect=failing):
            await look(the_camera(entry, 2), 3)
            with pytest.raises(HomeAssistantError) as caught:
                await call(hass, "classify", entity_id="camera.driveway")
            told += [str(caught.value), repr(caught.value.translation_placeholders)]
    return told


async def test_nothing_that_fails_tells_them(
    hass: HomeAssistant,
    loaded: MockConfigEntry,
    server: CameraServer,
    camera: FakeCamera,
    caplog: pytest.LogCaptureFixture,
    hass_ws_client: WebSocketGenerator,
) -> None:
    caplog.set_level(logging.DEBUG)
    await look(the_camera(loaded))
    told = await fail_in_every_way(hass, loaded, server, camera)
    told += [record.getMessage() for record in caplog.records if "camclassify" in record.name]
    told += [str(record.exc_text) for record in caplog.records]
    told += [repr(issue) for issue in ir.async_get(hass).issues.values()]
    diagnostics = await async_get_config_entry_diagnostics(hass, loaded)
    told.append(json.dumps(diagnostics, default=str))
    told.append(json.dumps(await ask(await hass_ws_client(), "cameras")))
    assert any("No snapshot of" in text for text in told)
    for text in told:
        assert PASSWORD not in text
        assert TOKEN not in text


async def test_a_form_shows_no_password_and_keeps_it_where_its_field_is_left_empty(
    hass: HomeAssistant, loaded: MockConfigEntry, server: CameraServer
) -> None:
    before = dict(loaded.subentries["camera1"].data)
    flow = await change(hass, loaded)
    shown = suggested(flow)
    assert shown["username"] == "me"
    assert shown["password"] is None
    asked = {key: value for key, value in before.items() if key != "password"}
    server.status = 503
    flow = await hass.config_entries.subentries.async_configure(flow["flow_id"], asked)
    assert flow["errors"] == {"base": "http_status"}
    assert suggested(flow)["password"] is None
    server.status = 200
    flow = await hass.config_entries.subentries.async_configure(flow["flow_id"], asked)
    flow = await hass.config_entries.subentries.async_configure(flow["flow_id"], {})
    assert flow["reason"] == "reconfigure_successful"
    assert loaded.subentries["camera1"].data["password"] == PASSWORD


async def test_a_password_that_was_typed_is_remembered_by_its_form(
    hass: HomeAssistant, loaded: MockConfigEntry, server: CameraServer
) -> None:
    asked = dict(loaded.subentries["camera1"].data)
    flow = await change(hass, loaded)
    server.status = 503
    wrong = asked | {"password": "another"}
    flow = await hass.config_entries.subentries.async_configure(flow["flow_id"], wrong)
    server.status = 200
    del asked["password"]
    flow = await hass.config_entries.subentries.async_configure(flow["flow_id"], asked)
    assert flow["errors"] == {"base": "invalid_auth"}


@pytest.mark.parametrize("changed", ["user", "host"])
async def test_a_password_is_sent_to_nobody_else(
    hass: HomeAssistant, loaded: MockConfigEntry, server: CameraServer, changed: str
) -> None:
    asked = dict(loaded.subentries["camera1"].data)
    del asked["password"]
    if changed == "user":
        asked["username"] = "somebody"
    else:
        asked["url"] = asked["url"].replace("127.0.0.1", "localhost")
    flow = await change(hass, loaded)
    with patch(
        "custom_components.camclassify.camera.address.Credentials", wraps=Credentials
    ) as credentials:
        await hass.config_entries.subentries.async_configure(flow["flow_id"], asked)
    assert "password" not in credentials.call_args.args[0]


async def test_credentials_in_an_address_are_moved_to_their_fields(
    hass: HomeAssistant, loaded: MockConfigEntry, server: CameraServer
) -> None:
    typed = dict(loaded.subentries["camera1"].data)
    address = typed["url"]
    for key in ("username", "password"):
        del typed[key]
    typed |= {"authentication": "none", "url": address.replace("://", "://me:s%65cret@")}
    flow = await change(hass, loaded)
    server.status = 503
    flow = await hass.config_entries.subentries.async_configure(flow["flow_id"], typed)
    shown = suggested(flow)
    assert (shown["url"], shown["username"], shown["password"]) == (address, "me", None)
    server.status = 200
    typed = {key: value for key, value in shown.items() if value is not None}
    flow = await hass.config_entries.subentries.async_configure(flow["flow_id"], typed)
    assert flow["step_id"] == "confirm"
    await hass.config_entries.subentries.async_configure(flow["flow_id"], {})
    kept = loaded.subentries["camera1"].data
    assert (kept["url"], kept["username"], kept["password"]) == (address, "me", PASSWORD)
