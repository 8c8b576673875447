"""CamClassify: who and what is in front of a home's cameras."""

from camclassify_core import BundleError, EngineUnavailable
from homeassistant.const import Platform
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import ConfigEntryError, ConfigEntryNotReady
from homeassistant.helpers import config_validation as cv
from homeassistant.helpers.typing import ConfigType

from .const import DOMAIN
from .engine import async_get_engine
from .home import CamClassifyConfigEntry, Home, engine_options
from .preview import PreviewView

CONFIG_SCHEMA = cv.config_entry_only_config_schema(DOMAIN)

PLATFORMS = [Platform.BINARY_SENSOR, Platform.SENSOR]


async def async_setup(hass: HomeAssistant, config: ConfigType) -> bool:
    """Set up what does not depend on a config entry."""
    hass.http.register_view(PreviewView())
    return True


async def async_setup_entry(hass: HomeAssistant, entry: CamClassifyConfigEntry) -> bool:
    """Start the engine and look at the cameras."""
    engine = async_get_engine(hass)
    try:
        await engine.async_start(engine_options(entry))
    except BundleError as error:
        raise ConfigEntryError(
            translation_domain=DOMAIN,
            translation_key="bundle_broken",
            translation_placeholders={"error": str(error)},
        ) from error
    except EngineUnavailable as error:
        raise ConfigEntryNotReady(
            translation_domain=DOMAIN,
            translation_key="engine_unavailable",
            translation_placeholders={"error": str(error)},
        ) from error
    home = entry.runtime_data = Home(hass, entry, engine)
    await hass.config_entries.async_forward_entry_setups(entry, PLATFORMS)
    home.async_start()
    entry.async_on_unload(entry.add_update_listener(_async_apply))
    return True


async def async_unload_entry(hass: HomeAssistant, entry: CamClassifyConfigEntry) -> bool:
    """Stop looking; the worker stays for the next set-up unless the user disabled the entry."""
    unloaded = await hass.config_entries.async_unload_platforms(entry, PLATFORMS)
    if unloaded and entry.disabled_by:
        await async_get_engine(hass).async_stop()
    return unloaded


async def async_remove_entry(hass: HomeAssistant, entry: CamClassifyConfigEntry) -> None:
    """Stop the worker."""
    await async_get_engine(hass).async_stop()


async def _async_apply(hass: HomeAssistant, entry: CamClassifyConfigEntry) -> None:
    await entry.runtime_data.async_sync()
