"""CamClassify: who and what is in front of a home's cameras."""

from camclassify_core import BundleError, CamClassifyError, UnsupportedProcessor
from homeassistant.const import Platform
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import ConfigEntryError, ConfigEntryNotReady
from homeassistant.helpers import config_validation as cv
from homeassistant.helpers.dispatcher import async_dispatcher_send
from homeassistant.helpers.typing import ConfigType

from .camera.linked import async_linked_to_keep
from .const import CONF_LINKED, CONF_MASKS, CONF_POINTS, DOMAIN
from .engine.interface import ServerOptions
from .engine.server_connection import ServerAway
from .engine.server_watch import async_watch_server
from .engine.shared import async_get_engine
from .evidence.store import async_remove_pictures
from .flow.preview import PreviewView
from .home import (
    SIGNAL_SET_UP,
    CamClassifyConfigEntry,
    Home,
    async_engine_options,
    async_start_engine,
    camera_subentries,
)
from .issues import (
    ISSUE_BUNDLE_BROKEN,
    ISSUE_CANNOT_START,
    ISSUE_UNSUPPORTED_PROCESSOR,
    async_clear_all_issues,
    async_clear_start_issues,
    async_raise_server_issue,
    async_raise_start_issue,
)
from .panel.commands import async_register_commands
from .panel.page import async_remove_panel, async_serve_panel, async_show_panel
from .panel.views import async_register_views
from .safe_store import async_remove_stores
from .services import async_set_up_services

CONFIG_SCHEMA = cv.config_entry_only_config_schema(DOMAIN)

PLATFORMS = [
    Platform.BINARY_SENSOR,
    Platform.BUTTON,
    Platform.EVENT,
    Platform.IMAGE,
    Platform.SENSOR,
    Platform.SWITCH,
]


async def async_setup(hass: HomeAssistant, config: ConfigType) -> bool:
    """Set up what does not depend on a config entry."""
    await async_serve_panel(hass)
    async_register_views(hass)
    hass.http.register_view(PreviewView)
    async_set_up_services(hass)
    async_register_commands(hass)
    return True


async def async_migrate_entry(hass: HomeAssistant, entry: CamClassifyConfigEntry) -> bool:
    """Bring an entry to today's version.

    Since 1.2, the entities that wake a camera are kept by their registry id; since 1.3, a mask has room for
    the view in which it was drawn.
    """
    if entry.version > 1:
        return False
    for subentry in camera_subentries(entry):
        data = dict(subentry.data)
        if entry.minor_version < 2:
            data[CONF_LINKED] = async_linked_to_keep(hass, data.get(CONF_LINKED, ()))
        if entry.minor_version < 3 and CONF_MASKS in data:
            data[CONF_MASKS] = [{CONF_POINTS: points} for points in data[CONF_MASKS]]
        hass.config_entries.async_update_subentry(entry, subentry, data=data)
    hass.config_entries.async_update_entry(entry, minor_version=3)
    return True


async def async_setup_entry(hass: HomeAssistant, entry: CamClassifyConfigEntry) -> bool:
    """Start the engine and look at the cameras."""
    engine = async_get_engine(hass)
    options = await async_engine_options(hass, entry)
    try:
        await async_start_engine(hass, entry, engine, options)
    except (BundleError, UnsupportedProcessor) as error:
        is_bundle = isinstance(error, BundleError)
        issue = ISSUE_BUNDLE_BROKEN if is_bundle else ISSUE_UNSUPPORTED_PROCESSOR
        async_raise_start_issue(hass, issue, error)
        raise ConfigEntryError(
            translation_domain=DOMAIN,
            translation_key=issue if is_bundle else "engine_unavailable",
            translation_placeholders={"error": str(error)},
        ) from error
    except CamClassifyError as error:
        if isinstance(options, ServerOptions) and isinstance(error, ServerAway):
            async_raise_server_issue(hass, options.url, error)
            async_watch_server(hass, entry, options)
        else:
            async_raise_start_issue(hass, ISSUE_CANNOT_START, error)
        raise ConfigEntryNotReady(
            translation_domain=DOMAIN,
            translation_key="engine_unavailable",
            translation_placeholders={"error": str(error)},
        ) from error
    async_clear_start_issues(hass)
    home = entry.runtime_data = Home(hass, entry, engine)
    await home.async_load()
    await hass.config_entries.async_forward_entry_setups(entry, PLATFORMS)
    await async_show_panel(hass)
    home.async_start()
    async_dispatcher_send(hass, SIGNAL_SET_UP, home)
    entry.async_on_unload(entry.add_update_listener(_async_apply))
    return True


async def async_unload_entry(hass: HomeAssistant, entry: CamClassifyConfigEntry) -> bool:
    """Stop looking; the worker stays for the next set-up unless the user disabled the entry."""
    unloaded = await hass.config_entries.async_unload_platforms(entry, PLATFORMS)
    if unloaded:
        await entry.runtime_data.async_unload()
        async_remove_panel(hass)
        if entry.disabled_by:
            await async_get_engine(hass).async_stop()
    return unloaded


async def async_remove_entry(hass: HomeAssistant, entry: CamClassifyConfigEntry) -> None:
    """Take back every issue, stop the worker, and leave no file behind."""
    async_clear_all_issues(hass)
    await async_get_engine(hass).async_stop()
    await async_remove_stores(hass)
    await async_remove_pictures(hass)


async def _async_apply(hass: HomeAssistant, entry: CamClassifyConfigEntry) -> None:
    await entry.runtime_data.async_sync()
