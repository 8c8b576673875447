"""Setting up the integration and changing the engine's options."""

import asyncio
from pathlib import Path
from unittest.mock import patch

import pytest
from camclassify_core import (
    BundleError,
    EngineOptions,
    EngineState,
    EngineUnavailable,
    OnnxRuntimeMissing,
)
from homeassistant.config_entries import (
    SOURCE_USER,
    ConfigEntryState,
    ConfigFlowResult,
    FlowType,
)
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.camclassify.const import DOMAIN

from .conftest import OPTIONS, FakeCamera
from .fake_engine import FakeEngineClient


async def test_set_up_leads_on_to_the_first_camera(
    hass: HomeAssistant, client: FakeEngineClient, camera: FakeCamera
) -> None:
    result = await hass.config_entries.flow.async_init(DOMAIN, context={"source": SOURCE_USER})
    assert result["type"] is FlowResultType.FORM
    assert result["step_id"] == "user"
    assert result["data_schema"] is not None
    defaults = result["data_schema"]({})
    assert defaults["classes"] == ["person", "vehicle", "animal", "delivery_truck"]

    result = await hass.config_entries.flow.async_configure(result["flow_id"], OPTIONS)
    assert result["type"] is FlowResultType.CREATE_ENTRY
    assert result["result"].options == OPTIONS
    kind, flow_id = result["next_flow"]
    assert kind is FlowType.CONFIG_SUBENTRIES_FLOW
    assert hass.config_entries.subentries.async_get(flow_id)["step_id"] == "user"
    assert (client.starts, client.stops) == (1, 0)


async def test_an_engine_that_does_not_start_ends_the_flow(
    hass: HomeAssistant, client: FakeEngineClient
) -> None:
    client.start_error = EngineUnavailable("The worker ended unexpectedly.")
    result = await hass.config_entries.flow.async_init(DOMAIN, context={"source": SOURCE_USER})
    assert result["type"] is FlowResultType.ABORT
    assert result["reason"] == "engine_unavailable"
    assert result["description_placeholders"] == {"error": "The worker ended unexpectedly."}


async def test_an_engine_that_fails_after_the_form_leads_to_no_camera(
    hass: HomeAssistant, client: FakeEngineClient
) -> None:
    result = await hass.config_entries.flow.async_init(DOMAIN, context={"source": SOURCE_USER})
    client.start_error = EngineUnavailable("It ended.")
    result = await hass.config_entries.flow.async_configure(result["flow_id"], OPTIONS)
    assert result["type"] is FlowResultType.CREATE_ENTRY
    assert result["result"].state is ConfigEntryState.SETUP_RETRY
    assert "next_flow" not in result


async def test_no_classes_is_an_error_that_can_be_put_right(
    hass: HomeAssistant, client: FakeEngineClient
) -> None:
    result = await hass.config_entries.flow.async_init(DOMAIN, context={"source": SOURCE_USER})
    result = await hass.config_entries.flow.async_configure(
        result["flow_id"], OPTIONS | {"classes": []}
    )
    assert result["errors"] == {"classes": "no_classes"}
    result = await hass.config_entries.flow.async_configure(result["flow_id"], OPTIONS)
    assert result["type"] is FlowResultType.CREATE_ENTRY


async def test_giving_up_stops_the_engine(hass: HomeAssistant, client: FakeEngineClient) -> None:
    result = await hass.config_entries.flow.async_init(DOMAIN, context={"source": SOURCE_USER})
    hass.config_entries.flow.async_abort(result["flow_id"])
    await hass.async_block_till_done()
    assert (client.starts, client.stops) == (1, 1)


async def test_there_is_only_one_entry(hass: HomeAssistant, loaded: MockConfigEntry) -> None:
    result = await hass.config_entries.flow.async_init(DOMAIN, context={"source": SOURCE_USER})
    assert result["type"] is FlowResultType.ABORT
    assert result["reason"] == "single_instance_allowed"


async def test_options_apply_live(
    hass: HomeAssistant, loaded: MockConfigEntry, client: FakeEngineClient
) -> None:
    result = await hass.config_entries.options.async_init(loaded.entry_id)
    result = await hass.config_entries.options.async_configure(
        result["flow_id"], OPTIONS | {"classes": []}
    )
    assert result["errors"] == {"classes": "no_classes"}
    result = await hass.config_entries.options.async_configure(
        result["flow_id"], OPTIONS | {"threads": 1}
    )
    assert result["type"] is FlowResultType.CREATE_ENTRY
    await hass.async_block_till_done()
    assert client.options.lanes == 1
    assert (client.starts, client.stops) == (1, 0)


async def test_options_need_a_running_engine(
    hass: HomeAssistant, entry: MockConfigEntry, client: FakeEngineClient
) -> None:
    result = await hass.config_entries.options.async_init(entry.entry_id)
    assert result["type"] is FlowResultType.ABORT
    assert result["reason"] == "not_loaded"


class TestBundleOfOnesOwn:
    """Choosing another bundle in the options."""

    WANTED = OPTIONS | {"cpu_budget": 50, "keep_days": 3, "keep_count": 20, "bundle": "mine"}

    @pytest.fixture(autouse=True)
    def folder(self, hass: HomeAssistant, tmp_path: Path) -> Path:
        """A bundle in the configuration folder."""
        folder = tmp_path / "camclassify" / "bundles" / "mine"
        folder.mkdir(parents=True)
        (folder / "bundle.json").write_text('{"classes": [{"name": "person"}]}')
        hass.config.config_dir = str(tmp_path)
        return folder

    async def choose(self, hass: HomeAssistant, entry: MockConfigEntry) -> ConfigFlowResult:
        """Submit the form with the bundle in it."""
        result = await hass.config_entries.options.async_init(entry.entry_id)
        return await hass.config_entries.options.async_configure(result["flow_id"], self.WANTED)

    async def test_it_is_tried_in_a_worker_of_its_own_and_then_accepted(
        self,
        hass: HomeAssistant,
        loaded: MockConfigEntry,
        client: FakeEngineClient,
        trial: FakeEngineClient,
        folder: Path,
    ) -> None:
        seen: list[EngineOptions] = []

        async def note(options: EngineOptions) -> None:
            seen.extend((options, client.options))

        trial.before_loading = note
        result = await self.choose(hass, loaded)
        assert result["type"] is FlowResultType.CREATE_ENTRY
        tried, running = seen
        assert tried.bundle == folder
        assert running.bundle is None
        assert (trial.starts, trial.state) == (1, EngineState.STOPPED)
        await hass.async_block_till_done()
        assert client.options.bundle == folder
        assert client.options.classes == ("person",)
        assert (client.starts, client.stops) == (1, 0)
        assert loaded.runtime_data.engine.available

    @pytest.mark.parametrize(
        ("error", "key", "text"),
        [
            (BundleError("scene.onnx is missing."), "bundle_broken", "scene.onnx is missing."),
            (EngineUnavailable("signal SIGSEGV"), "bundle_broken", "signal SIGSEGV"),
            (TimeoutError(), "bundle_slow", ""),
        ],
    )
    async def test_one_that_does_not_load_is_refused_and_nothing_is_lost(
        self,
        hass: HomeAssistant,
        loaded: MockConfigEntry,
        client: FakeEngineClient,
        trial: FakeEngineClient,
        error: Exception,
        key: str,
        text: str,
    ) -> None:
        before = client.options
        trial.start_error = error
        result = await self.choose(hass, loaded)
        assert result["errors"] == {"bundle": key}
        assert result["description_placeholders"] is not None
        assert result["description_placeholders"]["error"] == text
        assert client.options is before
        assert loaded.options == OPTIONS
        trial.start_error = None
        result = await hass.config_entries.options.async_configure(result["flow_id"], self.WANTED)
        assert result["type"] is FlowResultType.CREATE_ENTRY

    async def test_one_that_takes_too_long_is_given_up(
        self, hass: HomeAssistant, loaded: MockConfigEntry, trial: FakeEngineClient
    ) -> None:
        async def load_for_ever(_options: EngineOptions) -> None:
            await asyncio.Event().wait()

        trial.before_loading = load_for_ever
        with patch("custom_components.camclassify.engine.bundles.TRIAL_SECONDS", 0.01):
            result = await self.choose(hass, loaded)
        assert result["errors"] == {"bundle": "bundle_slow"}
        assert trial.stops == 1

    async def test_the_bundle_that_runs_is_not_tried_again(
        self, hass: HomeAssistant, loaded: MockConfigEntry, trial: FakeEngineClient
    ) -> None:
        hass.config_entries.async_update_entry(loaded, options=self.WANTED)
        await hass.async_block_till_done()
        result = await self.choose(hass, loaded)
        assert result["type"] is FlowResultType.CREATE_ENTRY
        assert trial.starts == 0

    @pytest.mark.parametrize("wheel", [True, False])
    async def test_one_that_needs_onnx_runtime_is_accepted_where_that_can_be_installed(
        self, hass: HomeAssistant, loaded: MockConfigEntry, trial: FakeEngineClient, wheel: bool
    ) -> None:
        trial.start_error = OnnxRuntimeMissing("ONNX Runtime cannot be loaded.")
        with patch(
            "custom_components.camclassify.engine.onnxruntime_wheel.wheel_exists",
            return_value=wheel,
        ):
            result = await self.choose(hass, loaded)
        if wheel:
            assert result["type"] is FlowResultType.CREATE_ENTRY
        else:
            assert result["errors"] == {"bundle": "bundle_broken"}
