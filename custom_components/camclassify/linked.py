"""Entities that wake a camera: motion sensors, doorbells."""

from time import monotonic

from homeassistant.components.event import DOMAIN as EVENT_DOMAIN
from homeassistant.const import STATE_ON, STATE_UNAVAILABLE, STATE_UNKNOWN
from homeassistant.core import CALLBACK_TYPE, Event, EventStateChangedData, HomeAssistant, callback
from homeassistant.helpers.event import async_track_state_change_event

from .coordinator import CameraCoordinator

_NOT_A_SIGN = (None, STATE_UNAVAILABLE, STATE_UNKNOWN)


@callback
def async_follow_linked(hass: HomeAssistant, camera: CameraCoordinator) -> CALLBACK_TYPE:
    """Wake a camera whenever one of its linked entities says so; return how to stop that."""
    linked = camera.settings.linked

    @callback
    def is_any_on() -> bool:
        return any(hass.states.is_state(entity_id, STATE_ON) for entity_id in linked)

    @callback
    def handle(event: Event[EventStateChangedData]) -> None:
        old, new = (
            state.state if state else None
            for state in (event.data["old_state"], event.data["new_state"])
        )
        is_event = event.data["entity_id"].startswith(f"{EVENT_DOMAIN}.")
        if new == old:
            return
        if is_event and new not in _NOT_A_SIGN and old not in (None, STATE_UNAVAILABLE):
            camera.attention.wake(monotonic())
            camera.attention.rest(monotonic())
            camera.async_wake(look_back=True)
        elif new == STATE_ON:
            camera.attention.wake(monotonic())
            camera.async_wake(look_back=True)
        elif not is_any_on():
            camera.attention.rest(monotonic())

    if is_any_on():
        camera.attention.wake(monotonic())
        camera.async_wake()
    return async_track_state_change_event(hass, linked, handle)
