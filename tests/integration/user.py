"""What a user does: calls an action, asks as the panel does, submits the fix of an issue."""

from http import HTTPStatus
from typing import Any

from homeassistant.core import HomeAssistant
from homeassistant.setup import async_setup_component
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator

from custom_components.camclassify.const import DOMAIN


async def call(hass: HomeAssistant, action: str, **data: Any) -> Any:
    """Call an action and return its answer."""
    return await hass.services.async_call(DOMAIN, action, data, blocking=True, return_response=True)


async def ask(ws: Any, kind: str, **message: Any) -> dict[str, Any]:
    """Send a websocket command and return the answer."""
    await ws.send_json_auto_id({"type": f"{DOMAIN}/{kind}", **message})
    answer: dict[str, Any] = await ws.receive_json()
    return answer


class Fix:
    """The fix of an issue, opened."""

    def __init__(self, http: Any, flow_id: str) -> None:
        self._http = http
        self._url = f"/api/repairs/issues/fix/{flow_id}"

    async def submit(self) -> dict[str, Any]:
        """Agree, and return what came of it."""
        response = await self._http.post(self._url, json={})
        assert response.status == HTTPStatus.OK
        answer: dict[str, Any] = await response.json()
        return answer


async def open_fix(hass: HomeAssistant, hass_client: ClientSessionGenerator, issue_id: str) -> Fix:
    """Open the fix of an issue."""
    assert await async_setup_component(hass, "repairs", {})
    http = await hass_client()
    response = await http.post(
        "/api/repairs/issues/fix", json={"handler": DOMAIN, "issue_id": issue_id}
    )
    assert response.status == HTTPStatus.OK
    flow = await response.json()
    assert flow["step_id"] == "confirm"
    return Fix(http, flow["flow_id"])


async def fix(
    hass: HomeAssistant, hass_client: ClientSessionGenerator, issue_id: str
) -> dict[str, Any]:
    """Open the fix of an issue and submit it."""
    return await (await open_fix(hass, hass_client, issue_id)).submit()
