"""Setting up the integration and changing the engine's options."""

from pathlib import Path

from camclassify_core import BundleError, EngineUnavailable
from homeassistant.config_entries import SOURCE_USER, FlowType
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
    assert client.options.threads == 1
    assert (client.starts, client.stops) == (1, 0)


async def test_options_need_a_running_engine(
    hass: HomeAssistant, entry: MockConfigEntry, client: FakeEngineClient
) -> None:
    result = await hass.config_entries.options.async_init(entry.entry_id)
    assert result["type"] is FlowResultType.ABORT
    assert result["reason"] == "not_loaded"


async def test_a_bundle_of_ones_own_is_tried_before_it_is_accepted(
    hass: HomeAssistant, loaded: MockConfigEntry, client: FakeEngineClient, tmp_path: Path
) -> None:
    folder = tmp_path / "camclassify" / "bundles" / "mine"
    folder.mkdir(parents=True)
    (folder / "bundle.json").write_text('{"classes": [{"name": "person"}]}')
    hass.config.config_dir = str(tmp_path)
    wanted = OPTIONS | {"cpu_budget": 50, "keep_days": 3, "keep_count": 20, "bundle": "mine"}
    result = await hass.config_entries.options.async_init(loaded.entry_id)
    client.start_error = BundleError("scene.onnx is missing.")
    result = await hass.config_entries.options.async_configure(result["flow_id"], wanted)
    assert result["errors"] == {"bundle": "bundle_broken"}
    assert result["description_placeholders"] is not None
    assert result["description_placeholders"]["error"] == "scene.onnx is missing."
    client.start_error = None
    result = await hass.config_entries.options.async_configure(result["flow_id"], wanted)
    assert result["type"] is FlowResultType.CREATE_ENTRY
    await hass.async_block_till_done()
    assert client.options.bundle == folder
    assert client.options.classes == ("person",)
    assert loaded.runtime_data.engine.available
