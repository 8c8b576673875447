"""A bundle that needs ONNX Runtime, which is installed where there is a wheel."""

import asyncio
from collections.abc import AsyncGenerator, Generator
from contextlib import asynccontextmanager
from pathlib import Path
from unittest.mock import AsyncMock, patch

import pytest
from camclassify_core import EngineOptions, OnnxRuntimeMissing
from homeassistant.config_entries import ConfigEntryState
from homeassistant.core import HomeAssistant
from homeassistant.helpers import issue_registry as ir
from homeassistant.requirements import RequirementsNotFound
from pytest_homeassistant_custom_component.common import MockConfigEntry
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator

from custom_components.camclassify.const import DOMAIN
from custom_components.camclassify.engine.onnxruntime_wheel import wheel_exists

from ..conftest import OPTIONS, FakeCamera
from ..fake_engine import FakeEngineClient
from ..user import fix

MODULE = "custom_components.camclassify.engine.onnxruntime_wheel"
ISSUE = "onnxruntime_missing"


@pytest.fixture
def entry(entry: MockConfigEntry, hass: HomeAssistant, camera: FakeCamera) -> MockConfigEntry:
    """An entry with a bundle of one's own."""
    hass.config_entries.async_update_entry(entry, options={**entry.options, "bundle": "mine"})
    return entry


@pytest.fixture
def installed(client: FakeEngineClient) -> Generator[AsyncMock]:
    """Stand in for the installation; until it has run, only the default bundle loads."""
    done = asyncio.Event()

    async def start(options: EngineOptions) -> None:
        if options.bundle and not done.is_set():
            raise OnnxRuntimeMissing("ONNX Runtime cannot be loaded.")

    client.before_loading = start
    install = AsyncMock(side_effect=lambda *_args, **_kwargs: done.set())
    with patch(f"{MODULE}.async_process_requirements", install):
        yield install


async def settle(hass: HomeAssistant) -> None:
    """Let the installation run, and the reload after it; cameras are looked at for ever."""
    for _ in range(10):
        await asyncio.sleep(0)
        await hass.async_block_till_done()


@asynccontextmanager
async def set_up(
    hass: HomeAssistant, entry: MockConfigEntry, *, wheel: bool = True
) -> AsyncGenerator[None]:
    """Set the entry up where there is a wheel, or is none, and unload it in the end."""
    with patch(f"{MODULE}.wheel_exists", return_value=wheel):
        await hass.config_entries.async_setup(entry.entry_id)
        await settle(hass)
        yield
    if entry.state is ConfigEntryState.LOADED:
        await hass.config_entries.async_unload(entry.entry_id)


async def change(hass: HomeAssistant, entry: MockConfigEntry, **options: object) -> None:
    """Change options as the options flow does."""
    hass.config_entries.async_update_entry(entry, options={**entry.options, **options})
    await settle(hass)


def has_issue(hass: HomeAssistant) -> bool:
    return ir.async_get(hass).async_get_issue(DOMAIN, ISSUE) is not None


async def test_it_is_installed_and_the_bundle_loaded_then(
    hass: HomeAssistant, entry: MockConfigEntry, client: FakeEngineClient, installed: AsyncMock
) -> None:
    async with set_up(hass, entry):
        assert entry.state is ConfigEntryState.LOADED
        installed.assert_awaited_once_with(hass, DOMAIN, ["onnxruntime>=1.23"], is_built_in=False)
        assert client.options.bundle is not None
        assert (client.starts, client.stops) == (2, 1)
        assert not has_issue(hass)


@pytest.mark.parametrize("wheel", [True, False])
async def test_where_it_cannot_be_had_the_default_bundle_goes_on_and_an_issue_says_so(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    client: FakeEngineClient,
    installed: AsyncMock,
    hass_client: ClientSessionGenerator,
    wheel: bool,
) -> None:
    installed.side_effect = RequirementsNotFound(DOMAIN, ["onnxruntime"])
    async with set_up(hass, entry, wheel=wheel):
        assert installed.await_count == wheel
        assert has_issue(hass)
        assert client.options.bundle is None
        answer = await fix(hass, hass_client, ISSUE)
        await hass.async_block_till_done()
        assert answer["type"] == "create_entry"
        assert entry.options["bundle"] == "default"
        assert not has_issue(hass)


async def test_what_is_installed_and_does_not_load_is_not_installed_for_ever(
    hass: HomeAssistant, entry: MockConfigEntry, client: FakeEngineClient, installed: AsyncMock
) -> None:
    installed.side_effect = None
    async with set_up(hass, entry):
        assert installed.await_count == 1
        assert client.options.bundle is None
        assert has_issue(hass)
        assert await hass.config_entries.async_remove(entry.entry_id)
        assert not has_issue(hass)


async def test_a_change_of_settings_neither_loads_nor_installs_in_vain_again(
    hass: HomeAssistant, entry: MockConfigEntry, client: FakeEngineClient, installed: AsyncMock
) -> None:
    installed.side_effect = RequirementsNotFound(DOMAIN, ["onnxruntime"])
    asked: list[Path | None] = []
    load = client.before_loading
    assert load is not None

    async def note(options: EngineOptions) -> None:
        asked.append(options.bundle)
        await load(options)

    client.before_loading = note
    async with set_up(hass, entry):
        asked.clear()
        for days in (2, 3):
            await change(hass, entry, keep_days=days)
        assert installed.await_count == 1
        assert not asked
        assert has_issue(hass)


async def test_while_it_is_being_installed_nothing_is_said(
    hass: HomeAssistant, entry: MockConfigEntry, installed: AsyncMock
) -> None:
    async def install(*_args: object, **_options: object) -> None:
        await asyncio.Event().wait()

    installed.side_effect = install
    async with set_up(hass, entry):
        await change(hass, entry, keep_days=2)
        assert not has_issue(hass)
        await hass.config_entries.async_reload(entry.entry_id)
        await settle(hass)
        assert installed.await_count == 2, "an attempt that is cut short does not count"
        assert not has_issue(hass)


async def test_the_default_bundle_needs_nothing(
    hass: HomeAssistant, entry: MockConfigEntry, client: FakeEngineClient, installed: AsyncMock
) -> None:
    hass.config_entries.async_update_entry(entry, options=OPTIONS)
    async with set_up(hass, entry):
        assert client.options.bundle is None
        installed.assert_not_awaited()
        assert not has_issue(hass)


@pytest.mark.parametrize(
    ("libc", "machine", "exists"),
    [("glibc", "x86_64", True), ("glibc", "armv7l", False), ("", "aarch64", False)],
)
def test_wheels_exist_for_glibc_only(libc: str, machine: str, exists: bool) -> None:
    with (
        patch("platform.libc_ver", return_value=(libc, "")),
        patch("platform.machine", return_value=machine),
    ):
        assert wheel_exists() is exists
