"""The page in the sidebar: draw zones on the live snapshot."""

from pathlib import Path

from homeassistant.components import panel_custom
from homeassistant.components.frontend import async_panel_exists
from homeassistant.components.frontend import async_remove_panel as remove
from homeassistant.components.http import StaticPathConfig
from homeassistant.core import HomeAssistant, callback
from homeassistant.loader import async_get_integration

from .const import DOMAIN

FOLDER = Path(__file__).parent / "frontend"
FOLDER_URL = "/camclassify_static"


async def async_serve_panel(hass: HomeAssistant) -> None:
    """Serve the page's code, which is nobody's secret."""
    await hass.http.async_register_static_paths([StaticPathConfig(FOLDER_URL, str(FOLDER), False)])


async def async_show_panel(hass: HomeAssistant) -> None:
    """Put the page into the sidebar."""
    if not async_panel_exists(hass, DOMAIN):
        integration = await async_get_integration(hass, DOMAIN)
        await panel_custom.async_register_panel(
            hass,
            frontend_url_path=DOMAIN,
            webcomponent_name="camclassify-panel",
            sidebar_title="CamClassify",
            sidebar_icon="mdi:cctv",
            module_url=f"{FOLDER_URL}/camclassify-panel.js?v={integration.version}",
            require_admin=True,
        )


@callback
def async_remove_panel(hass: HomeAssistant) -> None:
    """Take the page out of the sidebar."""
    remove(hass, DOMAIN, warn_if_unknown=False)
