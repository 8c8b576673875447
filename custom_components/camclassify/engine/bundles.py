"""Bundles of one's own, in the folder camclassify/bundles of the configuration."""

import asyncio
import json
from pathlib import Path
from typing import Final

from camclassify_core import EngineClient, EngineOptions
from camclassify_core.bundle.places import default_bundle
from homeassistant.core import HomeAssistant

from ..const import DOMAIN

DEFAULT_BUNDLE: Final = "default"
TRIAL_SECONDS: Final = 60.0


def bundle_folder(hass: HomeAssistant) -> Path:
    """Return the folder in which the user puts bundles."""
    return Path(hass.config.path(DOMAIN, "bundles"))


def bundle_path(hass: HomeAssistant, name: str | None) -> Path | None:
    """Return the folder of a bundle; None for the one that comes with the engine."""
    return None if name in (None, DEFAULT_BUNDLE) else bundle_folder(hass) / name


def list_bundles(folder: Path) -> list[str]:
    """Return the names of the bundles in a folder. Reads the disk."""
    return sorted(path.parent.name for path in folder.glob("*/bundle.json"))


def known_classes(bundle: Path | None) -> frozenset[str] | None:
    """Return the classes of a bundle, None if it cannot be read. Reads the disk."""
    try:
        described = json.loads(((bundle or default_bundle()) / "bundle.json").read_text())
        return frozenset(each["name"] for each in described["classes"])
    except OSError, ValueError, KeyError, TypeError:
        return None


async def async_try_bundle(bundle: Path | None) -> None:
    """Load a bundle in a worker of its own: the one that looks at the cameras notices nothing.

    Raises CamClassifyError, and TimeoutError after `TRIAL_SECONDS`.
    """
    client = EngineClient(EngineOptions(bundle=bundle))
    try:
        async with asyncio.timeout(TRIAL_SECONDS):
            await client.start()
    finally:
        await client.stop()
