"""Repair issues of the engine: it cannot start, its bundle is broken, this machine will not do."""

import platform
from typing import TYPE_CHECKING

from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import issue_registry as ir

from .const import DOMAIN

if TYPE_CHECKING:
    from .home import CamClassifyConfigEntry

SUPPORTED_MACHINES = frozenset({"x86_64", "AMD64", "aarch64", "arm64"})
ISSUES = ("bundle_broken", "engine_cannot_start", "unsupported_machine")


@callback
def async_raise_engine_issue(
    hass: HomeAssistant, entry: CamClassifyConfigEntry, issue: str, error: Exception
) -> None:
    """Say why there is no engine, and offer to try again."""
    if issue == "engine_cannot_start" and platform.machine() not in SUPPORTED_MACHINES:
        issue = "unsupported_machine"
    ir.async_create_issue(
        hass,
        DOMAIN,
        issue,
        data={"entry_id": entry.entry_id},
        is_fixable=issue != "unsupported_machine",
        severity=ir.IssueSeverity.ERROR,
        translation_key=issue,
        translation_placeholders={"error": str(error), "machine": platform.machine()},
    )


@callback
def async_clear_engine_issues(hass: HomeAssistant) -> None:
    """Take back what was raised."""
    for issue in ISSUES:
        ir.async_delete_issue(hass, DOMAIN, issue)
