"""A camera's device: named and placed like the camera that it looks at, and no rival of its entities."""

import pytest
from homeassistant.components.camera import DOMAIN as CAMERA_DOMAIN
from homeassistant.config_entries import SOURCE_RECONFIGURE, SOURCE_USER
from homeassistant.core import HomeAssistant
from homeassistant.helpers import area_registry as ar
from homeassistant.helpers import device_registry as dr
from homeassistant.helpers import entity_registry as er
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.camclassify.const import DOMAIN
from custom_components.camclassify.devices import MODEL

from .conftest import ENTITY_CAMERA, FakeCamera
from .looks import device_of, look, registered, the_camera


@pytest.fixture
def area() -> str:
    """Where the camera is; a test may override this."""
    return ""


@pytest.fixture
def reolink(hass: HomeAssistant, area: str) -> dr.DeviceEntry:
    """The device of a camera that finds persons itself."""
    other = MockConfigEntry(domain="reolink")
    other.add_to_hass(hass)
    devices = dr.async_get(hass)
    device = devices.async_get_or_create(
        config_entry_id=other.entry_id, identifiers={("reolink", "1")}, name="Driveway"
    )
    if area:
        placed = ar.async_get(hass).async_create(area)
        devices.async_update_device(device.id, area_id=placed.id)
    found = er.async_get(hass).async_get_or_create(
        "binary_sensor",
        "reolink",
        "person",
        config_entry=other,
        device_id=device.id,
        suggested_object_id="driveway_person",
    )
    assert found.entity_id == "binary_sensor.driveway_person"
    refreshed = devices.async_get(device.id)
    assert isinstance(refreshed, dr.DeviceEntry)
    return refreshed


@pytest.fixture
async def camera(hass: HomeAssistant, camera: FakeCamera, reolink: dr.DeviceEntry) -> FakeCamera:
    """The camera entity, one of its device."""
    er.async_get(hass).async_update_entity("camera.driveway", device_id=reolink.id)
    return camera


def own_device(hass: HomeAssistant, entry: MockConfigEntry) -> dr.DeviceEntry:
    """Return the device of the integration under test."""
    device = dr.async_get(hass).async_get(device_of(hass, entry))
    assert isinstance(device, dr.DeviceEntry)
    return device


@pytest.mark.parametrize("area", ["", "Front yard"])
async def test_a_device_stands_where_its_camera_stands(
    hass: HomeAssistant, loaded: MockConfigEntry, reolink: dr.DeviceEntry, area: str
) -> None:
    assert bool(reolink.area_id) == bool(area)
    device = own_device(hass, loaded)
    assert (device.name, device.model) == ("Driveway", MODEL)
    assert device.via_device_id == reolink.id
    assert device.area_id == reolink.area_id


async def test_the_entity_ids_of_the_camera_stay_its_own(
    hass: HomeAssistant, loaded: MockConfigEntry
) -> None:
    assert registered(hass, "binary_sensor.driveway_person").platform == "reolink"
    ours = er.async_get(hass).async_get_entity_id("binary_sensor", DOMAIN, "camera1-frame-person")
    assert ours == "binary_sensor.driveway_camclassify_person"
    assert registered(hass, "binary_sensor.driveway_vehicle").platform == DOMAIN


async def test_a_device_follows_the_camera_to_another_name_and_place(
    hass: HomeAssistant, loaded: MockConfigEntry, reolink: dr.DeviceEntry
) -> None:
    devices = dr.async_get(hass)
    street = ar.async_get(hass).async_create("Street")
    devices.async_update_device(reolink.id, name_by_user="Gate", area_id=street.id)
    await hass.async_block_till_done()
    assert loaded.subentries["camera1"].title == "Gate"
    assert own_device(hass, loaded).name == "Gate"
    assert own_device(hass, loaded).area_id == street.id
    devices.async_update_device(reolink.id, name_by_user=None)
    await hass.async_block_till_done()
    assert own_device(hass, loaded).name == "Driveway"


async def test_a_device_that_the_user_named_and_placed_stays_so(
    hass: HomeAssistant, loaded: MockConfigEntry, reolink: dr.DeviceEntry
) -> None:
    devices = dr.async_get(hass)
    hass.config_entries.async_update_subentry(loaded, loaded.subentries["camera1"], title="Mine")
    await hass.async_block_till_done()
    assert own_device(hass, loaded).name == "Mine"
    yard = ar.async_get(hass).async_create("Yard")
    devices.async_update_device(own_device(hass, loaded).id, area_id=yard.id)
    street = ar.async_get(hass).async_create("Street")
    devices.async_update_device(reolink.id, name_by_user="Gate", area_id=street.id)
    await hass.async_block_till_done()
    assert own_device(hass, loaded).name == "Mine"
    assert own_device(hass, loaded).area_id == yard.id


async def test_a_camera_that_looks_elsewhere_is_no_longer_linked(
    hass: HomeAssistant, loaded: MockConfigEntry, socket_enabled: None
) -> None:
    address = {key: value for key, value in ENTITY_CAMERA.items() if key != "entity_id"}
    hass.config_entries.async_update_subentry(
        loaded, loaded.subentries["camera1"], data=address | {"url": "http://127.0.0.1:9/"}
    )
    await hass.async_block_till_done()
    assert own_device(hass, loaded).via_device_id is None


@pytest.mark.parametrize("is_taken", [False, True])
async def test_a_camera_is_called_like_its_device_unless_another_is(
    hass: HomeAssistant, loaded: MockConfigEntry, reolink: dr.DeviceEntry, is_taken: bool
) -> None:
    second = FakeCamera()
    second._attr_unique_id, second._attr_name = "fluent", "Driveway Fluent"
    second.entity_id = "camera.driveway_fluent"
    await hass.data["entity_components"][CAMERA_DOMAIN].async_add_entities([second])
    er.async_get(hass).async_update_entity("camera.driveway_fluent", device_id=reolink.id)
    if not is_taken:
        hass.config_entries.async_update_subentry(
            loaded, loaded.subentries["camera1"], title="Mine"
        )
    flows = hass.config_entries.subentries
    flow = await flows.async_init((loaded.entry_id, "camera"), context={"source": SOURCE_USER})
    flow = await flows.async_configure(flow["flow_id"], {"next_step_id": "entities"})
    chosen = {"entity_id": ["camera.driveway_fluent"], "classes": ["person"], "interval": 60.0}
    flow = await flows.async_configure(flow["flow_id"], chosen)
    flow = await flows.async_configure(flow["flow_id"], {})
    assert flow["title"] == ("Driveway Fluent" if is_taken else "Driveway")


async def test_a_password_is_not_among_what_a_form_holds(
    hass: HomeAssistant, loaded: MockConfigEntry, socket_enabled: None
) -> None:
    secret = {"url": "http://127.0.0.1:9/", "authentication": "basic", "username": "me"}
    address = {key: value for key, value in ENTITY_CAMERA.items() if key != "entity_id"}
    hass.config_entries.async_update_subentry(
        loaded, loaded.subentries["camera1"], data=address | secret | {"password": "s3cret"}
    )
    await hass.async_block_till_done()
    flows = hass.config_entries.subentries
    flow = await flows.async_init(
        (loaded.entry_id, "camera"),
        context={"source": SOURCE_RECONFIGURE, "subentry_id": "camera1"},
    )
    flow = await flows.async_configure(flow["flow_id"], {"next_step_id": "change_address"})
    assert flow["data_schema"] is not None
    held = [(str(key), key.default, key.description) for key in flow["data_schema"].schema]
    assert "s3cret" not in repr(held)


class TestAfterAnUpdate:
    """A home that was set up with the version before."""

    @pytest.fixture
    def area(self) -> str:
        return "Front yard"

    BEFORE = (
        ("binary_sensor", "camera1-frame-person", "driveway_fluent_person"),
        ("sensor", "camera1-frame-person_last_seen", "driveway_fluent_person_last_seen"),
        ("event", "camera1-events", "my_arrivals"),
    )

    @pytest.fixture
    def entry(self, hass: HomeAssistant, entry: MockConfigEntry) -> MockConfigEntry:
        device = dr.async_get(hass).async_get_or_create(
            config_entry_id=entry.entry_id,
            config_subentry_id="camera1",
            identifiers={(DOMAIN, "camera1")},
            manufacturer="CamClassify",
            name="Driveway Fluent",
        )
        for domain, unique_id, object_id in self.BEFORE:
            er.async_get(hass).async_get_or_create(
                domain,
                DOMAIN,
                unique_id,
                config_entry=entry,
                config_subentry_id="camera1",
                device_id=device.id,
                suggested_object_id=object_id,
            )
        return entry

    async def test_entity_ids_stay_and_what_was_on_stays_on(
        self, hass: HomeAssistant, loaded: MockConfigEntry, reolink: dr.DeviceEntry
    ) -> None:
        await look(the_camera(loaded), 2)
        for domain, unique_id, object_id in self.BEFORE:
            found = registered(hass, f"{domain}.{object_id}")
            assert (found.unique_id, found.disabled_by) == (unique_id, None)
            assert hass.states.get(found.entity_id) is not None
        device = own_device(hass, loaded)
        assert (device.via_device_id, device.model) == (reolink.id, MODEL)
        assert device.area_id is None, "it stays where the user left it"
