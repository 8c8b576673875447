"""Making a camera be looked at, without waiting for its interval."""

import asyncio
from collections.abc import Callable

from homeassistant.core import HomeAssistant, State
from homeassistant.helpers import device_registry as dr
from homeassistant.helpers import entity_registry as er

from custom_components.camclassify.camera.look import WatchedCamera
from custom_components.camclassify.const import DOMAIN
from custom_components.camclassify.home import CamClassifyConfigEntry


def the_camera(entry: CamClassifyConfigEntry, number: int = 1) -> WatchedCamera:
    """Return an entry's camera."""
    return entry.runtime_data.cameras[f"camera{number}"]


def state_of(hass: HomeAssistant, entity_id: str) -> State:
    """Return the state of an entity that must be there."""
    state = hass.states.get(entity_id)
    assert state is not None, entity_id
    return state


def device_of(hass: HomeAssistant, entry: CamClassifyConfigEntry, number: int = 1) -> str:
    """Return the id of a camera's device."""
    device = dr.async_get(hass).async_get_device_by_identifier(
        (DOMAIN, f"camera{number}"), entry.entry_id
    )
    assert device is not None
    return device.id


def registered(hass: HomeAssistant, entity_id: str) -> er.RegistryEntry:
    """Return the registry entry of an entity that must have one."""
    found = er.async_get(hass).async_get(entity_id)
    assert found is not None, entity_id
    return found


async def look(camera: WatchedCamera, times: int = 1) -> None:
    """Let the camera be looked at, and wait for it."""
    for _ in range(times):
        looked = asyncio.Event()
        remove = camera.async_add_listener(looked.set)
        camera.async_wake()
        async with asyncio.timeout(5):
            await looked.wait()
        remove()


async def until(is_true: Callable[[], object], seconds: float = 5.0) -> None:
    """Wait until something is so."""
    async with asyncio.timeout(seconds):
        while not is_true():
            await asyncio.sleep(0.01)


async def look_until_lost(camera: WatchedCamera) -> None:
    """Let the camera be looked at until so many looks have failed that nothing is known any more."""
    for _ in range(60):
        await look(camera)
        if camera.failures.lost:
            return
    raise AssertionError("It is never lost.")
