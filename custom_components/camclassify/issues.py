"""Repair issues: what the user is told of until it is over. `repairs` has the fixes."""

import platform
from collections.abc import Mapping
from typing import Final

from camclassify_core.stream.live import TROUBLES
from homeassistant.config_entries import ConfigSubentry
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import issue_registry as ir
from homeassistant.helpers.start import async_at_started

from .const import DOMAIN

SUPPORTED_MACHINES: Final = frozenset({"x86_64", "AMD64", "aarch64", "arm64"})

ISSUE_BUNDLE_BROKEN: Final = "bundle_broken"
ISSUE_CANNOT_START: Final = "engine_cannot_start"
ISSUE_ENGINE_FAILING: Final = "engine_failing"
ISSUE_ONNXRUNTIME_MISSING: Final = "onnxruntime_missing"
ISSUE_SERVER_AWAY: Final = "server_away"
ISSUE_UNSUPPORTED_MACHINE: Final = "unsupported_machine"
ISSUE_UNSUPPORTED_PROCESSOR: Final = "unsupported_processor"
_NOT_FIXABLE = (ISSUE_UNSUPPORTED_MACHINE, ISSUE_UNSUPPORTED_PROCESSOR)
_OF_A_START = (ISSUE_BUNDLE_BROKEN, ISSUE_CANNOT_START, *_NOT_FIXABLE)

ISSUE_LESSONS_UNFIT: Final = "lessons_unfit"
ISSUE_STORE_DAMAGED: Final = "store_damaged"
ISSUE_STORE_UNWRITABLE: Final = "store_unwritable"

ISSUE_LATE_PICTURES: Final = "late_pictures"
ISSUE_LINKED_GONE: Final = "linked_gone"
ISSUE_UNKNOWN_CLASSES: Final = "unknown_classes"
ISSUE_ZONES_REST: Final = "zones_rest"
NO_PICTURE_ISSUES: Final = (
    "answer_cut",
    "bad_picture",
    "black_picture",
    "camera_failed",
    "camera_gone",
    "camera_without_stream",
    "cannot_connect",
    "empty_answer",
    "frozen_picture",
    "grey_picture",
    "http_status",
    "not_a_picture",
    "other_format",
    "text_answer",
    "tls_failed",
    "too_large",
    "web_page",
    *sorted(TROUBLES),
)
"""Why a camera delivers no pictures, by the reason of its failure."""
CAMERA_ISSUES: Final = (
    *NO_PICTURE_ISSUES,
    ISSUE_LATE_PICTURES,
    ISSUE_LINKED_GONE,
    ISSUE_UNKNOWN_CLASSES,
    ISSUE_ZONES_REST,
)


@callback
def async_raise_issue(
    hass: HomeAssistant,
    issue: str,
    *,
    about: str = "",
    what: Mapping[str, str] | None = None,
    severity: ir.IssueSeverity = ir.IssueSeverity.ERROR,
    is_fixable: bool = True,
    is_persistent: bool = False,
    data: Mapping[str, str] | None = None,
) -> None:
    """Tell of an issue; of one of several `about` each. `what` fills its text, `data` is for its fix."""
    ir.async_create_issue(
        hass,
        DOMAIN,
        _issue_id(issue, about),
        data=dict(data) if data else None,
        is_fixable=is_fixable,
        is_persistent=is_persistent,
        severity=severity,
        translation_key=issue,
        translation_placeholders=dict(what) if what else None,
    )


@callback
def async_clear_issue(hass: HomeAssistant, issue: str, about: str = "") -> None:
    """Take an issue back, if it was raised."""
    ir.async_delete_issue(hass, DOMAIN, _issue_id(issue, about))


@callback
def async_raise_start_issue(hass: HomeAssistant, issue: str, error: Exception) -> None:
    """Say why the engine cannot be started as the user wants it, and offer to try again."""
    if issue == ISSUE_CANNOT_START and platform.machine() not in SUPPORTED_MACHINES:
        issue = ISSUE_UNSUPPORTED_MACHINE
    async_raise_issue(
        hass,
        issue,
        what={"error": str(error), "machine": platform.machine()},
        is_fixable=issue not in _NOT_FIXABLE,
    )


@callback
def async_raise_server_issue(hass: HomeAssistant, url: str, error: Exception) -> None:
    """Say that a server is away: it is asked again by itself until it is back."""
    async_raise_issue(
        hass, ISSUE_SERVER_AWAY, what={"url": url, "error": str(error)}, is_fixable=False
    )


@callback
def async_clear_start_issues(hass: HomeAssistant) -> None:
    """Take back what was raised."""
    for issue in _OF_A_START:
        async_clear_issue(hass, issue)


@callback
def async_tell_unfit(hass: HomeAssistant, unfit: Mapping[str | None, int]) -> None:
    """Say of which taught classes how many examples the bundle that runs cannot use, if of any."""
    if not unfit:
        async_clear_issue(hass, ISSUE_LESSONS_UNFIT)
        return
    lessons = ", ".join(f"{name or '-'} ({count})" for name, count in unfit.items())
    async_raise_issue(
        hass,
        ISSUE_LESSONS_UNFIT,
        what={"lessons": lessons},
        severity=ir.IssueSeverity.WARNING,
        is_fixable=False,
    )


@callback
def async_clear_all_issues(hass: HomeAssistant) -> None:
    """Take everything back."""
    for domain, issue_id in list(ir.async_get(hass).issues):
        if domain == DOMAIN:
            ir.async_delete_issue(hass, domain, issue_id)


@callback
def async_clear_camera_issues(hass: HomeAssistant, subentry_id: str) -> None:
    """Take back what was raised about a camera."""
    for issue in CAMERA_ISSUES:
        async_clear_issue(hass, issue, subentry_id)


class CameraIssues:
    """Raises an issue when a camera's trouble lasts, and takes it back when it is over."""

    def __init__(self, hass: HomeAssistant, subentry: ConfigSubentry) -> None:
        """Raise nothing yet."""
        self._hass = hass
        self._subentry = subentry
        self._wanted: dict[str, dict[str, str]] = {}

    @callback
    def async_configure(self, subentry: ConfigSubentry) -> None:
        """Follow a camera that was changed: what troubles it now is new."""
        self._subentry = subentry
        self._wanted = {}

    @callback
    def async_set(self, issue: str, is_true: bool, **what: str) -> None:
        """Raise an issue of the settings, or take it back."""
        if is_true:
            self._raise(issue, what)
        else:
            self._clear(issue)

    @callback
    def async_raise(self, reason: str, what: Mapping[str, str]) -> None:
        """Say why there are no pictures, once Home Assistant runs; it replaces the reason before."""
        for issue in NO_PICTURE_ISSUES:
            if issue != reason:
                self._clear(issue)
        if reason in NO_PICTURE_ISSUES and self._wanted.get(reason) != what:
            self._raise(reason, dict(what))

    @callback
    def async_clear(self) -> None:
        """Take back what was raised because there were no pictures."""
        for issue in NO_PICTURE_ISSUES:
            self._clear(issue)

    def _raise(self, issue: str, what: dict[str, str]) -> None:
        self._wanted[issue] = what

        @callback
        def create(hass: HomeAssistant) -> None:
            if issue in self._wanted:
                subentry_id = self._subentry.subentry_id
                named = {"camera": self._subentry.title, **self._wanted[issue]}
                async_raise_issue(
                    hass,
                    issue,
                    about=subentry_id,
                    what=named,
                    data={"subentry_id": subentry_id, **named},
                )

        async_at_started(self._hass, create)

    def _clear(self, issue: str) -> None:
        self._wanted.pop(issue, None)
        async_clear_issue(self._hass, issue, self._subentry.subentry_id)


def _issue_id(issue: str, about: str) -> str:
    return f"{issue}_{about}" if about else issue
