"""ONNX Runtime: installed while Home Assistant runs, and only for a bundle that needs it.

The default bundle runs without it, everywhere. There is no wheel of it for musl, so it cannot be a plain
requirement.
"""

import asyncio
import platform
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final

from camclassify_core import EngineOptions, OnnxRuntimeMissing
from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers.issue_registry import IssueSeverity
from homeassistant.helpers.start import async_at_started
from homeassistant.requirements import RequirementsNotFound, async_process_requirements
from homeassistant.util.hass_dict import HassKey

from ..const import DOMAIN
from ..issues import ISSUE_ONNXRUNTIME_MISSING, async_clear_issue, async_raise_issue
from .shared import SharedEngine

REQUIREMENT: Final = "onnxruntime>=1.23"
MACHINES_WITH_WHEEL: Final = frozenset({"x86_64", "aarch64"})


@dataclass(slots=True)
class Installation:
    """The one attempt until Home Assistant restarts.

    `waiting`: bundles that were found to need it, and what the engine said.
    """

    running: bool = False
    tried: bool = False
    waiting: dict[Path | None, str] = field(default_factory=dict)

    @property
    def possible(self) -> bool:
        """Whether it is worth an attempt."""
        return wheel_exists() and not self.tried


DATA_INSTALLATION: HassKey[Installation] = HassKey(f"{DOMAIN}_onnxruntime")


def wheel_exists() -> bool:
    """Tell whether ONNX Runtime can be installed on this machine."""
    return platform.libc_ver()[0] == "glibc" and platform.machine() in MACHINES_WITH_WHEEL


@callback
def async_get_installation(hass: HomeAssistant) -> Installation:
    """Return what was tried in this Home Assistant so far."""
    return hass.data.setdefault(DATA_INSTALLATION, Installation())


async def async_start_or_install(
    hass: HomeAssistant, entry: ConfigEntry, engine: SharedEngine, options: EngineOptions
) -> None:
    """Start the engine with a bundle; with the default one while that waits for ONNX Runtime.

    Raises BundleError and EngineUnavailable.
    """
    installation = async_get_installation(hass)
    if options.bundle not in installation.waiting:
        try:
            await engine.async_start(options)
        except OnnxRuntimeMissing as error:
            installation.waiting[options.bundle] = str(error)
        else:
            async_clear_issue(hass, ISSUE_ONNXRUNTIME_MISSING)
            return
    await engine.async_start(replace(options, bundle=None, classes=()))
    if installation.running:
        return
    if installation.possible:
        installation.running = True
        entry.async_create_background_task(
            hass, _async_install(hass, entry, engine), f"{DOMAIN} installs {REQUIREMENT}"
        )
    else:
        _raise_issue(hass, installation.waiting[options.bundle])


async def _async_install(hass: HomeAssistant, entry: ConfigEntry, engine: SharedEngine) -> None:
    """Install once Home Assistant has started, then begin anew: only a new worker finds it.

    An attempt that is cut short, because the entry is unloaded, does not count.
    """
    installation = async_get_installation(hass)
    started = asyncio.Event()

    async def set_started(_hass: HomeAssistant) -> None:
        started.set()

    cancel = async_at_started(hass, set_started)
    try:
        await started.wait()
        await async_process_requirements(hass, DOMAIN, [REQUIREMENT], is_built_in=False)
        installation.tried = True
        installation.waiting.clear()
    except RequirementsNotFound as error:
        installation.tried = True
        _raise_issue(hass, str(error))
        return
    finally:
        installation.running = False
        cancel()
    async with entry.setup_lock:  # a set-up that is under way goes on with the default bundle
        await engine.async_stop()
    hass.config_entries.async_schedule_reload(entry.entry_id)


@callback
def _raise_issue(hass: HomeAssistant, error: str) -> None:
    async_raise_issue(
        hass,
        ISSUE_ONNXRUNTIME_MISSING,
        what={"error": error},
        severity=IssueSeverity.WARNING,
    )
