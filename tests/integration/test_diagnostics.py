"""What can be downloaded to report a problem."""

from typing import Any
from unittest.mock import patch

import pytest
from camclassify_core import EngineUnavailable
from homeassistant.core import HomeAssistant
from pytest_homeassistant_custom_component.common import MockConfigEntry
from pytest_homeassistant_custom_component.components.diagnostics import (
    get_diagnostics_for_config_entry,
)
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator

from .camera_server import CameraServer
from .fake_engine import FakeEngineClient
from .looks import look, the_camera

FORECAST = "custom_components.camclassify.diagnostics.forecast"


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
    with patch(FORECAST, return_value={"problem": "this machine has no profile yet"}):
        diagnostics = await get_diagnostics_for_config_entry(hass, hass_client, loaded)
    (camera,) = diagnostics["cameras"]
    assert camera["settings"]["classes"] == ["person"]
    assert camera["available"]
    assert camera["result"]["width"] == 1920
    assert diagnostics["engine"]["networks"][0]["name"] == "scene"
    assert diagnostics["engine"]["lanes"] == 2
    assert [each["pictures"] for each in diagnostics["statistics"]["lanes"]] == [100]
    for secret in ("secret", "me", server.url):
        assert f'"{secret}"' not in str(diagnostics).replace("'", '"')


async def test_without_a_worker_there_are_no_statistics(
    hass: HomeAssistant,
    loaded: MockConfigEntry,
    hass_client: ClientSessionGenerator,
    client: FakeEngineClient,
) -> None:
    client.statistics_error = EngineUnavailable("It restarts.")
    with patch(FORECAST, return_value={"problem": "this machine has no profile yet"}):
        diagnostics = await get_diagnostics_for_config_entry(hass, hass_client, loaded)
    assert diagnostics["statistics"] is None


async def test_the_design_in_use_and_what_it_should_and_does_take(
    hass: HomeAssistant,
    loaded: MockConfigEntry,
    hass_client: ClientSessionGenerator,
    server: CameraServer,
) -> None:
    await look(the_camera(loaded))
    with patch(FORECAST, return_value={"scene_ms": 5.5, "object_ms": 3.25}) as forecast:
        diagnostics = await get_diagnostics_for_config_entry(hass, hass_client, loaded)
    (bundle, precision, threads), _ = forecast.call_args
    assert (bundle.name, precision, threads) == ("default_bundle", "int8", 1)
    design = diagnostics["design"]
    assert design["architecture"] == "shared trunk with heads"
    assert design["predicted"] == {"scene_ms": 5.5, "object_ms": 3.25}
    assert len(design["measured"]["scene_ms_of_last_frames"]) == 1
    assert design["measured"]["whole_frame_ms"]["camera1"] > 0
