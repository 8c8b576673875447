"""Arrivals and departures on the bus of Home Assistant: what automations and the logbook hear."""

from datetime import timedelta

from homeassistant.components.event import DOMAIN as EVENT_DOMAIN
from homeassistant.components.http.auth import async_sign_path
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import entity_registry as er

from ..const import DOMAIN, EVENT_ARRIVED, EVENT_LEFT
from ..presence import TransitionKind
from .reports import Report

PICTURE_LIFETIME = timedelta(days=1)

BUS_EVENTS = {TransitionKind.ARRIVED: EVENT_ARRIVED, TransitionKind.LEFT: EVENT_LEFT}


def event_entity_key(subentry_id: str) -> str:
    """Return the unique id of a camera's event entity."""
    return f"{subentry_id}-events"


@callback
def async_announce(hass: HomeAssistant, subentry_id: str, name: str, report: Report) -> None:
    """Fire the event of a report; `name` is the camera's. Its entity need not be enabled."""
    registry, kept = er.async_get(hass), report.snapshot
    entity_id = registry.async_get_entity_id(EVENT_DOMAIN, DOMAIN, event_entity_key(subentry_id))
    entity = registry.async_get(entity_id) if entity_id else None
    hass.bus.async_fire(
        BUS_EVENTS[report.transition.kind],
        report.attributes()
        | {
            "camera": name,
            "device_id": entity.device_id if entity else None,
            "entity_id": entity_id,
            # A notification in the browser shows only what needs no sign-in.
            "signed_url": async_sign_path(hass, kept.url, PICTURE_LIFETIME, use_content_user=True)
            if kept
            else None,
        },
    )
