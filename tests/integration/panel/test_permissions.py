"""Who may what: every view, websocket command, action and file of the panel, tried by everybody.

A new one fails here until it has its row.
"""

import contextlib
from datetime import timedelta
from http import HTTPStatus
from typing import Any

import pytest
from freezegun.api import FrozenDateTimeFactory
from homeassistant.auth.const import GROUP_ID_ADMIN, GROUP_ID_READ_ONLY, GROUP_ID_USER
from homeassistant.core import Context, HomeAssistant
from homeassistant.exceptions import ServiceValidationError, Unauthorized
from homeassistant.setup import async_setup_component
from pytest_homeassistant_custom_component.common import MockConfigEntry, async_capture_events
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator, WebSocketGenerator

from custom_components.camclassify.const import DOMAIN, EVENT_ARRIVED
from custom_components.camclassify.flow.preview import DATA_PREVIEWS, Preview

from ..fake_engine import FakeEngineClient, detection, snapshot
from ..looks import device_of, look, the_camera
from ..user import ask

NOBODY, READ_ONLY, USER, ADMIN = "nobody", "read-only", "user", "admin"
GROUPS = {READ_ONLY: GROUP_ID_READ_ONLY, USER: GROUP_ID_USER, ADMIN: GROUP_ID_ADMIN}
EVERYBODY = (NOBODY, READ_ONLY, USER, ADMIN)
SIGNED_IN = (READ_ONLY, USER, ADMIN)
IN_CONTROL = (USER, ADMIN)
ONLY_ADMIN = (ADMIN,)

COMMANDS: dict[str, tuple[dict[str, Any], tuple[str, ...]]] = {
    "cameras": ({}, ONLY_ADMIN),
    "subscribe": ({"camera": "camera1"}, ONLY_ADMIN),
    "zones/save": ({"camera": "camera1", "zones": [], "masks": []}, ONLY_ADMIN),
    "snapshots": ({"camera": "camera1"}, ONLY_ADMIN),
    "examples": ({}, ONLY_ADMIN),
    "examples/export": ({}, ONLY_ADMIN),
    "examples/import": ({"examples": []}, ONLY_ADMIN),
}
ACTIONS: dict[str, tuple[dict[str, Any], tuple[str, ...]]] = {
    "classify": ({"entity_id": "camera.driveway"}, SIGNED_IN),
    "save_snapshot": ({"device_id": "{device}"}, IN_CONTROL),
    "teach": ({"snapshot_id": "{snapshot}", "name": "our van"}, ONLY_ADMIN),
    "forget": ({"name": "our van"}, ONLY_ADMIN),
}
VIEWS: dict[str, tuple[str, tuple[str, ...]]] = {
    "/api/camclassify/snapshot/{snapshot_id}": ("{snapshot}", SIGNED_IN),
    "/api/camclassify/live/{subentry_id}": ("camera1", SIGNED_IN),
    "/api/camclassify/preview/{flow_id}/{index}": ("flow/0", SIGNED_IN),
}


@pytest.fixture
async def tokens(hass: HomeAssistant) -> dict[str, tuple[str, Context]]:
    """An access token and a context of each kind of user."""
    await hass.auth.async_create_user("The first one, who owns the home")
    found = {}
    for name, group in GROUPS.items():
        user = await hass.auth.async_create_user(name, group_ids=[group])
        refresh = await hass.auth.async_create_refresh_token(user, "https://example.com")
        found[name] = hass.auth.async_create_access_token(refresh), Context(user_id=user.id)
    return found


@pytest.fixture
async def home(hass: HomeAssistant, loaded: MockConfigEntry, snapshot_id: str) -> dict[str, str]:
    """A home with a kept snapshot; what the rows of the tables stand for."""
    assert await async_setup_component(hass, "http", {})
    return {"device": device_of(hass, loaded), "snapshot": snapshot_id}


def test_every_command_has_its_row(hass: HomeAssistant, home: dict[str, str]) -> None:
    known = {name for name in hass.data["websocket_api"] if name.startswith(f"{DOMAIN}/")}
    assert known == {f"{DOMAIN}/{name}" for name in COMMANDS}


def test_every_action_has_its_row(hass: HomeAssistant, home: dict[str, str]) -> None:
    assert hass.services.async_services_for_domain(DOMAIN).keys() == ACTIONS.keys()


def test_every_address_has_its_row(hass: HomeAssistant, home: dict[str, str]) -> None:
    ours = {
        resource.canonical
        for resource in hass.http.app.router.resources()
        if DOMAIN in resource.canonical and "static" not in resource.canonical
    }
    assert ours == VIEWS.keys()


@pytest.mark.parametrize("who", SIGNED_IN)
@pytest.mark.parametrize("command", COMMANDS)
async def test_commands(
    home: dict[str, str],
    tokens: dict[str, tuple[str, Context]],
    hass: HomeAssistant,
    hass_ws_client: WebSocketGenerator,
    command: str,
    who: str,
) -> None:
    message, allowed = COMMANDS[command]
    answer = await ask(await hass_ws_client(hass, tokens[who][0]), command, **message)
    assert answer["success"] == (who in allowed), answer
    if who not in allowed:
        assert answer["error"]["code"] == "unauthorized"


@pytest.mark.parametrize("who", SIGNED_IN)
@pytest.mark.parametrize("action", ACTIONS)
async def test_actions(
    hass: HomeAssistant,
    home: dict[str, str],
    tokens: dict[str, tuple[str, Context]],
    loaded: MockConfigEntry,
    action: str,
    who: str,
) -> None:
    given, allowed = ACTIONS[action]
    data = {key: str(value).format(**home) for key, value in given.items()}
    before = loaded.runtime_data.lessons.to_json(), loaded.runtime_data.evidence.async_all()
    acting = hass.services.async_call(
        DOMAIN, action, data, blocking=True, return_response=True, context=tokens[who][1]
    )
    if who in allowed:
        with contextlib.suppress(ServiceValidationError):  # there may be nothing to forget
            await acting
        return
    with pytest.raises(Unauthorized):
        await acting
    now = loaded.runtime_data.lessons.to_json(), loaded.runtime_data.evidence.async_all()
    assert now == before


@pytest.mark.parametrize("who", EVERYBODY)
@pytest.mark.parametrize("address", VIEWS)
async def test_addresses(
    hass: HomeAssistant,
    home: dict[str, str],
    client: FakeEngineClient,
    tokens: dict[str, tuple[str, Context]],
    hass_client_no_auth: ClientSessionGenerator,
    address: str,
    who: str,
) -> None:
    result = await client.classify(snapshot())
    hass.data.setdefault(DATA_PREVIEWS, {})["flow"] = [Preview(result, snapshot())]
    what, allowed = VIEWS[address]
    url = f"{address.partition('{')[0]}{what.format(**home)}"
    headers = {"Authorization": f"Bearer {tokens[who][0]}"} if who in tokens else {}
    response = await (await hass_client_no_auth()).get(url, headers=headers)
    assert (response.status == HTTPStatus.OK) == (who in allowed)
    if who not in allowed:
        assert response.status == HTTPStatus.UNAUTHORIZED
        assert snapshot() not in await response.read()


async def test_the_panels_code_is_public_and_its_page_for_administrators(
    hass: HomeAssistant, home: dict[str, str], hass_client_no_auth: ClientSessionGenerator
) -> None:
    panel = hass.data["frontend_panels"][DOMAIN]
    assert panel.require_admin
    browser = await hass_client_no_auth()
    url = panel.config["_panel_custom"]["module_url"]
    assert (await browser.get(url)).status == HTTPStatus.OK
    folder = url.rpartition("/")[0]
    for beyond in ("../manifest.json", "%2e%2e/manifest.json", "..%2fmanifest.json", ""):
        answer = await browser.get(f"{folder}/{beyond}")
        assert HTTPStatus.BAD_REQUEST <= answer.status <= HTTPStatus.NOT_FOUND


async def test_a_signed_address_names_one_picture_and_expires(
    hass: HomeAssistant,
    loaded: MockConfigEntry,
    client: FakeEngineClient,
    home: dict[str, str],
    hass_client_no_auth: ClientSessionGenerator,
    freezer: FrozenDateTimeFactory,
) -> None:
    arrivals = async_capture_events(hass, EVENT_ARRIVED)
    client.detections = (*client.detections, detection("person"))
    await look(the_camera(loaded), 8)
    signed = arrivals[-1].data["signed_url"]
    browser = await hass_client_no_auth()
    assert (await browser.get(signed)).status == HTTPStatus.OK
    path, _, signature = signed.partition("?")
    for other in (
        f"{path}?plain=1&{signature}",
        f"{path.rpartition('/')[0]}/{home['snapshot']}?{signature}",
        f"/api/camclassify/live/camera1?{signature}",
        path,
    ):
        assert (await browser.get(other)).status == HTTPStatus.UNAUTHORIZED, other
    freezer.tick(timedelta(days=1, seconds=1))
    assert (await browser.get(signed)).status == HTTPStatus.UNAUTHORIZED


async def test_thousands_of_snapshots_are_signed_a_few_at_a_time(
    hass: HomeAssistant, loaded: MockConfigEntry, hass_ws_client: WebSocketGenerator
) -> None:
    ws = await hass_ws_client()
    assert (await ask(ws, "snapshots", camera="camera1", limit=100))["success"]
    assert not (await ask(ws, "snapshots", camera="camera1", limit=101))["success"]
