"""What the system information page says about the engine."""

from typing import Any

from homeassistant.components import system_health
from homeassistant.core import HomeAssistant, callback

from .engine.shared import async_get_engine
from .home import async_loaded_home


@callback
def async_register(hass: HomeAssistant, register: system_health.SystemHealthRegistration) -> None:
    """Register the information."""
    register.async_register_info(system_health_info)


async def system_health_info(hass: HomeAssistant) -> dict[str, Any]:
    """Return what there is to say."""
    engine = async_get_engine(hass)
    if not engine.started:
        return {"engine": "stopped"}
    information: dict[str, Any] = {
        "engine": f"{engine.state} (server)" if engine.on_server else engine.state,
        "version": engine.info.version,
        "bundle": f"{engine.info.bundle_name} {engine.info.bundle_version}",
        "instruction_set": engine.info.instruction_set,
        "runners": ", ".join(sorted({each.runner for each in engine.info.networks})),
        "onnxruntime": engine.info.onnxruntime or "-",
    }
    if home := async_loaded_home(hass):
        available = sum(camera.available for camera in home.cameras.values())
        information["cameras"] = f"{available}/{len(home.cameras)}"
    return information
