"""Repair issues of the engine: it cannot start, its bundle is broken, this machine will not do."""

import platform
from collections.abc import Mapping
from typing import TYPE_CHECKING

from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import issue_registry as ir

from .const import DOMAIN

if TYPE_CHECKING:
    from .home import CamClassifyConfigEntry

SUPPORTED_MACHINES = frozenset({"x86_64", "AMD64", "aarch64", "arm64"})
NOT_FIXABLE = ("unsupported_machine", "unsupported_processor")
ISSUES = ("bundle_broken", "engine_cannot_start", *NOT_FIXABLE)
ISSUE_LESSONS_UNFIT = "lessons_unfit"


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
        is_fixable=issue not in NOT_FIXABLE,
        severity=ir.IssueSeverity.ERROR,
        translation_key=issue,
        translation_placeholders={"error": str(error), "machine": platform.machine()},
    )


@callback
def async_clear_engine_issues(hass: HomeAssistant) -> None:
    """Take back what was raised."""
    for issue in ISSUES:
        ir.async_delete_issue(hass, DOMAIN, issue)


@callback
def async_tell_unfit(hass: HomeAssistant, unfit: Mapping[str | None, int]) -> None:
    """Say of which taught classes how many examples the bundle that runs cannot use, if of any."""
    if not unfit:
        ir.async_delete_issue(hass, DOMAIN, ISSUE_LESSONS_UNFIT)
        return
    ir.async_create_issue(
        hass,
        DOMAIN,
        ISSUE_LESSONS_UNFIT,
        is_fixable=False,
        severity=ir.IssueSeverity.WARNING,
        translation_key=ISSUE_LESSONS_UNFIT,
        translation_placeholders={
            "lessons": ", ".join(f"{name or '-'} ({count})" for name, count in unfit.items())
        },
    )
