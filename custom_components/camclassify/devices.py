"""The devices of cameras: named and placed like the cameras that they look at, and linked to them."""

from collections.abc import Mapping

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import CALLBACK_TYPE, Event, HomeAssistant, callback
from homeassistant.helpers import area_registry as ar
from homeassistant.helpers import device_registry as dr
from homeassistant.helpers.device_registry import DeviceInfo

from .camera.look import WatchedCamera
from .const import DOMAIN

MANUFACTURER = "CamClassify"
MODEL = "Camera classification"


@callback
def async_device_info(hass: HomeAssistant, camera: WatchedCamera) -> DeviceInfo:
    """Return what a camera's device is when it comes into being."""
    identifiers, name = {(DOMAIN, camera.subentry_id)}, camera.settings.name
    if (source := camera.source_device) is None:
        return DeviceInfo(
            identifiers=identifiers, manufacturer=MANUFACTURER, model=MODEL, name=name
        )
    area = ar.async_get(hass).async_get_area(source.area_id) if source.area_id else None
    return DeviceInfo(
        identifiers=identifiers,
        manufacturer=MANUFACTURER,
        model=MODEL,
        name=name,
        suggested_area=area.name if area else None,
        via_device_id=_linked(source),
    )


@callback
def async_follow_settings(hass: HomeAssistant, entry: ConfigEntry, camera: WatchedCamera) -> None:
    """Name the device as its camera is called now, and link it to what it looks at now."""
    source = camera.source_device
    if device := _device(hass, entry, camera):
        dr.async_get(hass).async_update_device(
            device.id, name=camera.settings.name, via_device_id=_linked(source) if source else None
        )


@callback
def async_follow_sources(
    hass: HomeAssistant, entry: ConfigEntry, cameras: Mapping[str, WatchedCamera]
) -> CALLBACK_TYPE:
    """Rename and move a camera with the device that it looks at, unless the user told them apart."""

    @callback
    def follow(event: Event[dr.EventDeviceRegistryUpdatedData]) -> None:
        if event.data["action"] != "update":
            return
        before = event.data["changes"]
        for key, camera in cameras.items():
            source = camera.source_device
            if source is None or source.id != event.data["device_id"]:
                continue
            name = source.name_by_user or source.name
            was = before.get("name_by_user", source.name_by_user) or before.get("name", source.name)
            subentry = entry.subentries.get(key)
            if subentry and name and was != name and subentry.title == was:
                hass.config_entries.async_update_subentry(entry, subentry, title=name)
            device = _device(hass, entry, camera)
            if device and "area_id" in before and device.area_id == before["area_id"]:
                dr.async_get(hass).async_update_device(device.id, area_id=source.area_id)

    return hass.bus.async_listen(dr.EVENT_DEVICE_REGISTRY_UPDATED, follow)


def _linked(source: dr.DeviceEntry | dr.ChildDeviceEntry) -> str:
    """Return the device to stand via: a part of a device is none itself."""
    return source.parent_device_id if isinstance(source, dr.ChildDeviceEntry) else source.id


def _device(
    hass: HomeAssistant, entry: ConfigEntry, camera: WatchedCamera
) -> dr.DeviceEntry | None:
    identifier = DOMAIN, camera.subentry_id
    return dr.async_get(hass).async_get_device_by_identifier(identifier, entry.entry_id)
