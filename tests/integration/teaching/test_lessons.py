"""Classes that the user teaches."""

import asyncio
from datetime import timedelta
from typing import Any
from unittest.mock import patch

import pytest
from camclassify_core import Box, CamClassifyError, EngineState, EngineUnavailable
from camclassify_core.errors import ExampleError
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError, ServiceValidationError
from homeassistant.helpers import issue_registry as ir
from homeassistant.util import dt as dt_util
from pytest_homeassistant_custom_component.common import MockConfigEntry, async_fire_time_changed

from custom_components.camclassify.const import DOMAIN

from ..fake_engine import FakeEngineClient, detection
from ..looks import device_of, look, registered, state_of, the_camera
from ..user import call


async def test_a_taught_class_gets_its_own_entity_and_is_recognised(
    hass: HomeAssistant,
    all_entities: None,
    loaded: MockConfigEntry,
    client: FakeEngineClient,
    snapshot_id: str,
) -> None:
    answer = await call(hass, "teach", snapshot_id=snapshot_id, name="our van")
    assert answer["class"] == "our_van"
    assert answer["expectations"]["day"]["precision"] == 1.0
    (example,), _ = client.lessons
    assert (example.name, example.camera) == ("our_van", "camera1")
    assert example.found_as[-1] == "vehicle"
    assert len(example.features) == 4
    await hass.async_block_till_done()
    client.detections = (detection("our_van"),)
    await look(the_camera(loaded), 40)
    assert state_of(hass, "binary_sensor.driveway_our_van").state == "on"
    seen = state_of(hass, "sensor.driveway_our_van_last_seen")
    assert seen.name == "Driveway Our van last seen"
    assert state_of(hass, "binary_sensor.driveway_vehicle").state == "on"
    assert (client.starts, client.stops) == (1, 0)


async def test_what_was_taught_outlives_a_reload(
    hass: HomeAssistant, loaded: MockConfigEntry, client: FakeEngineClient, snapshot_id: str
) -> None:
    await call(hass, "teach", snapshot_id=snapshot_id, name="DHL")
    await client.teach(())
    assert await hass.config_entries.async_reload(loaded.entry_id)
    await hass.async_block_till_done()
    assert [each.name for each in client.lessons[0]] == ["DHL"]
    assert hass.states.get("binary_sensor.driveway_dhl") is not None


async def test_what_was_taught_outlives_a_restart_of_the_engine(
    hass: HomeAssistant, loaded: MockConfigEntry, client: FakeEngineClient, snapshot_id: str
) -> None:
    await call(hass, "teach", snapshot_id=snapshot_id, name="DHL")
    engine = loaded.runtime_data.engine
    await client.teach(())
    await engine.async_restart()
    assert [each.name for each in client.lessons[0]] == ["DHL"]


@pytest.mark.parametrize(
    "error", [EngineUnavailable("It ended."), CamClassifyError("?"), OSError()]
)
async def test_what_cannot_be_learnt_at_the_start_is_learnt_as_soon_as_it_can_be(
    hass: HomeAssistant,
    loaded: MockConfigEntry,
    client: FakeEngineClient,
    snapshot_id: str,
    error: Exception,
) -> None:
    await call(hass, "teach", snapshot_id=snapshot_id, name="DHL")
    await hass.async_block_till_done()
    registered(hass, "binary_sensor.driveway_dhl")
    client.teach_error = error
    await loaded.runtime_data.engine.async_restart()
    assert client.state is EngineState.RUNNING, "lessons keep no engine from running"
    await client.teach_nothing()
    assert await hass.config_entries.async_reload(loaded.entry_id)
    await hass.async_block_till_done()
    await look(the_camera(loaded), 2)
    assert not any(client.lessons)
    assert state_of(hass, "binary_sensor.driveway_dhl").state == "off"
    client.teach_error = None
    client.set_state(EngineState.RUNNING)
    await hass.async_block_till_done()
    assert [each.name for each in client.lessons[0]] == ["DHL"]
    assert state_of(hass, "binary_sensor.driveway_dhl").state == "off"


async def test_what_cannot_be_learnt_while_the_engine_runs_is_tried_every_minute(
    hass: HomeAssistant, loaded: MockConfigEntry, client: FakeEngineClient, snapshot_id: str
) -> None:
    await call(hass, "teach", snapshot_id=snapshot_id, name="DHL")
    await client.teach_nothing()
    client.teach_error = RuntimeError("once")
    assert await hass.config_entries.async_reload(loaded.entry_id)
    client.teach_error = None
    assert not any(client.lessons)
    async_fire_time_changed(hass, dt_util.utcnow() + timedelta(seconds=61))
    await hass.async_block_till_done()
    assert [each.name for each in client.lessons[0]] == ["DHL"]


async def test_two_that_teach_at_once_teach_both(
    hass: HomeAssistant, loaded: MockConfigEntry, client: FakeEngineClient, snapshot_id: str
) -> None:
    await asyncio.gather(
        *(call(hass, "teach", snapshot_id=snapshot_id, name=name) for name in ("DHL", "UPS", "GLS"))
    )
    assert {each.name for each in client.lessons[0]} == {"DHL", "UPS", "GLS"}
    assert {each.name for each in loaded.runtime_data.lessons.examples} == {"DHL", "UPS", "GLS"}


async def test_an_issue_says_what_the_present_bundle_cannot_use_until_it_can(
    hass: HomeAssistant, loaded: MockConfigEntry, client: FakeEngineClient, snapshot_id: str
) -> None:
    issues = ir.async_get(hass)
    for name in ("DHL", "our van", "DHL"):
        await call(hass, "teach", snapshot_id=snapshot_id, name=name)
    await call(hass, "teach", snapshot_id=snapshot_id)
    assert issues.async_get_issue(DOMAIN, "lessons_unfit") is None
    client.feature_length = 7
    hass.config_entries.async_update_entry(loaded, options={**loaded.options, "bundle": "mine"})
    await hass.async_block_till_done()
    unfit = issues.async_get_issue(DOMAIN, "lessons_unfit")
    assert unfit is not None
    assert unfit.translation_placeholders == {"lessons": "DHL (2), our_van (1), - (1)"}
    assert state_of(hass, "binary_sensor.driveway_dhl")
    client.feature_length = 4
    hass.config_entries.async_update_entry(loaded, options={**loaded.options, "bundle": "default"})
    await hass.async_block_till_done()
    assert issues.async_get_issue(DOMAIN, "lessons_unfit") is None


async def test_arrivals_whose_file_is_gone_are_no_background(
    hass: HomeAssistant, loaded: MockConfigEntry, client: FakeEngineClient, snapshot_id: str
) -> None:
    client.detections += (detection("person", box=Box(x0=0.0, y0=0.0, x1=0.2, y1=0.2)),)
    await look(the_camera(loaded), 6)
    snapshots = loaded.runtime_data.evidence
    latest, first = snapshots.async_all()
    assert first.id == snapshot_id
    snapshots.path(latest.id, drawn=False).unlink()
    await call(hass, "teach", snapshot_id=snapshot_id, name="our van")
    assert client.lessons[1] == ()


async def test_nothing_at_all_can_be_taught_and_forgotten(
    hass: HomeAssistant, loaded: MockConfigEntry, client: FakeEngineClient, snapshot_id: str
) -> None:
    answer = await call(hass, "teach", snapshot_id=snapshot_id, box=[0.42, 0.3, 0.6, 0.8])
    assert answer == {"class": None}
    (example,), _ = client.lessons
    assert example.name is None
    assert (example.box.x0, example.box.y1) == (0.4, 0.8)
    assert await call(hass, "forget", name=example.id) == {"examples": 1}
    assert client.lessons[0] == ()


async def test_a_forgotten_class_takes_its_entity_along(
    hass: HomeAssistant, loaded: MockConfigEntry, client: FakeEngineClient, snapshot_id: str
) -> None:
    await call(hass, "teach", snapshot_id=snapshot_id, name="our van")
    assert await call(hass, "forget", name="our van") == {"examples": 1}
    await hass.async_block_till_done()
    assert hass.states.get("binary_sensor.driveway_our_van") is None
    with pytest.raises(ServiceValidationError) as caught:
        await call(hass, "forget", name="our van")
    assert caught.value.translation_key == "never_taught"


async def test_arrivals_that_nobody_named_are_the_background(
    hass: HomeAssistant, loaded: MockConfigEntry, client: FakeEngineClient, snapshot_id: str
) -> None:
    elsewhere = Box(x0=0.0, y0=0.0, x1=0.2, y1=0.2)
    client.detections = (detection("delivery_truck"), detection("person", box=elsewhere))
    await call(hass, "teach", snapshot_id=snapshot_id, name="our van", box=[0.0, 0.0, 0.2, 0.2])
    (example,), background = client.lessons
    assert example.found_as[0] == "person"
    assert background
    assert all(each.name is None for each in background)


async def test_what_moved_and_was_not_detected_can_be_given_a_name(
    hass: HomeAssistant, loaded: MockConfigEntry, client: FakeEngineClient
) -> None:
    moved = Box(x0=0.1, y0=0.1, x1=0.3, y1=0.3)
    client.detections, client.proposals = (), (moved,)
    await look(the_camera(loaded), 40)
    kept = await call(hass, "save_snapshot", device_id=device_of(hass, loaded))
    await call(
        hass, "teach", snapshot_id=kept["snapshot_id"], name="odd car", box=[0.1, 0.12, 0.3, 0.3]
    )
    (example,), _ = client.lessons
    assert (example.found_as, example.box) == (("proposal",), moved)


async def test_a_name_is_given_only_to_what_is_detected(
    hass: HomeAssistant, loaded: MockConfigEntry, client: FakeEngineClient, snapshot_id: str
) -> None:
    with pytest.raises(ServiceValidationError) as caught:
        await call(hass, "teach", snapshot_id=snapshot_id, name="van", box=[0.0, 0.0, 0.2, 0.2])
    assert caught.value.translation_key == "nothing_there"
    client.detections = ()
    await look(the_camera(loaded), 40)
    kept = await call(hass, "save_snapshot", device_id=device_of(hass, loaded))
    with pytest.raises(ServiceValidationError) as caught:
        await call(hass, "teach", snapshot_id=kept["snapshot_id"], name="van")
    assert caught.value.translation_key == "nothing_marked"


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        ({"snapshot_id": "nothing", "name": "our van"}, "snapshot_gone"),
        ({"name": "person"}, "name_taken"),
        ({"name": "  "}, "name_taken"),
    ],
)
async def test_lessons_that_make_no_sense(
    hass: HomeAssistant,
    loaded: MockConfigEntry,
    snapshot_id: str,
    data: dict[str, Any],
    reason: str,
) -> None:
    with pytest.raises(ServiceValidationError) as caught:
        await call(hass, "teach", **{"snapshot_id": snapshot_id, **data})
    assert caught.value.translation_key == reason


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (ExampleError("All examples are alike."), "cannot_learn"),
        (EngineUnavailable("The worker is restarting."), "engine_unavailable"),
    ],
)
async def test_what_cannot_be_learnt_or_forgotten_now_changes_nothing(
    hass: HomeAssistant,
    loaded: MockConfigEntry,
    client: FakeEngineClient,
    snapshot_id: str,
    error: Exception,
    reason: str,
) -> None:
    await call(hass, "teach", snapshot_id=snapshot_id, name="our van")
    client.teach_error = error
    for action, data in (
        ("teach", {"snapshot_id": snapshot_id, "name": "DHL"}),
        ("forget", {"name": "our van"}),
    ):
        with pytest.raises(HomeAssistantError) as caught:
            await call(hass, action, **data)
        assert caught.value.translation_key == reason
    assert [each.name for each in loaded.runtime_data.lessons.examples] == ["our_van"]


async def test_there_can_be_too_many_examples(
    hass: HomeAssistant, loaded: MockConfigEntry, snapshot_id: str
) -> None:
    await call(hass, "teach", snapshot_id=snapshot_id, name="our van")
    with (
        patch("custom_components.camclassify.teaching.lessons.MAX_EXAMPLES", 1),
        pytest.raises(ServiceValidationError) as caught,
    ):
        await call(hass, "teach", snapshot_id=snapshot_id, name="our van")
    assert caught.value.translation_key == "too_many_examples"


async def test_a_snapshot_whose_file_is_gone_teaches_nothing(
    hass: HomeAssistant, loaded: MockConfigEntry, snapshot_id: str
) -> None:
    loaded.runtime_data.evidence.path(snapshot_id, drawn=False).unlink()
    with pytest.raises(ServiceValidationError) as caught:
        await call(hass, "teach", snapshot_id=snapshot_id, name="our van")
    assert caught.value.translation_key == "snapshot_gone"
