"""What can be downloaded to report a problem."""

from typing import Any

import pytest
from homeassistant.core import HomeAssistant
from pytest_homeassistant_custom_component.common import MockConfigEntry
from pytest_homeassistant_custom_component.components.diagnostics import (
    get_diagnostics_for_config_entry,
)
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator

from .camera_server import CameraServer
from .looks import look, the_camera


@pytest.fixture
def cameras(server: CameraServer) -> list[dict[str, Any]]:
    return [
        {
            "url": server.url,
            "authentication": "basic",
            "username": "me",
            "password": "secret",
            "classes": ["person"],
            "interval": 3600.0,
        }
    ]


async def test_secrets_stay_at_home(
    hass: HomeAssistant,
    loaded: MockConfigEntry,
    hass_client: ClientSessionGenerator,
    server: CameraServer,
) -> None:
    await look(the_camera(loaded))
    diagnostics = await get_diagnostics_for_config_entry(hass, hass_client, loaded)
    (camera,) = diagnostics["cameras"]
    assert camera["settings"]["classes"] == ["person"]
    assert camera["available"]
    assert camera["result"]["width"] == 1920
    assert diagnostics["engine"]["networks"][0]["name"] == "scene"
    for secret in ("secret", "me", server.url):
        assert f'"{secret}"' not in str(diagnostics).replace("'", '"')
