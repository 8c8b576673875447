"""Logbook lines: "Driveway: a delivery truck arrived in Yard"."""

from collections.abc import Callable
from typing import Any

from homeassistant.components.logbook import (
    LOGBOOK_ENTRY_ENTITY_ID,
    LOGBOOK_ENTRY_ICON,
    LOGBOOK_ENTRY_MESSAGE,
    LOGBOOK_ENTRY_NAME,
)
from homeassistant.core import Event, HomeAssistant, callback

from .const import DOMAIN, EVENT_ARRIVED, EVENT_LEFT
from .names import BUNDLED_CLASSES

VERBS = {EVENT_ARRIVED: ("arrived", "in "), EVENT_LEFT: ("left", "")}
ICONS = {EVENT_ARRIVED: "mdi:location-enter", EVENT_LEFT: "mdi:location-exit"}


@callback
def async_describe_events(
    hass: HomeAssistant,
    async_describe_event: Callable[[str, str, Callable[[Event], dict[str, Any]]], None],
) -> None:
    """Describe arrivals and departures."""

    @callback
    def describe(event: Event) -> dict[str, Any]:
        verb, preposition = VERBS[str(event.event_type)]
        what = _with_article(event.data["class"])
        where = f" {preposition}{event.data['zone']}" if event.data["zone"] else ""
        return {
            LOGBOOK_ENTRY_NAME: event.data["camera"],
            LOGBOOK_ENTRY_MESSAGE: f"saw that {what} {verb}{where}",
            LOGBOOK_ENTRY_ENTITY_ID: event.data["entity_id"],
            LOGBOOK_ENTRY_ICON: ICONS[str(event.event_type)],
        }

    for event_type in VERBS:
        async_describe_event(DOMAIN, event_type, describe)


def _with_article(name: str) -> str:
    """Name an object as a sentence does: "an animal", "our car"."""
    words = name.replace("_", " ")
    if name not in BUNDLED_CLASSES:
        return words
    return f"an {words}" if words.startswith(tuple("aeio")) else f"a {words}"
