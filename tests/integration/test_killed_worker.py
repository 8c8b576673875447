"""A real worker process that is killed while cameras are watched."""

import asyncio
import logging
import os
import signal
import sys
from collections.abc import AsyncGenerator
from functools import partial
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest
from camclassify_core import EngineClient
from homeassistant.core import HomeAssistant
from pytest_homeassistant_custom_component.common import MockConfigEntry, async_capture_events

from .conftest import FakeCamera
from .looks import the_camera

WORKER = Path(__file__).parent / "person_worker.py"
RESUMES_WITHIN = 5.0


@pytest.fixture
def cameras() -> list[dict[str, Any]]:
    return [{"entity_id": "camera.driveway", "classes": ["person"], "interval": 0.2}]


@pytest.fixture
async def watched(
    hass: HomeAssistant, camera: FakeCamera, entry: MockConfigEntry
) -> AsyncGenerator[MockConfigEntry]:
    client = partial(EngineClient, command=(sys.executable, str(WORKER)))
    with patch("custom_components.camclassify.engine.shared.EngineClient", client):
        assert await hass.config_entries.async_setup(entry.entry_id)
        await hass.async_block_till_done()
    yield entry
    await hass.config_entries.async_remove(entry.entry_id)


async def frames_after(entry: MockConfigEntry, more: int) -> None:
    """Wait until this many more frames were classified."""
    statistics = the_camera(entry).eye.statistics
    wanted = statistics.frames + more
    while statistics.frames < wanted:
        await asyncio.sleep(0.05)


async def test_classification_resumes_after_a_kill_and_no_entity_flips(
    hass: HomeAssistant, watched: MockConfigEntry, caplog: pytest.LogCaptureFixture
) -> None:
    async with asyncio.timeout(30):
        await frames_after(watched, 5)
    person = hass.states.get("binary_sensor.driveway_person")
    caplog.clear()
    changes = async_capture_events(hass, "state_changed")
    pid = (await watched.runtime_data.engine.client.info()).pid
    os.kill(pid, signal.SIGKILL)
    async with asyncio.timeout(RESUMES_WITHIN):
        await frames_after(watched, 2)
    assert hass.states.get("binary_sensor.driveway_person") == person
    assert not [each for each in changes if each.data["entity_id"].startswith("binary_sensor")]
    warnings = [each for each in caplog.records if each.levelno >= logging.WARNING]
    assert [each.name.partition(".")[0] for each in warnings] == ["camclassify_core"]
    assert (await watched.runtime_data.engine.client.info()).pid != pid


async def test_nothing_is_left_running_after_removal(
    hass: HomeAssistant, watched: MockConfigEntry
) -> None:
    pid = (await watched.runtime_data.engine.client.info()).pid
    await hass.config_entries.async_remove(watched.entry_id)
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)
    await hass.config_entries.async_add(watched)


async def test_home_assistant_loads_no_native_code(
    hass: HomeAssistant, watched: MockConfigEntry
) -> None:
    assert "camclassify_core._core" not in sys.modules
