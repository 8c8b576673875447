"""Entities that wake a camera: motion sensors, doorbells. They are kept by id, however they are called."""

from collections.abc import Iterable
from time import monotonic

from homeassistant.components.event import DOMAIN as EVENT_DOMAIN
from homeassistant.const import STATE_ON, STATE_UNAVAILABLE, STATE_UNKNOWN
from homeassistant.core import CALLBACK_TYPE, Event, EventStateChangedData, HomeAssistant, callback
from homeassistant.helpers import entity_registry as er
from homeassistant.helpers.event import async_track_state_change_event

from .look import WatchedCamera

_NOT_A_SIGN = (None, STATE_UNAVAILABLE, STATE_UNKNOWN)


@callback
def async_linked_to_keep(hass: HomeAssistant, entity_ids: Iterable[str]) -> list[str]:
    """Return how entities are kept: by their registry id if they have one."""
    registry = er.async_get(hass)
    return [
        entry.id if (entry := registry.async_get(entity_id)) else entity_id
        for entity_id in entity_ids
    ]


@callback
def async_linked_now(hass: HomeAssistant, kept: Iterable[str]) -> list[str]:
    """Return the entity ids of what was kept, as they are now; what was removed is left out."""
    registry = er.async_get(hass)
    found = (er.async_resolve_entity_id(registry, each) for each in kept)
    return [entity_id for entity_id in found if entity_id]


@callback
def async_follow_linked(hass: HomeAssistant, camera: WatchedCamera) -> CALLBACK_TYPE:
    """Wake a camera whenever one of its linked entities says so; return how to stop that."""
    follower = _Follower(hass, camera)
    follower.async_follow()
    return follower.async_stop


class _Follower:
    """Follows the linked entities of one camera, and their names."""

    def __init__(self, hass: HomeAssistant, camera: WatchedCamera) -> None:
        self._hass = hass
        self._camera = camera
        self._linked: list[str] = []
        self._stop_states: CALLBACK_TYPE | None = None
        self._stop_registry = hass.bus.async_listen(
            er.EVENT_ENTITY_REGISTRY_UPDATED, self._handle_registry
        )

    @callback
    def async_follow(self) -> None:
        """Follow the entities by the names that they have now."""
        kept = self._camera.settings.linked
        self._linked = async_linked_now(self._hass, kept)
        self._camera.async_note_linked(found=len(self._linked), of=len(kept))
        if self._stop_states:
            self._stop_states()
        self._stop_states = async_track_state_change_event(
            self._hass, self._linked, self._handle_state
        )
        if self._is_any_on():
            self._camera.pacer.wake(monotonic())
            self._camera.async_wake()

    @callback
    def async_stop(self) -> None:
        """Follow nothing any more."""
        self._stop_registry()
        if self._stop_states:
            self._stop_states()

    def _is_any_on(self) -> bool:
        return any(self._hass.states.is_state(entity_id, STATE_ON) for entity_id in self._linked)

    @callback
    def _handle_registry(self, _event: Event[er.EventEntityRegistryUpdatedData]) -> None:
        if async_linked_now(self._hass, self._camera.settings.linked) != self._linked:
            self.async_follow()

    @callback
    def _handle_state(self, event: Event[EventStateChangedData]) -> None:
        old, new = (
            state.state if state else None
            for state in (event.data["old_state"], event.data["new_state"])
        )
        is_event = event.data["entity_id"].startswith(f"{EVENT_DOMAIN}.")
        pacer = self._camera.pacer
        if new == old:
            return
        if is_event and new not in _NOT_A_SIGN and old not in (None, STATE_UNAVAILABLE):
            pacer.wake(monotonic())
            pacer.rest(monotonic())
            self._camera.async_wake(look_back=True)
        elif new == STATE_ON:
            pacer.wake(monotonic())
            self._camera.async_wake(look_back=True)
        elif not self._is_any_on():
            pacer.rest(monotonic())
