"""Repair issues of one camera: what only the user can put right."""

from homeassistant.config_entries import ConfigSubentry
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import issue_registry as ir
from homeassistant.helpers.start import async_at_started

from .const import DOMAIN

ISSUE_CAMERA_GONE = "camera_gone"
ISSUE_INVALID_AUTH = "invalid_auth"
ISSUE_LINKED_GONE = "linked_gone"
ISSUE_UNKNOWN_CLASSES = "unknown_classes"
OF_PICTURES = (ISSUE_CAMERA_GONE, ISSUE_INVALID_AUTH)
ISSUES = (*OF_PICTURES, ISSUE_LINKED_GONE, ISSUE_UNKNOWN_CLASSES)


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
    def async_raise(self, reason: str) -> None:
        """Raise an issue if this is one that only the user can put right, once Home Assistant runs."""
        for issue in OF_PICTURES:
            # Whatever else a camera answers, it is there; whether it would take the password, nobody knows.
            if issue != reason and (reason in OF_PICTURES or issue == ISSUE_CAMERA_GONE):
                self._clear(issue)
        if reason in OF_PICTURES and reason not in self._wanted:
            self._raise(reason, {})

    @callback
    def async_clear(self) -> None:
        """Take back what was raised because there were no pictures."""
        for issue in OF_PICTURES:
            self._clear(issue)

    def _raise(self, issue: str, what: dict[str, str]) -> None:
        self._wanted[issue] = what

        @callback
        def create(_hass: HomeAssistant) -> None:
            if issue in self._wanted:
                self._create(issue, self._wanted[issue])

        async_at_started(self._hass, create)

    def _clear(self, issue: str) -> None:
        self._wanted.pop(issue, None)
        ir.async_delete_issue(self._hass, DOMAIN, _issue_id(issue, self._subentry.subentry_id))

    def _create(self, issue: str, what: dict[str, str]) -> None:
        named = {"camera": self._subentry.title, **what}
        ir.async_create_issue(
            self._hass,
            DOMAIN,
            _issue_id(issue, self._subentry.subentry_id),
            data={"subentry_id": self._subentry.subentry_id, **named},
            is_fixable=True,
            severity=ir.IssueSeverity.ERROR,
            translation_key=issue,
            translation_placeholders=named,
        )


def _issue_id(issue: str, subentry_id: str) -> str:
    return f"{issue}_{subentry_id}"
