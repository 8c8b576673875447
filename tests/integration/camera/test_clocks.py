"""A wall clock that is wrong, for a while or across a restart: nothing is deleted and nothing announced."""

from collections.abc import Callable, Generator
from pathlib import Path
from unittest.mock import patch

import pytest
from homeassistant.components import media_source
from homeassistant.core import HomeAssistant
from homeassistant.setup import async_setup_component
from homeassistant.util.dt import utc_from_timestamp
from pytest_homeassistant_custom_component.common import MockConfigEntry, async_capture_events

from custom_components.camclassify.const import EVENT_ARRIVED, EVENT_LEFT
from custom_components.camclassify.evidence.store import EvidenceStore

from ..evidence.test_store import keep
from ..fake_engine import FakeEngineClient, detection
from ..looks import look, state_of, the_camera

YEAR = 365 * 86400.0
NOW = 1_795_000_000.0

type SetClock = Callable[[float], None]


@pytest.fixture
def set_wall_clock() -> Generator[SetClock]:
    """Set the wall clock of everything that looks at one; the monotonic clock goes on as before."""
    with (
        patch("custom_components.camclassify.camera.look.time", return_value=NOW) as looks,
        patch("custom_components.camclassify.evidence.keeper.time", return_value=NOW) as reports,
        patch("homeassistant.util.dt.utcnow", return_value=utc_from_timestamp(NOW)) as utcnow,
    ):

        def set_to(wall: float) -> None:
            looks.return_value = reports.return_value = wall
            utcnow.return_value = utc_from_timestamp(wall)

        yield set_to


@pytest.mark.parametrize("wrong", [0.0, NOW + YEAR, NOW - YEAR, NOW + 3600, NOW - 3600])
async def test_a_clock_that_jumps_and_jumps_back_deletes_and_announces_nothing(
    hass: HomeAssistant,
    loaded: MockConfigEntry,
    client: FakeEngineClient,
    set_wall_clock: SetClock,
    wrong: float,
) -> None:
    client.detections = (detection("delivery_truck"),)
    await look(the_camera(loaded), 25)
    snapshots = loaded.runtime_data.evidence
    kept = snapshots.async_all()
    told = [async_capture_events(hass, each) for each in (EVENT_ARRIVED, EVENT_LEFT)]
    for wall in (wrong, NOW):
        set_wall_clock(wall)
        await look(the_camera(loaded), 10)
        assert await hass.config_entries.async_reload(loaded.entry_id)
        await look(the_camera(loaded), 10)
        snapshots = loaded.runtime_data.evidence
        await snapshots.async_prune()
        assert snapshots.async_all() == kept
    assert told == [[], []]
    assert state_of(hass, "binary_sensor.driveway_delivery_truck").state == "on"


async def test_snapshots_that_are_kept_while_the_clock_is_wrong_are_the_newest_all_the_same(
    hass: HomeAssistant,
) -> None:
    store = EvidenceStore(hass, days=7, count=3)
    kept = [await keep(store, number, taken_at=NOW + number) for number in range(2)]
    kept += [await keep(store, number, taken_at=60.0 + number) for number in range(2)]
    assert store.async_all() == [kept[3], kept[2], kept[1]]
    assert store.async_latest("camera1") is None
    await store.async_save()
    again = EvidenceStore(hass, days=7, count=3)
    await again.async_load()
    assert again.async_all() == [kept[3], kept[2], kept[1]]


async def test_the_age_of_snapshots_outlives_a_restart(hass: HomeAssistant, tmp_path: Path) -> None:
    clock = "custom_components.camclassify.evidence.store.monotonic"
    with patch(clock, return_value=1e6) as now:
        store = EvidenceStore(hass, days=2, count=10)
        await keep(store)
        now.return_value += 1.5 * 86400
        await store.async_save()
    with patch(clock, return_value=5.0) as now:
        again = EvidenceStore(hass, days=2, count=10)
        await again.async_load()
        now.return_value += 0.4 * 86400
        await again.async_prune()
        assert len(again.async_all()) == 1
        now.return_value += 0.2 * 86400
        await again.async_prune()
        assert again.async_all() == []


async def test_days_in_the_media_browser_are_in_order_though_the_clock_was_not(
    hass: HomeAssistant, loaded: MockConfigEntry
) -> None:
    assert await async_setup_component(hass, "media_source", {})
    for taken_at in (NOW, 60.0, NOW + 1):
        await keep(loaded.runtime_data.evidence, taken_at=taken_at)
    days = await media_source.async_browse_media(hass, "media-source://camclassify/camera1/person")
    titles = [day.title for day in days.children or ()]
    assert len(titles) == 2
    assert titles == sorted(titles, reverse=True)
