"""Repair issues of one camera: what only the user can put right."""

from homeassistant.config_entries import ConfigSubentry
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import issue_registry as ir
from homeassistant.helpers.start import async_at_started

from .const import DOMAIN

ISSUE_CAMERA_GONE = "camera_gone"
ISSUE_INVALID_AUTH = "invalid_auth"
ISSUES = (ISSUE_CAMERA_GONE, ISSUE_INVALID_AUTH)


@callback
def async_clear_camera_issues(hass: HomeAssistant, subentry_id: str) -> None:
    """Take back what was raised about a camera."""
    for issue in ISSUES:
        ir.async_delete_issue(hass, DOMAIN, _issue_id(issue, subentry_id))


class CameraIssues:
    """Raises an issue when a camera's trouble lasts, and takes it back when it is over."""

    def __init__(self, hass: HomeAssistant, subentry: ConfigSubentry) -> None:
        """Raise nothing yet."""
        self._hass = hass
        self._subentry = subentry
        self._wanted: str | None = None

    @callback
    def async_configure(self, subentry: ConfigSubentry) -> None:
        """Follow a camera that was changed: what troubles it now is new."""
        self._subentry = subentry
        self._wanted = None

    @callback
    def async_raise(self, reason: str) -> None:
        """Raise an issue if this is one that only the user can put right, once Home Assistant runs."""
        if reason == self._wanted:
            return
        if reason in ISSUES or self._wanted == ISSUE_CAMERA_GONE:
            self.async_clear()
        if reason in ISSUES:
            self._wanted = reason
            async_at_started(self._hass, self._create)

    @callback
    def async_clear(self) -> None:
        """Take back what was raised."""
        self._wanted = None
        async_clear_camera_issues(self._hass, self._subentry.subentry_id)

    @callback
    def _create(self, _hass: HomeAssistant) -> None:
        if self._wanted is None:
            return
        ir.async_create_issue(
            self._hass,
            DOMAIN,
            _issue_id(self._wanted, self._subentry.subentry_id),
            data={"subentry_id": self._subentry.subentry_id, "camera": self._subentry.title},
            is_fixable=True,
            severity=ir.IssueSeverity.ERROR,
            translation_key=self._wanted,
            translation_placeholders={"camera": self._subentry.title},
        )


def _issue_id(issue: str, subentry_id: str) -> str:
    return f"{issue}_{subentry_id}"
