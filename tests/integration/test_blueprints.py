"""The blueprints, run by Home Assistant's automations."""

import asyncio
import contextlib
from collections.abc import Generator
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest
from homeassistant.components import automation
from homeassistant.components.blueprint import models
from homeassistant.core import HomeAssistant
from homeassistant.setup import async_setup_component
from homeassistant.util import yaml as yaml_util
from pytest_homeassistant_custom_component.common import async_mock_service

from custom_components.camclassify.const import EVENT_ARRIVED

FOLDER = Path(__file__).parents[2] / "blueprints" / "automation" / "camclassify"
ARRIVAL = {
    "camera": "Front",
    "class": "person",
    "device_id": "front",
    "entity_id": "event.front_arrivals_and_departures",
    "score": 0.9,
    "signed_url": "/api/camclassify/snapshot/01J?authSig=x",
    "snapshot_id": "01J",
    "snapshot_url": "/api/camclassify/snapshot/01J",
    "track": 1,
    "zone": "Driveway",
}


@contextlib.contextmanager
def blueprint(name: str) -> Generator[None]:
    """Let automations use a blueprint of this repository."""
    loaded = models.Blueprint(
        yaml_util.load_yaml_dict(str(FOLDER / f"{name}.yaml")),
        path=f"{name}.yaml",
        expected_domain="automation",
        schema=automation.config.AUTOMATION_BLUEPRINT_SCHEMA,
    )
    with patch(
        "homeassistant.components.blueprint.models.DomainBlueprints._load_blueprint",
        return_value=loaded,
    ):
        yield


async def use(hass: HomeAssistant, name: str, **inputs: Any) -> None:
    """Set up an automation of a blueprint."""
    with blueprint(name):
        assert await async_setup_component(
            hass,
            "automation",
            {"automation": {"use_blueprint": {"path": f"{name}.yaml", "input": inputs}}},
        )
    await hass.async_block_till_done()


async def settle() -> None:
    """Let automations run as far as they get, and those that ask whether there is a pause find out."""
    for _ in range(130):
        await asyncio.sleep(0.005)


async def arrive(hass: HomeAssistant, **changes: Any) -> None:
    hass.bus.async_fire(EVENT_ARRIVED, ARRIVAL | changes)
    await settle()


async def test_an_arrival_is_told_with_its_picture(hass: HomeAssistant) -> None:
    told = async_mock_service(hass, "persistent_notification", "create")
    await use(hass, "notify_on_arrival", zones=["Driveway"], cooldown=0)
    await arrive(hass)
    (call,) = told
    assert call.data["title"] == "Person: Driveway"
    assert "](/api/camclassify/snapshot/01J?authSig=x)" in call.data["message"]


@pytest.mark.parametrize(
    ("inputs", "changes"),
    [
        ({}, {"class": "dog"}),
        ({"zones": ["Porch"]}, {}),
        ({"cameras": ["back"]}, {}),
        ({"people": ["person.anna"]}, {}),
    ],
)
async def test_what_nobody_asked_for_is_not_told(
    hass: HomeAssistant, inputs: dict[str, Any], changes: dict[str, Any]
) -> None:
    hass.states.async_set("person.anna", "home")
    told = async_mock_service(hass, "persistent_notification", "create")
    await use(hass, "notify_on_arrival", **inputs)
    await arrive(hass, **changes)
    assert not told


async def test_a_pause_is_each_cameras_own(hass: HomeAssistant) -> None:
    told = async_mock_service(hass, "persistent_notification", "create")
    await use(hass, "notify_on_arrival", cooldown=5)
    for camera in ("front", "back", "front", "back", "side"):
        await arrive(hass, device_id=camera, camera=camera)
    messages = [call.data["message"] for call in told]
    for camera, message in zip(("front", "back", "side"), messages, strict=True):
        assert f"({camera})" in message
    await hass.services.async_call("automation", "turn_off", {"entity_id": "all"}, blocking=True)


async def test_a_pause_is_kept(hass: HomeAssistant) -> None:
    told = async_mock_service(hass, "persistent_notification", "create")
    await use(hass, "notify_on_arrival", cooldown=5)
    await arrive(hass)
    await arrive(hass)
    assert len(told) == 1
    await hass.services.async_call("automation", "turn_off", {"entity_id": "all"}, blocking=True)


@pytest.mark.parametrize("apart", [0.0, 0.02, 0.09, 0.1, 0.11, 0.2, 0.3, 0.41])
async def test_arrivals_that_come_almost_at_once_are_told_once_a_camera(
    hass: HomeAssistant, apart: float
) -> None:
    told = async_mock_service(hass, "persistent_notification", "create")
    await use(hass, "notify_on_arrival", cooldown=5, classes=["person", "vehicle", "dog"])
    for name in ("person", "vehicle", "dog"):
        for camera in ("front", "back"):
            data = ARRIVAL | {"class": name, "device_id": camera, "camera": camera}
            hass.bus.async_fire(EVENT_ARRIVED, data)
        await asyncio.sleep(apart)
    await settle()
    messages = [call.data["message"] for call in told]
    assert len(messages) == 2
    assert all(text.startswith("Person") for text in messages)
    assert {"(front)" in text for text in messages} == {True, False}
    await hass.services.async_call("automation", "turn_off", {"entity_id": "all"}, blocking=True)


async def test_after_a_pause_the_same_camera_is_told_of_again(hass: HomeAssistant) -> None:
    told = async_mock_service(hass, "persistent_notification", "create")
    await use(hass, "notify_on_arrival", cooldown=0.001)
    await arrive(hass)
    await arrive(hass)
    assert len(told) == 2


@pytest.mark.parametrize(("elevation", "count"), [(-10, 1), (30, 0)])
async def test_a_light_goes_on_at_night(hass: HomeAssistant, elevation: float, count: int) -> None:
    presence = "binary_sensor.driveway_person"
    on = async_mock_service(hass, "light", "turn_on")
    off = async_mock_service(hass, "light", "turn_off")
    hass.states.async_set("sun.sun", "below_horizon", {"elevation": elevation})
    hass.states.async_set(presence, "off")
    lights = {"entity_id": "light.door"}
    await use(hass, "light_for_a_person_at_night", presence=presence, lights=lights, linger=0)
    hass.states.async_set(presence, "on")
    await settle()
    assert len(on) == count
    hass.states.async_set(presence, "off")
    await settle()
    assert len(off) == count


async def test_a_delivery_is_announced(hass: HomeAssistant) -> None:
    said = async_mock_service(hass, "persistent_notification", "create")
    await use(hass, "announce_a_delivery", text="Parcel!")
    await arrive(hass)
    assert not said
    await arrive(hass, **{"class": "delivery_truck"})
    assert [call.data["message"] for call in said] == ["Parcel!"]
