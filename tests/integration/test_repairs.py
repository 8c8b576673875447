"""Issues that only the user can put right, and what fixes them."""

from typing import Any
from unittest.mock import patch

import pytest
from camclassify_core import BundleError, EngineState, EngineUnavailable, UnsupportedProcessor
from homeassistant.config_entries import ConfigEntryState
from homeassistant.const import EVENT_HOMEASSISTANT_STARTED
from homeassistant.core import CoreState, HomeAssistant
from homeassistant.helpers import entity_registry as er
from homeassistant.helpers import issue_registry as ir
from homeassistant.setup import async_setup_component
from pytest_homeassistant_custom_component.common import MockConfigEntry
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator

from custom_components.camclassify.const import DOMAIN

from .camera_server import CameraServer
from .conftest import ENTITY_CAMERA, FakeCamera
from .fake_engine import FakeEngineClient
from .looks import look, registered, the_camera
from .user import fix, open_fix


def issue(hass: HomeAssistant, issue_id: str) -> ir.IssueEntry | None:
    return ir.async_get(hass).async_get_issue(DOMAIN, issue_id)


async def test_a_failing_engine_is_restarted(
    hass: HomeAssistant,
    loaded: MockConfigEntry,
    client: FakeEngineClient,
    hass_client: ClientSessionGenerator,
) -> None:
    client.set_state(EngineState.FAILED)
    assert issue(hass, "engine_failing")
    client.start_error = EngineUnavailable("Illegal instruction.")
    answer = await fix(hass, hass_client, "engine_failing")
    assert (answer["type"], answer["reason"]) == ("abort", "still_failing")
    client.start_error = None
    ir.async_create_issue(
        hass,
        DOMAIN,
        "engine_failing",
        is_fixable=True,
        severity=ir.IssueSeverity.ERROR,
        translation_key="engine_failing",
    )
    answer = await fix(hass, hass_client, "engine_failing")
    assert answer["type"] == "create_entry"
    assert client.state is EngineState.RUNNING
    assert issue(hass, "engine_failing") is None


@pytest.mark.parametrize(
    ("error", "issue_id"),
    [
        (EngineUnavailable("It ended."), "engine_cannot_start"),
        (BundleError("scene.onnx is missing."), "bundle_broken"),
    ],
)
async def test_an_engine_that_cannot_start_is_tried_again(
    hass: HomeAssistant,
    camera: FakeCamera,
    entry: MockConfigEntry,
    client: FakeEngineClient,
    hass_client: ClientSessionGenerator,
    error: Exception,
    issue_id: str,
) -> None:
    assert await async_setup_component(hass, "image", {})
    hass.config_entries.async_update_entry(entry, options={**entry.options, "bundle": "mine"})
    client.start_error = error
    await hass.config_entries.async_setup(entry.entry_id)
    assert issue(hass, issue_id)
    client.start_error = None
    answer = await fix(hass, hass_client, issue_id)
    assert answer["type"] == "create_entry"
    assert issue(hass, issue_id) is None
    assert entry.options["bundle"] == ("default" if issue_id == "bundle_broken" else "mine")
    await hass.config_entries.async_unload(entry.entry_id)


async def test_an_engine_that_still_cannot_start_says_why(
    hass: HomeAssistant,
    camera: FakeCamera,
    entry: MockConfigEntry,
    client: FakeEngineClient,
    hass_client: ClientSessionGenerator,
) -> None:
    client.start_error = EngineUnavailable("Illegal instruction.")
    await hass.config_entries.async_setup(entry.entry_id)
    answer = await fix(hass, hass_client, "engine_cannot_start")
    assert (answer["type"], answer["reason"]) == ("abort", "still_failing")
    assert "Illegal instruction." in answer["description_placeholders"]["error"]
    assert issue(hass, "engine_cannot_start")


async def test_a_broken_bundle_gives_way_while_the_cameras_are_looked_at(
    hass: HomeAssistant,
    loaded: MockConfigEntry,
    client: FakeEngineClient,
    hass_client: ClientSessionGenerator,
) -> None:
    client.start_error = BundleError("scene.onnx is missing.")
    options = {**loaded.options, "bundle": "mine"}
    hass.config_entries.async_update_entry(loaded, options=options)
    await hass.async_block_till_done()
    assert issue(hass, "bundle_broken")
    client.start_error = None
    answer = await fix(hass, hass_client, "bundle_broken")
    await hass.async_block_till_done()
    assert answer["type"] == "create_entry"
    assert loaded.options["bundle"] == "default"
    assert issue(hass, "bundle_broken") is None
    assert (client.starts, client.stops) == (1, 0)


async def test_the_fix_of_an_engine_ends_if_the_integration_was_removed_meanwhile(
    hass: HomeAssistant,
    loaded: MockConfigEntry,
    client: FakeEngineClient,
    hass_client: ClientSessionGenerator,
) -> None:
    client.set_state(EngineState.FAILED)
    opened = await open_fix(hass, hass_client, "engine_failing")
    await hass.config_entries.async_remove(loaded.entry_id)
    assert issue(hass, "engine_failing") is None
    assert (await opened.submit())["type"] == "create_entry"
    assert client.starts == 1


async def test_a_machine_that_will_never_do_is_named(
    hass: HomeAssistant, entry: MockConfigEntry, client: FakeEngineClient
) -> None:
    client.start_error = EngineUnavailable("It ended.")
    with patch("platform.machine", return_value="armv7l"):
        await hass.config_entries.async_setup(entry.entry_id)
    found = issue(hass, "unsupported_machine")
    assert found is not None
    assert not found.is_fixable
    assert found.translation_placeholders == {"error": "It ended.", "machine": "armv7l"}


async def test_a_processor_that_will_never_do_is_told_once_and_not_tried_again(
    hass: HomeAssistant, entry: MockConfigEntry, client: FakeEngineClient
) -> None:
    client.start_error = UnsupportedProcessor("This processor lacks instructions.")
    await hass.config_entries.async_setup(entry.entry_id)
    found = issue(hass, "unsupported_processor")
    assert found is not None
    assert not found.is_fixable
    assert found.translation_placeholders is not None
    assert found.translation_placeholders["error"] == "This processor lacks instructions."
    assert entry.state is ConfigEntryState.SETUP_ERROR


async def test_a_camera_that_is_gone_leads_to_its_form(
    hass: HomeAssistant,
    camera: FakeCamera,
    entry: MockConfigEntry,
    client: FakeEngineClient,
    hass_client: ClientSessionGenerator,
) -> None:
    registry = er.async_get(hass)
    key = registered(hass, "camera.driveway").id
    hass.config_entries.async_update_subentry(
        entry, entry.subentries["camera1"], data=ENTITY_CAMERA | {"entity_id": key}
    )
    await hass.config_entries.async_setup(entry.entry_id)
    await look(the_camera(entry))
    registry.async_remove("camera.driveway")
    await hass.async_block_till_done()
    await look(the_camera(entry), 3)
    gone = issue(hass, "camera_gone_camera1")
    assert gone is not None
    assert gone.translation_placeholders == {"camera": "Driveway"}
    answer = await fix(hass, hass_client, "camera_gone_camera1")
    kind, flow_id = answer["next_flow"]
    assert kind == "config_subentries_flow"
    assert hass.config_entries.subentries.async_get(flow_id)["step_id"] == "reconfigure"
    await hass.config_entries.async_remove(entry.entry_id)


class TestCredentials:
    """A camera whose password changed."""

    @pytest.fixture
    def cameras(self, server: CameraServer) -> list[dict[str, Any]]:
        return [{"url": server.url, "classes": ["person"], "interval": 3600.0}]

    async def test_refused_credentials_raise_an_issue_until_they_are_right_again(
        self,
        hass: HomeAssistant,
        loaded: MockConfigEntry,
        server: CameraServer,
        hass_client: ClientSessionGenerator,
    ) -> None:
        await look(the_camera(loaded))
        server.status = 401
        await look(the_camera(loaded), 3)
        assert issue(hass, "invalid_auth_camera1")
        answer = await fix(hass, hass_client, "invalid_auth_camera1")
        assert answer["next_flow"][0] == "config_subentries_flow"
        await look(the_camera(loaded))
        server.status = 200
        await look(the_camera(loaded), 2)
        assert issue(hass, "invalid_auth_camera1") is None

    async def test_the_fix_of_a_camera_needs_a_running_integration(
        self,
        hass: HomeAssistant,
        loaded: MockConfigEntry,
        server: CameraServer,
        hass_client: ClientSessionGenerator,
    ) -> None:
        server.status = 401
        await look(the_camera(loaded), 3)
        await hass.config_entries.async_unload(loaded.entry_id)
        answer = await fix(hass, hass_client, "invalid_auth_camera1")
        assert (answer["type"], answer["reason"]) == ("abort", "not_loaded")

    @pytest.mark.parametrize("removed", ["camera", "integration"])
    async def test_the_fix_ends_if_what_it_mends_was_removed_meanwhile(
        self,
        hass: HomeAssistant,
        loaded: MockConfigEntry,
        server: CameraServer,
        hass_client: ClientSessionGenerator,
        removed: str,
    ) -> None:
        server.status = 401
        await look(the_camera(loaded), 3)
        opened = await open_fix(hass, hass_client, "invalid_auth_camera1")
        if removed == "camera":
            hass.config_entries.async_remove_subentry(loaded, "camera1")
        else:
            await hass.config_entries.async_remove(loaded.entry_id)
        await hass.async_block_till_done()
        assert issue(hass, "invalid_auth_camera1") is None
        answer = await opened.submit()
        assert answer["type"] == "create_entry"
        assert answer.get("next_flow") is None

    async def test_an_issue_of_before_a_reload_goes_with_the_first_picture(
        self, hass: HomeAssistant, loaded: MockConfigEntry, server: CameraServer
    ) -> None:
        server.status = 401
        await look(the_camera(loaded), 3)
        assert await hass.config_entries.async_unload(loaded.entry_id)
        server.status = 200
        assert issue(hass, "invalid_auth_camera1")
        assert await hass.config_entries.async_setup(loaded.entry_id)
        await look(the_camera(loaded))
        assert issue(hass, "invalid_auth_camera1") is None

    async def test_a_camera_that_is_back_before_home_assistant_has_started_raises_nothing(
        self, hass: HomeAssistant, loaded: MockConfigEntry, server: CameraServer
    ) -> None:
        hass.set_state(CoreState.starting)
        server.status = 401
        await look(the_camera(loaded), 3)
        server.status = 200
        await look(the_camera(loaded), 2)
        hass.set_state(CoreState.running)
        hass.bus.async_fire(EVENT_HOMEASSISTANT_STARTED)
        await hass.async_block_till_done()
        assert issue(hass, "invalid_auth_camera1") is None

    async def test_a_removed_camera_takes_its_issue_along(
        self, hass: HomeAssistant, loaded: MockConfigEntry, server: CameraServer
    ) -> None:
        server.status = 401
        await look(the_camera(loaded), 3)
        hass.config_entries.async_remove_subentry(loaded, "camera1")
        await hass.async_block_till_done()
        assert issue(hass, "invalid_auth_camera1") is None
