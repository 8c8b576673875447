"""Kept snapshots: limits, restarts, the view and the media browser."""

from datetime import timedelta
from http import HTTPStatus
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest
from camclassify_core import Box, Regime
from freezegun.api import FrozenDateTimeFactory
from homeassistant.components import media_source
from homeassistant.components.media_player import BrowseError
from homeassistant.components.media_source import Unresolvable
from homeassistant.core import HomeAssistant
from homeassistant.setup import async_setup_component
from homeassistant.util import dt as dt_util
from pytest_homeassistant_custom_component.common import MockConfigEntry
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator

from custom_components.camclassify.evidence.store import EvidenceStore, KeptSnapshot

from ..conftest import FakeCamera
from ..fake_engine import snapshot
from ..looks import look, the_camera

ROOT = "media-source://camclassify"


@pytest.fixture(autouse=True)
def cache(tmp_path: Path) -> Path:
    return tmp_path / "camclassify" / "snapshots"


async def keep(
    store: EvidenceStore, number: int = 0, picture: bytes | None = None, **known: Any
) -> KeptSnapshot:
    taken_at = dt_util.utcnow().timestamp() + number
    facts = {
        "camera": "camera1",
        "class_name": "person",
        "zone": "",
        "score": 0.9,
        "box": Box(x0=0.1, y0=0.2, x1=0.3, y1=0.4),
        "regime": Regime.DAY,
        "taken_at": taken_at,
    }
    picture = picture or snapshot(number)
    return await store.async_keep(picture, snapshot(number) + b"box", **facts | known)


async def test_the_oldest_go_when_there_are_too_many(hass: HomeAssistant, cache: Path) -> None:
    store = EvidenceStore(hass, days=7, count=3)
    kept = [await keep(store, number) for number in range(5)]
    assert store.async_all() == kept[:1:-1]
    assert len(list(cache.iterdir())) == 6
    assert await store.async_read(kept[0].id) is None
    await store.async_limit(days=7, count=1)
    assert store.async_all() == kept[-1:]


async def test_what_is_too_old_goes(
    hass: HomeAssistant, cache: Path, freezer: FrozenDateTimeFactory
) -> None:
    store = EvidenceStore(hass, days=2, count=100)
    await keep(store)
    freezer.tick(timedelta(days=3))
    fresh = await keep(store)
    assert store.async_all() == [fresh]


async def test_snapshots_outlive_a_restart(hass: HomeAssistant, cache: Path) -> None:
    store = EvidenceStore(hass, days=7, count=10)
    kept = [await keep(store, number, zone="Porch") for number in range(3)]
    await store.async_save()
    (cache / f"{kept[0].id}.jpg").unlink()
    (cache / f"{kept[0].id}.plain.jpg").unlink()
    (cache / "stray.jpg").write_bytes(b"")
    again = EvidenceStore(hass, days=7, count=10)
    await again.async_load()
    assert again.async_all() == kept[:0:-1]
    assert await again.async_read(kept[1].id) == snapshot(1) + b"box"
    assert await again.async_read(kept[1].id, drawn=False) == snapshot(1)
    assert not (cache / "stray.jpg").exists()
    (cache / f"{kept[1].id}.jpg").unlink()
    assert await again.async_read(kept[1].id) is None


async def test_a_removed_camera_takes_its_snapshots_along(
    hass: HomeAssistant, loaded: MockConfigEntry
) -> None:
    store = loaded.runtime_data.evidence
    await keep(store)
    other = await keep(store, 1, camera="another")
    hass.config_entries.async_remove_subentry(loaded, "camera1")
    await hass.async_block_till_done()
    assert store.async_all() == [other]


async def test_the_view_serves_those_who_are_signed_in(
    hass: HomeAssistant,
    camera: FakeCamera,
    loaded: MockConfigEntry,
    hass_client: ClientSessionGenerator,
    hass_client_no_auth: ClientSessionGenerator,
) -> None:
    kept = await keep(loaded.runtime_data.evidence)
    client = await hass_client()
    response = await client.get(kept.url)
    assert (response.status, await response.read()) == (HTTPStatus.OK, snapshot() + b"box")
    response = await client.get(f"{kept.url}?plain")
    assert await response.read() == snapshot()
    assert (await client.get("/api/camclassify/snapshot/nothing")).status == HTTPStatus.NOT_FOUND
    assert (await (await hass_client_no_auth()).get(kept.url)).status == HTTPStatus.UNAUTHORIZED
    live = await client.get("/api/camclassify/live/camera1")
    assert (live.status, live.content_type) == (HTTPStatus.OK, "image/jpeg")
    camera.picture = b"RIFF\x0a\x00\x00\x00WEBPVP8 "
    await look(the_camera(loaded))
    assert (await client.get("/api/camclassify/live/camera1")).content_type == "image/webp"
    assert (await client.get("/api/camclassify/live/nobody")).status == HTTPStatus.NOT_FOUND
    await hass.config_entries.async_unload(loaded.entry_id)
    assert (await client.get(kept.url)).status == HTTPStatus.NOT_FOUND


async def test_the_media_browser_goes_by_camera_class_and_day(
    hass: HomeAssistant, loaded: MockConfigEntry
) -> None:
    assert await async_setup_component(hass, "media_source", {})
    store = loaded.runtime_data.evidence
    first = await keep(store, zone="Porch")
    await keep(store, 1, class_name="our_car")
    await keep(store, 2, class_name="")

    async def children(path: str) -> dict[str, str]:
        folder = await media_source.async_browse_media(hass, f"{ROOT}{path}")
        return {child.title: child.media_content_id for child in folder.children or ()}

    assert await children("") == {"Driveway": f"{ROOT}/camera1"}
    assert set(await children("/camera1")) == {"Person", "Our car", "-"}
    assert len(await children("/camera1/-")) == 1
    day = first.local_time.date().isoformat()
    assert await children("/camera1/person") == {day: f"{ROOT}/camera1/person/{day}"}
    (title,) = await children(f"/camera1/person/{day}")
    assert title.endswith(", Porch")
    played = await media_source.async_resolve_media(hass, f"{ROOT}/{first.id}", None)
    assert (played.url, played.mime_type) == (first.url, "image/jpeg")
    png = await keep(store, 3, picture=b"\x89PNG\r\n\x1a\n")
    played = await media_source.async_resolve_media(hass, f"{ROOT}/{png.id}", None)
    assert (played.url, played.mime_type) == (png.url, "image/png")
    with pytest.raises(Unresolvable):
        await media_source.async_resolve_media(hass, f"{ROOT}/nothing", None)
    with pytest.raises(BrowseError):
        await media_source.async_browse_media(hass, f"{ROOT}/nobody/person")
    await hass.config_entries.async_unload(loaded.entry_id)
    with pytest.raises(BrowseError):
        await media_source.async_browse_media(hass, ROOT)


async def test_days_are_those_of_the_home_and_the_newest_comes_first(
    hass: HomeAssistant, loaded: MockConfigEntry
) -> None:
    assert await async_setup_component(hass, "media_source", {})
    await hass.config.async_set_time_zone("Europe/Berlin")
    midnight = dt_util.start_of_local_day().timestamp()
    for seconds in (-86401, -86400, -1, 0):
        await keep(loaded.runtime_data.evidence, taken_at=midnight + seconds)
    with patch.object(dt_util, "start_of_local_day", wraps=dt_util.start_of_local_day) as asked:
        days = await media_source.async_browse_media(hass, f"{ROOT}/camera1/person")
    assert asked.call_count == 3
    times = []
    for day in days.children or ():
        folder = await media_source.async_browse_media(hass, day.media_content_id)
        times.append([child.title for child in folder.children or ()])
    assert times == [["00:00:00"], ["23:59:59", "00:00:00"], ["23:59:59"]]
