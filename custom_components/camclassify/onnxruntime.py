"""ONNX Runtime: installed while Home Assistant runs, and only for a bundle that needs it.

The default bundle runs without it, everywhere. There is no wheel of it for musl, so it cannot be a plain
requirement.
"""

import asyncio
import platform
from dataclasses import replace
from typing import Final

from camclassify_core import EngineOptions, OnnxRuntimeMissing
from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import issue_registry as ir
from homeassistant.helpers.start import async_at_started
from homeassistant.requirements import RequirementsNotFound, async_process_requirements
from homeassistant.util.hass_dict import HassKey

from .const import DOMAIN
from .engine import SharedEngine

ISSUE_ONNXRUNTIME_MISSING: Final = "onnxruntime_missing"
REQUIREMENT: Final = "onnxruntime>=1.23"
MACHINES_WITH_WHEEL: Final = frozenset({"x86_64", "aarch64"})

DATA_TRIED: HassKey[bool] = HassKey(f"{DOMAIN}_onnxruntime_tried")


def wheel_exists() -> bool:
    """Tell whether ONNX Runtime can be installed on this machine."""
    return platform.libc_ver()[0] == "glibc" and platform.machine() in MACHINES_WITH_WHEEL


async def async_start_engine(
    hass: HomeAssistant, entry: ConfigEntry, engine: SharedEngine, options: EngineOptions
) -> None:
    """Start the engine with a bundle; with the default one while that waits for ONNX Runtime.

    Raises BundleError and EngineUnavailable.
    """
    try:
        await engine.async_start(options)
    except OnnxRuntimeMissing as error:
        await engine.async_start(replace(options, bundle=None, classes=()))
        if wheel_exists() and not hass.data.get(DATA_TRIED):
            hass.data[DATA_TRIED] = True
            entry.async_create_background_task(
                hass, _async_install(hass, entry, engine), f"{DOMAIN} installs {REQUIREMENT}"
            )
        else:
            _raise_issue(hass, str(error))
    else:
        async_clear_onnxruntime_issue(hass)


@callback
def async_clear_onnxruntime_issue(hass: HomeAssistant) -> None:
    """Take back what was raised."""
    ir.async_delete_issue(hass, DOMAIN, ISSUE_ONNXRUNTIME_MISSING)


async def _async_install(hass: HomeAssistant, entry: ConfigEntry, engine: SharedEngine) -> None:
    """Install once Home Assistant has started, then begin anew: only a new worker finds it."""
    started = asyncio.Event()

    async def set_started(_hass: HomeAssistant) -> None:
        started.set()

    cancel = async_at_started(hass, set_started)
    try:
        await started.wait()
        await async_process_requirements(hass, DOMAIN, [REQUIREMENT], is_built_in=False)
    except RequirementsNotFound as error:
        _raise_issue(hass, str(error))
        return
    finally:
        cancel()
    async with entry.setup_lock:  # a set-up that is under way goes on with the default bundle
        await engine.async_stop()
    hass.config_entries.async_schedule_reload(entry.entry_id)


def _raise_issue(hass: HomeAssistant, error: str) -> None:
    ir.async_create_issue(
        hass,
        DOMAIN,
        ISSUE_ONNXRUNTIME_MISSING,
        is_fixable=True,
        severity=ir.IssueSeverity.WARNING,
        translation_key=ISSUE_ONNXRUNTIME_MISSING,
        translation_placeholders={"error": error},
    )
