"""Where the sun stands at home."""

from astral.sun import elevation
from homeassistant.core import HomeAssistant
from homeassistant.helpers.sun import get_astral_observer
from homeassistant.util import dt as dt_util


def sun_elevation(hass: HomeAssistant) -> float:
    """Return degrees above the horizon, below it if negative."""
    return float(elevation(get_astral_observer(hass), dt_util.utcnow()))
