"""The page in the sidebar: zones on the live snapshot, thresholds, teaching."""

from pathlib import Path

from homeassistant.components import frontend, panel_custom
from homeassistant.components.http import StaticPathConfig
from homeassistant.core import HomeAssistant, callback
from homeassistant.loader import async_get_integration

from ..const import DOMAIN

FOLDER = Path(__file__).parent / "frontend"


async def async_serve_panel(hass: HomeAssistant) -> None:
    """Serve the page's code, which is nobody's secret."""
    url = await _async_folder_url(hass)
    await hass.http.async_register_static_paths([StaticPathConfig(url, str(FOLDER), False)])


async def async_show_panel(hass: HomeAssistant) -> None:
    """Put the page into the sidebar."""
    if not frontend.async_panel_exists(hass, DOMAIN):
        await panel_custom.async_register_panel(
            hass,
            frontend_url_path=DOMAIN,
            webcomponent_name="camclassify-panel",
            sidebar_title="CamClassify",
            sidebar_icon="mdi:cctv",
            module_url=f"{await _async_folder_url(hass)}/camclassify-panel.js",
            require_admin=True,
        )


@callback
def async_remove_panel(hass: HomeAssistant) -> None:
    """Take the page out of the sidebar."""
    frontend.async_remove_panel(hass, DOMAIN, warn_if_unknown=False)


async def _async_folder_url(hass: HomeAssistant) -> str:
    """Return the address of the page's code: another one with each version, so that none is mixed."""
    integration = await async_get_integration(hass, DOMAIN)
    return f"/camclassify_static/{integration.version}"
