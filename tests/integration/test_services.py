"""Actions and their answers."""

from pathlib import Path
from typing import Any
from unittest.mock import patch

import probatio
import pytest
from camclassify_core import MAX_SNAPSHOT_BYTES, EngineUnavailable
from homeassistant.components.media_source import PlayMedia
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError, ServiceValidationError
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.camclassify.const import DOMAIN

from .conftest import FakeCamera
from .fake_engine import FakeEngineClient, detection, snapshot
from .looks import device_of, look, registered, state_of, the_camera
from .user import call

SERVICES = "custom_components.camclassify.services"


@pytest.fixture
def photograph(hass: HomeAssistant, tmp_path: Path) -> Path:
    path = tmp_path / "photo.jpg"
    path.write_bytes(snapshot())
    hass.config.allowlist_external_dirs = {str(tmp_path)}
    hass.config.media_dirs = {"local": str(tmp_path)}
    return path


async def test_a_camera_is_classified(
    hass: HomeAssistant, loaded: MockConfigEntry, client: FakeEngineClient
) -> None:
    client.detections = (detection("person", 0.876543),)
    answer = await call(hass, "classify", entity_id="camera.driveway", min_score=0.2)
    assert answer == {
        "regime": "day",
        "detections": [{"class": "person", "score": 0.877, "box": [0.4, 0.3, 0.6, 0.8]}],
    }
    _, request = client.requests[-1]
    assert (request.use_gate, request.min_score, request.camera) == (False, 0.2, "")


async def test_a_file_and_a_medium_are_classified(
    hass: HomeAssistant, photograph: Path, loaded: MockConfigEntry, client: FakeEngineClient
) -> None:
    assert (await call(hass, "classify", path=str(photograph)))["detections"] == []
    medium = "media-source://media_source/local/photo.jpg"
    assert (await call(hass, "classify", media_content_id=medium))["detections"] == []
    picked = {"media_content_id": medium, "media_content_type": "image/jpeg", "metadata": {}}
    assert (await call(hass, "classify", media_content_id=picked))["detections"] == []
    with pytest.raises(probatio.Invalid):
        await call(hass, "classify", media_content_id={"media_content_type": "image/jpeg"})
    assert [each for each, _ in client.requests[-3:]] == [snapshot()] * 3


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        ({"path": "/etc/passwd"}, "path_not_allowed"),
        ({"media_content_id": "photo.jpg"}, "not_media"),
        ({"entity_id": "camera.nowhere"}, "camera_failed"),
        ({"media_content_id": "media-source://camclassify/nothing"}, "snapshot_gone"),
    ],
)
async def test_pictures_that_cannot_be_had(
    hass: HomeAssistant, loaded: MockConfigEntry, data: dict[str, str], reason: str
) -> None:
    with pytest.raises(HomeAssistantError) as caught:
        await call(hass, "classify", **data)
    assert caught.value.translation_key == reason


async def test_a_missing_file(
    hass: HomeAssistant, loaded: MockConfigEntry, photograph: Path
) -> None:
    photograph.unlink()
    with pytest.raises(ServiceValidationError) as caught:
        await call(hass, "classify", path=str(photograph))
    assert caught.value.translation_key == "cannot_read"


@pytest.mark.parametrize(
    ("content", "error", "reason"),
    [
        (b"corrupt", None, "bad_picture"),
        (snapshot(), EngineUnavailable("It restarts."), "engine_unavailable"),
    ],
)
async def test_pictures_that_cannot_be_classified(
    hass: HomeAssistant,
    loaded: MockConfigEntry,
    client: FakeEngineClient,
    photograph: Path,
    content: bytes,
    error: Exception | None,
    reason: str,
) -> None:
    photograph.write_bytes(content)
    client.classify_error = error
    with pytest.raises(HomeAssistantError) as caught:
        await call(hass, "classify", path=str(photograph))
    assert caught.value.translation_key == reason


async def test_a_file_that_is_too_large_is_not_cut_to_fit(
    hass: HomeAssistant, loaded: MockConfigEntry, client: FakeEngineClient, photograph: Path
) -> None:
    photograph.write_bytes(bytes(MAX_SNAPSHOT_BYTES + 2))
    await call(hass, "classify", path=str(photograph))
    (*_, (picture, _)) = client.requests
    assert isinstance(picture, bytes)
    assert len(picture) > MAX_SNAPSHOT_BYTES  # which the real client refuses


@pytest.mark.parametrize(
    ("action", "data"),
    [
        ("classify", {}),
        ("classify", {"entity_id": "light.driveway"}),
        ("classify", {"path": "/media/photo.jpg", "min_score": 1.5}),
        ("save_snapshot", {}),
        ("teach", {"name": "our van"}),
        ("teach", {"snapshot_id": "1", "box": [0.1, 0.2, 0.3]}),
        ("teach", {"snapshot_id": "1", "box": [0.1, 0.2, 0.3, 40]}),
        ("forget", {}),
    ],
)
async def test_an_action_filled_in_wrongly_is_refused(
    hass: HomeAssistant, loaded: MockConfigEntry, action: str, data: dict[str, Any]
) -> None:
    with pytest.raises(probatio.Invalid):
        await call(hass, action, **data)


async def test_the_snapshot_of_now_is_kept(
    hass: HomeAssistant, loaded: MockConfigEntry, client: FakeEngineClient
) -> None:
    client.detections = (detection("person"),)
    await look(the_camera(loaded), 6)
    answer = await call(hass, "save_snapshot", device_id=device_of(hass, loaded))
    kept = loaded.runtime_data.evidence.async_get(answer["snapshot_id"])
    assert (kept.camera, kept.class_name) == ("camera1", "person")
    assert answer["snapshot_url"] == kept.url


async def test_who_has_just_gone_is_not_drawn_into_a_kept_snapshot(
    hass: HomeAssistant, loaded: MockConfigEntry, client: FakeEngineClient
) -> None:
    client.detections = (detection("person"),)
    await look(the_camera(loaded), 6)
    client.detections = ()
    await look(the_camera(loaded))
    assert state_of(hass, "binary_sensor.driveway_person").state == "on"
    answer = await call(hass, "save_snapshot", device_id=device_of(hass, loaded))
    snapshots = loaded.runtime_data.evidence
    assert snapshots.async_get(answer["snapshot_id"]).class_name == ""
    assert (await snapshots.async_read(answer["snapshot_id"])).endswith(b"boxes:0")


async def test_no_snapshot_to_keep(
    hass: HomeAssistant, loaded: MockConfigEntry, camera: FakeCamera
) -> None:
    camera.picture = None
    await look(the_camera(loaded), 3)
    with pytest.raises(ServiceValidationError) as caught:
        await call(hass, "save_snapshot", device_id=device_of(hass, loaded))
    assert caught.value.translation_key == "no_snapshot_yet"
    with pytest.raises(ServiceValidationError) as caught:
        await call(hass, "save_snapshot", device_id="nothing")
    assert caught.value.translation_key == "unknown_camera"


async def test_the_device_of_the_engine_is_no_camera(
    hass: HomeAssistant, loaded: MockConfigEntry
) -> None:
    device = registered(hass, "sensor.camclassify_processor_use").device_id
    with pytest.raises(ServiceValidationError) as caught:
        await call(hass, "save_snapshot", device_id=device)
    assert caught.value.translation_key == "unknown_camera"


async def test_a_snapshot_that_cannot_be_written_is_not_kept(
    hass: HomeAssistant, loaded: MockConfigEntry
) -> None:
    await look(the_camera(loaded))
    with (
        patch.object(Path, "write_bytes", side_effect=OSError(28, "No space left on device")),
        pytest.raises(HomeAssistantError) as caught,
    ):
        await call(hass, "save_snapshot", device_id=device_of(hass, loaded))
    assert caught.value.translation_key == "cannot_keep"
    assert caught.value.translation_placeholders == {"error": "No space left on device"}
    assert loaded.runtime_data.evidence.async_all() == []


async def test_actions_need_a_running_integration(
    hass: HomeAssistant, loaded: MockConfigEntry
) -> None:
    actions = {
        "classify": {"entity_id": "camera.driveway"},
        "save_snapshot": {"device_id": device_of(hass, loaded)},
        "teach": {"snapshot_id": "1"},
        "forget": {"name": "our van"},
    }
    await hass.config_entries.async_unload(loaded.entry_id)
    assert hass.services.async_services_for_domain(DOMAIN).keys() == actions.keys()
    for action, data in actions.items():
        with pytest.raises(ServiceValidationError) as caught:
            await call(hass, action, **data)
        assert caught.value.translation_key == "not_loaded"


async def test_media_that_is_no_file_of_this_machine_cannot_be_classified(
    hass: HomeAssistant, loaded: MockConfigEntry
) -> None:
    elsewhere = PlayMedia("https://example.org/photo.jpg", "image/jpeg")
    with (
        patch(f"{SERVICES}.async_resolve_media", return_value=elsewhere),
        pytest.raises(ServiceValidationError) as caught,
    ):
        await call(hass, "classify", media_content_id="media-source://cloud/photo.jpg")
    assert caught.value.translation_key == "not_a_file"
