"""Arrived and left: one event entity per camera, always available."""

from datetime import timedelta
from typing import Any, override

from homeassistant.components.event import EventEntity
from homeassistant.components.http.auth import async_sign_path
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from .const import EVENT_ARRIVED, EVENT_LEFT
from .coordinator import CameraCoordinator
from .entity import CameraEntity, async_follow_cameras
from .home import CamClassifyConfigEntry
from .presence import TransitionKind
from .reports import Report

PARALLEL_UPDATES = 0

PICTURE_LIFETIME = timedelta(days=1)

BUS_EVENTS = {TransitionKind.ARRIVED: EVENT_ARRIVED, TransitionKind.LEFT: EVENT_LEFT}


async def async_setup_entry(
    hass: HomeAssistant,
    entry: CamClassifyConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Set up an event entity per camera."""
    async_follow_cameras(
        hass, entry, async_add_entities, lambda camera: [ArrivalsAndDepartures(camera)]
    )


class ArrivalsAndDepartures(CameraEntity, EventEntity):
    """Who came and who went, with the very snapshot that shows it."""

    _attr_translation_key = "arrivals_and_departures"

    def __init__(self, camera: CameraCoordinator) -> None:
        """Tell of one camera."""
        super().__init__(camera, "events")

    @property
    @override
    def available(self) -> bool:
        """Always: coming back from unavailable would look like a new event."""
        return True

    @property
    @override
    def event_types(self) -> list[str]:
        """A type per class and direction: "person_arrived"."""
        names = sorted({name for zone in self.camera.settings.zones for name in zone.classes})
        return [f"{name}_{kind}" for name in names for kind in TransitionKind]

    @override
    async def async_added_to_hass(self) -> None:
        """Listen to reports instead of looks."""
        self.async_on_remove(self.camera.async_add_report_listener(self._handle_report))

    @callback
    def _handle_report(self, report: Report) -> None:
        if report.event_type not in self.event_types:
            return
        self._trigger_event(report.event_type, report.attributes())
        self.async_write_ha_state()
        self.hass.bus.async_fire(BUS_EVENTS[report.transition.kind], self._data(report))

    def _data(self, report: Report) -> dict[str, Any]:
        device, kept = self.device_entry, report.snapshot
        return report.attributes() | {
            "camera": self.camera.settings.name,
            "device_id": device.id if device else None,
            "entity_id": self.entity_id,
            # A notification in the browser shows only what needs no sign-in.
            "signed_url": async_sign_path(
                self.hass, kept.url, PICTURE_LIFETIME, use_content_user=True
            )
            if kept
            else None,
        }
