"""Arrived and left: one event entity per camera, always available."""

from typing import override

from homeassistant.components.event import EventEntity
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from .camera.look import WatchedCamera
from .entity import CameraEntity, async_follow_cameras
from .evidence.reports import Report, event_entity_key
from .home import CamClassifyConfigEntry
from .presence import TransitionKind

PARALLEL_UPDATES = 0


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

    def __init__(self, camera: WatchedCamera) -> None:
        """Tell of one camera."""
        super().__init__(camera, "events")
        self._attr_unique_id = event_entity_key(camera.subentry_id)

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
        self.async_on_remove(self.camera.reporter.async_add_listener(self._handle_report))

    @callback
    def _handle_report(self, report: Report) -> None:
        if report.event_type not in self.event_types:
            return
        self._trigger_event(report.event_type, report.attributes())
        self.async_write_ha_state()
