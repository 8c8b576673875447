"""A camera entity that shows who is there, or misbehaves.

Import this only after the simulated clock is installed.
"""

import asyncio
import builtins
import json
from collections import Counter
from time import monotonic
from typing import override

from homeassistant.components.camera import Camera


class FakeCamera(Camera):
    """A camera entity that shows who is there, or misbehaves as `mode` says."""

    def __init__(self, key: str) -> None:
        super().__init__()
        self.entity_id = f"camera.{key}"
        self._attr_unique_id = key
        self._attr_name = key
        self.key = key
        self.view = 0
        self.views: dict[int, dict[str, list[float]]] = {}
        self.mode = ""
        self.deed = ""
        self.looked_at = monotonic()
        self.visits: Counter[str] = Counter()

    @property
    def seen(self) -> dict[str, list[float]]:
        """Who is in the view that it shows."""
        return self.views.setdefault(self.view, {})

    def come(self, name: str, place: int) -> None:
        """Somebody is there from now on, instead of whoever was there before."""
        self.visits[name] += 1
        if name == "car":
            self.visits["vehicle"] += 1
        self.seen[name] = [0.08 * place, 0.2, 0.08 * place + 0.1, 0.6]

    def look_away(self) -> None:
        """Nobody looks for a while: whoever is let go, and is still there after it, comes anew."""
        for name, box in list(self.seen.items()):
            self.come(name, round(box[0] / 0.08))

    def go(self, name: str) -> None:
        """Nobody of this class is there any more."""
        self.seen.pop(name, None)

    @override
    async def async_camera_image(
        self, width: int | None = None, height: int | None = None
    ) -> bytes | None:
        match self.mode.split():
            case ["hang"]:
                await asyncio.sleep(1e6)
            case ["slow"]:
                await asyncio.sleep(8)
            case ["nothing"]:
                return None
            case ["empty"]:
                return b""
            case ["page"]:
                return b"<html>"
            case ["raise", name]:
                raise getattr(builtins, name, asyncio.CancelledError)("the camera's own fault")
        told = {"seen": self.seen, "view": self.view, "deed": self.deed, "at": monotonic()}
        return b"\xff\xd8\xff" + json.dumps(told).encode()
