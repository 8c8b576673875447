"""How classes are called in the user interface."""

from typing import Final

from homeassistant.core import HomeAssistant
from homeassistant.helpers.translation import async_get_translations

from .const import DOMAIN

BUNDLED_CLASSES: Final = frozenset(
    {
        "animal",
        "bear",
        "bicycle",
        "bird",
        "bus",
        "car",
        "cat",
        "deer",
        "delivery_truck",
        "dog",
        "emergency_vehicle",
        "fox",
        "garbage_truck",
        "minivan",
        "motorcycle",
        "person",
        "pickup",
        "school_bus",
        "squirrel",
        "suv",
        "taxi",
        "vehicle",
    }
)
"""The classes of the default bundle: those that have translated names."""


def plain_name(name: str, zone: str = "") -> str:
    """Name a class that has no translation: "Driveway our car"."""
    words = f"{zone} {name}".replace("_", " ").strip()
    return words[:1].upper() + words[1:]


async def async_class_names(hass: HomeAssistant) -> dict[str, str]:
    """Return the names of the bundled classes in the home's language."""
    prefix = f"component.{DOMAIN}.selector.class.options."
    texts = await async_get_translations(hass, hass.config.language, "selector", {DOMAIN})
    return {key.removeprefix(prefix): text for key, text in texts.items() if key.startswith(prefix)}
