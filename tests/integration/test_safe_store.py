"""The files in Home Assistant's storage: cut, foreign, or not to be written."""

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest
from homeassistant.config_entries import ConfigEntryState
from homeassistant.core import HomeAssistant
from homeassistant.helpers import issue_registry as ir
from homeassistant.util import file as file_util
from pytest_homeassistant_custom_component.common import MockConfigEntry
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator

from custom_components.camclassify.const import DOMAIN
from custom_components.camclassify.safe_store import LESSONS, PRESENCE, SNAPSHOTS

from .fake_engine import FakeEngineClient
from .looks import look, registered, state_of, the_camera
from .user import call, fix

STORES = (LESSONS, PRESENCE, SNAPSHOTS)


@pytest.fixture
def hass_storage() -> dict[str, Any]:
    """Let Home Assistant write real files."""
    return {}


@pytest.fixture
def hass_config_dir(hass_tmp_config_dir: str) -> str:
    """Let each test have its own."""
    return hass_tmp_config_dir


@pytest.fixture
async def files(
    hass: HomeAssistant, loaded: MockConfigEntry, client: FakeEngineClient, snapshot_id: str
) -> dict[str, Path]:
    """The files of a home that was used for a while; the integration is unloaded."""
    await call(hass, "teach", snapshot_id=snapshot_id, name="our van")
    await look(the_camera(loaded), 20)
    assert await hass.config_entries.async_unload(loaded.entry_id)
    return {each: Path(hass.config.path(".storage", f"{DOMAIN}.{each}")) for each in STORES}


def cut_to_half(path: Path) -> None:
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def write(data: Any) -> Callable[[Path], None]:
    def damage(path: Path) -> None:
        path.write_text(json.dumps({"version": 1, "minor_version": 1, "key": "", "data": data}))

    return damage


def spoil(change: Callable[[dict[str, Any]], None]) -> Callable[[Path], None]:
    """Return how to damage the first row."""

    def damage(path: Path) -> None:
        stored = json.loads(path.read_text())
        rows = stored["data"]
        change(rows[0] if isinstance(rows, list) else rows["camera1"])
        path.write_text(json.dumps(stored))

    return damage


DAMAGES: dict[str, Callable[[Path], object]] = {
    "empty": lambda path: path.write_bytes(b""),
    "half": cut_to_half,
    "zeros": lambda path: path.write_bytes(bytes(4096)),
    "not a number": lambda path: path.write_text('{"version": 1, "data": [NaN]}'),
    "a list": lambda path: path.write_text("[1, 2]"),
    "a text": lambda path: path.write_text('"text"'),
    "no version": lambda path: path.write_text('{"data": []}'),
    "of the future": lambda path: path.write_text('{"version": 9, "data": []}'),
    "a number for rows": write(5),
    "a text for rows": write("rows"),
    "rows that are none": write([None, 1, "x", []]),
    "rows under wrong keys": write({"camera1": {"tracks": 3}, "camera2": None}),
    "a row without anything": spoil(dict.clear),
    "a row with infinite numbers": spoil(
        lambda row: row.update(
            {
                key: json.loads("1e999")
                for key in ("score", "taken_at", "next_id", "box")
                if key in row
            }
        )
    ),
    "a row of texts": spoil(lambda row: row.update(dict.fromkeys(row, "x"))),
    "a row of numbers": spoil(lambda row: row.update(dict.fromkeys(row, 1))),
}


@pytest.mark.parametrize("name", STORES)
@pytest.mark.parametrize("damage", DAMAGES.values(), ids=DAMAGES)
async def test_a_damaged_file_is_kept_and_named_and_everything_else_works(
    hass: HomeAssistant,
    loaded: MockConfigEntry,
    client: FakeEngineClient,
    files: dict[str, Path],
    snapshot_id: str,
    name: str,
    damage: Callable[[Path], None],
) -> None:
    path = files[name]
    damage(path)
    bad = path.read_bytes()
    assert await hass.config_entries.async_setup(loaded.entry_id)
    await hass.async_block_till_done()
    await look(the_camera(loaded), 8)
    assert state_of(hass, "binary_sensor.driveway_delivery_truck").state == "on"
    assert registered(hass, "binary_sensor.driveway_our_van")
    assert bad in [copy.read_bytes() for copy in path.parent.glob(f"{path.name}.corrupt.*")]
    told = [
        issue
        for issue in ir.async_get(hass).issues.values()
        if str(path) in (issue.translation_placeholders or {}).values()
    ]
    assert len(told) == 1
    home = loaded.runtime_data
    assert (name == LESSONS) == (home.lessons.examples == ())
    assert home.evidence.async_get(snapshot_id)
    assert await home.evidence.async_read(snapshot_id)
    assert await hass.config_entries.async_reload(loaded.entry_id)
    await hass.async_block_till_done()
    assert await loaded.runtime_data.evidence.async_read(snapshot_id)
    assert registered(hass, "binary_sensor.driveway_our_van")
    assert len(list(path.parent.glob(f"{path.name}.corrupt.*"))) == 1, "once is enough"


async def test_sound_rows_are_used_and_unknown_keys_are_no_harm(
    hass: HomeAssistant, loaded: MockConfigEntry, files: dict[str, Path], snapshot_id: str
) -> None:
    for name in (LESSONS, SNAPSHOTS):
        stored = json.loads(files[name].read_text())
        stored["data"] = [{"id": 3}, *({**row, "new": 1} for row in stored["data"]), None]
        files[name].write_text(json.dumps(stored))
    assert await hass.config_entries.async_setup(loaded.entry_id)
    home = loaded.runtime_data
    assert [each.name for each in home.lessons.examples] == ["our_van"]
    kept = home.evidence.async_get(snapshot_id)
    assert kept is not None
    assert kept.camera == "camera1"
    assert json.loads(files[LESSONS].read_text())["data"][0]["name"] == "our_van"


async def test_pictures_that_no_index_names_any_more_go_with_time(
    hass: HomeAssistant, loaded: MockConfigEntry, files: dict[str, Path], snapshot_id: str
) -> None:
    files[SNAPSHOTS].write_bytes(b"")
    assert await hass.config_entries.async_setup(loaded.entry_id)
    snapshots = loaded.runtime_data.evidence
    assert snapshots.async_all("camera1") == []
    with patch("custom_components.camclassify.evidence.store.monotonic", return_value=1e9):
        await snapshots.async_prune()
    assert await snapshots.async_read(snapshot_id) is None


async def test_the_issue_goes_when_it_was_read(
    hass: HomeAssistant,
    loaded: MockConfigEntry,
    files: dict[str, Path],
    hass_client: ClientSessionGenerator,
) -> None:
    write(5)(files[PRESENCE])
    assert await hass.config_entries.async_setup(loaded.entry_id)
    answer = await fix(hass, hass_client, "store_damaged_camclassify.presence")
    assert answer["type"] == "create_entry"
    assert ir.async_get(hass).async_get_issue(DOMAIN, "store_damaged_camclassify.presence") is None


@pytest.mark.parametrize("name", STORES)
async def test_a_file_of_which_there_can_be_no_copy_is_not_written_over(
    hass: HomeAssistant, loaded: MockConfigEntry, files: dict[str, Path], name: str
) -> None:
    write([None])(files[name])
    if name == PRESENCE:
        write({"camera1": None})(files[name])
    bad = files[name].read_bytes()
    with patch("shutil.copyfile", side_effect=OSError(30, "Read-only file system")):
        assert await hass.config_entries.async_setup(loaded.entry_id)
    await look(the_camera(loaded), 8)
    assert await hass.config_entries.async_unload(loaded.entry_id)
    assert files[name].read_bytes() == bad
    assert ir.async_get(hass).async_get_issue(DOMAIN, f"store_damaged_camclassify.{name}")


@pytest.mark.parametrize("number", [28, 30], ids=["full", "read-only"])
async def test_what_cannot_be_written_is_told_and_written_later(
    hass: HomeAssistant,
    loaded: MockConfigEntry,
    client: FakeEngineClient,
    files: dict[str, Path],
    snapshot_id: str,
    number: int,
) -> None:
    issues = ir.async_get(hass)
    assert await hass.config_entries.async_setup(loaded.entry_id)
    before = files[LESSONS].read_bytes()
    error = OSError(number, os.strerror(number))
    with patch.object(file_util.os, "replace", side_effect=error):
        await call(hass, "teach", snapshot_id=snapshot_id, name="DHL")
    issue = issues.async_get_issue(DOMAIN, "store_unwritable_camclassify.lessons")
    assert issue is not None
    assert str(files[LESSONS]) in (issue.translation_placeholders or {}).values()
    assert files[LESSONS].read_bytes() == before
    store = loaded.runtime_data.lessons._store
    await store._async_handle_write_data()
    assert len(json.loads(files[LESSONS].read_text())["data"]) == 2
    assert issues.async_get_issue(DOMAIN, "store_unwritable_camclassify.lessons") is None


async def test_removing_the_integration_leaves_no_file_behind(
    hass: HomeAssistant, loaded: MockConfigEntry, files: dict[str, Path], tmp_path: Path
) -> None:
    assert await hass.config_entries.async_setup(loaded.entry_id)
    pictures = tmp_path / DOMAIN / "snapshots"
    assert list(pictures.glob("*.jpg"))
    await hass.config_entries.async_remove(loaded.entry_id)
    await hass.async_block_till_done()
    assert loaded.state is ConfigEntryState.NOT_LOADED
    assert not pictures.exists()
    assert not [path for path in files.values() if path.exists()]
