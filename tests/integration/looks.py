"""Making a camera be looked at, without waiting for its interval."""

import asyncio

from custom_components.camclassify.coordinator import CameraCoordinator
from custom_components.camclassify.home import CamClassifyConfigEntry


def the_camera(entry: CamClassifyConfigEntry, number: int = 1) -> CameraCoordinator:
    """Return the coordinator of an entry's camera."""
    return entry.runtime_data.cameras[f"camera{number}"]


async def look(camera: CameraCoordinator, times: int = 1) -> None:
    """Let the camera be looked at, and wait for it."""
    for _ in range(times):
        looked = asyncio.Event()
        remove = camera.async_add_listener(looked.set)
        camera.async_wake()
        async with asyncio.timeout(5):
            await looked.wait()
        remove()
