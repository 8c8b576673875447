"""Every example in the documentation, run by Home Assistant."""

import asyncio
import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from homeassistant.core import HomeAssistant
from homeassistant.helpers import config_validation as cv
from homeassistant.helpers.script import Script
from homeassistant.helpers.script import async_validate_actions_config as validate
from homeassistant.setup import async_setup_component
from pytest_homeassistant_custom_component.common import MockConfigEntry, async_mock_service

from .fake_engine import FakeEngineClient, detection
from .looks import look, state_of, the_camera

DOCS = Path(__file__).parents[2] / "docs" / "integration"
BLOCK = re.compile(r"```yaml\n(.*?)```", re.DOTALL)
LINK = re.compile(r"\]\((?!https?:)([^)#]+)")


def examples(page: str) -> list[dict[str, Any]]:
    return [yaml.safe_load(block) for block in BLOCK.findall((DOCS / page).read_text())]


def the_example(name: str) -> dict[str, Any]:
    return next(each for each in examples("actions.md") if each["action"] == f"camclassify.{name}")


async def run(hass: HomeAssistant, *actions: dict[str, Any]) -> dict[str, Any]:
    """Run examples one after the other and return what they answered."""
    sequence = await validate(hass, cv.SCRIPT_SCHEMA(list(actions)))
    script = Script(hass, sequence, "examples", "test")
    result = await script.async_run()
    assert result is not None
    return dict(result.variables)


async def test_the_examples_of_all_actions_answer_as_documented(
    hass: HomeAssistant, loaded: MockConfigEntry, client: FakeEngineClient
) -> None:
    documented = {each["action"].partition(".")[2] for each in examples("actions.md")}
    assert documented == set(hass.services.async_services_for_domain("camclassify"))
    client.detections = (detection("delivery_truck"),)
    await look(the_camera(loaded), 6)
    seen = await run(hass, the_example("classify"))
    assert seen["answer"].keys() == {"regime", "detections"}
    assert seen["answer"]["detections"][0].keys() == {"class", "score", "box"}
    kept = await run(hass, the_example("save_snapshot"))
    assert kept["kept"].keys() == {"snapshot_id", "snapshot_url"}
    taught = await run(hass, the_example("teach"))
    assert taught["answer"]["class"] == "our_car"
    assert taught["answer"]["expectations"]["day"].keys() > {"right", "wrong", "missed"}
    assert (await run(hass, the_example("forget")))["answer"] == {"examples": 1}


@pytest.mark.parametrize("example", examples("automations.md"), ids=["state", "event"])
async def test_the_triggers_fire_when_a_person_comes(
    hass: HomeAssistant, loaded: MockConfigEntry, example: dict[str, Any]
) -> None:
    notified = async_mock_service(hass, "notify", "mobile_app_phone")
    actions = example.get("actions", [{"action": "notify.mobile_app_phone"}])
    presence = "binary_sensor.front_driveway_person"
    hass.states.async_set(presence, "off")
    automation = {"triggers": example["triggers"], "actions": actions}
    assert await async_setup_component(hass, "automation", {"automation": automation})
    await hass.async_block_till_done()
    arrival = {"class": "person", "zone": "Driveway", "camera": "Front", "snapshot_url": "/api/x"}
    hass.states.async_set(presence, "on")
    hass.bus.async_fire("camclassify_arrived", arrival)
    hass.bus.async_fire("camclassify_arrived", arrival | {"class": "dog"})
    for _ in range(5):
        await asyncio.sleep(0)
        await hass.async_block_till_done()
    assert len(notified) == 1
    if "actions" in example:
        assert notified[0].data["data"]["image"] == "/api/x?width=1280"
    assert state_of(hass, presence).state == "on"


def test_links_between_pages_lead_somewhere() -> None:
    links = {
        (page, target) for page in DOCS.glob("*.md") for target in LINK.findall(page.read_text())
    }
    assert links
    for page, target in links:
        assert (page.parent / target).exists(), f"{page.name}: {target}"
