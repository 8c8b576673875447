"""Choosing a server to look at the pictures."""

from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from homeassistant.config_entries import SOURCE_USER, ConfigFlowResult
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.camclassify.const import DOMAIN

from ..conftest import OPTIONS, FakeCamera
from ..fake_engine import FakeEngineClient
from ..inference_server import InferenceServer

WANTED = OPTIONS | {"engine": "server"}
BUDGETS = {"cpu_budget": 100, "keep_days": 7, "keep_count": 500, "bundle": "default"}
SERVER = {"verify_ssl": True, "stand_in": False}

pytestmark = pytest.mark.usefixtures("quick")


async def set_up(hass: HomeAssistant, **server: Any) -> ConfigFlowResult:
    result = await hass.config_entries.flow.async_init(DOMAIN, context={"source": SOURCE_USER})
    result = await hass.config_entries.flow.async_configure(result["flow_id"], WANTED)
    assert result["step_id"] == "server"
    return await hass.config_entries.flow.async_configure(result["flow_id"], SERVER | server)


async def change(hass: HomeAssistant, entry: MockConfigEntry, **server: Any) -> ConfigFlowResult:
    result = await hass.config_entries.options.async_init(entry.entry_id)
    result = await hass.config_entries.options.async_configure(result["flow_id"], WANTED | BUDGETS)
    assert result["step_id"] == "server"
    return await hass.config_entries.options.async_configure(result["flow_id"], SERVER | server)


async def test_it_looks_at_a_picture_before_it_is_accepted(
    hass: HomeAssistant, client: FakeEngineClient, camera: FakeCamera, inference: InferenceServer
) -> None:
    inference.token = "secret"
    result = await set_up(hass, url=f" {inference.url}/ ", token="secret")
    assert result["type"] is FlowResultType.CREATE_ENTRY
    assert result["result"].options == OPTIONS | {
        "server": SERVER | {"url": inference.url, "token": "secret"}
    }
    ((picture, _),) = inference.engine.requests[:1]
    assert isinstance(picture, bytes)
    assert picture.startswith(b"\x89PNG")
    assert result["result"].runtime_data.engine.on_server
    assert (client.starts, client.stops) == (1, 1)
    await hass.config_entries.async_remove(result["result"].entry_id)


@pytest.mark.parametrize(
    "url", ["", "ftp://server", "http://", "http://me@server", "http://server/?a", "http://[::"]
)
async def test_what_is_no_address_is_refused(
    hass: HomeAssistant, client: FakeEngineClient, url: str
) -> None:
    result = await set_up(hass, url=url)
    assert result["errors"] == {"url": "server_url"}


async def test_what_is_wrong_can_be_put_right(
    hass: HomeAssistant, client: FakeEngineClient, camera: FakeCamera, inference: InferenceServer
) -> None:
    inference.token = "secret"
    result = await set_up(hass, url="127.0.0.1:1")
    assert result["errors"] == {"url": "server_unreachable"}
    assert result["description_placeholders"] is not None
    assert result["description_placeholders"]["error"].startswith("The server cannot be reached")

    async def again(**server: Any) -> ConfigFlowResult:
        return await hass.config_entries.flow.async_configure(result["flow_id"], SERVER | server)

    refused = await again(url=inference.url, token="other")
    assert refused["errors"] == {"token": "server_token"}
    inference.ready = False
    refused = await again(url=inference.url, token="secret")
    assert refused["errors"] == {"url": "server_not_ready"}
    inference.ready = True
    accepted = await again(url=inference.url, token="secret")
    assert accepted["type"] is FlowResultType.CREATE_ENTRY
    await hass.config_entries.async_remove(accepted["result"].entry_id)


async def test_options_lead_to_a_server_and_back(
    hass: HomeAssistant,
    loaded: MockConfigEntry,
    client: FakeEngineClient,
    inference: InferenceServer,
) -> None:
    engine = loaded.runtime_data.engine
    inference.token = "secret"
    refused = await change(hass, loaded, url=inference.url)
    assert refused["errors"] == {"token": "server_token"}
    assert not engine.on_server
    result = await change(hass, loaded, url=inference.url, token="secret")
    assert result["type"] is FlowResultType.CREATE_ENTRY
    await hass.async_block_till_done()
    assert engine.on_server

    result = await hass.config_entries.options.async_init(loaded.entry_id)
    assert result["data_schema"] is not None
    suggested = {
        str(key): key.description["suggested_value"]
        for key in result["data_schema"].schema
        if key.description
    }
    assert suggested["engine"] == "server"
    result = await hass.config_entries.options.async_configure(
        result["flow_id"], OPTIONS | BUDGETS | {"engine": "here"}
    )
    assert result["type"] is FlowResultType.CREATE_ENTRY
    await hass.async_block_till_done()
    assert loaded.options == OPTIONS | BUDGETS
    assert not engine.on_server


async def test_a_token_that_is_kept_is_sent_to_no_other_address(
    hass: HomeAssistant,
    loaded: MockConfigEntry,
    client: FakeEngineClient,
    inference: InferenceServer,
    aiohttp_server: Callable[[web.Application], Awaitable[TestServer]],
) -> None:
    inference.token = "secret"
    await change(hass, loaded, url=inference.url, token="secret")
    await hass.async_block_till_done()
    result = await change(hass, loaded, url=inference.url, stand_in=True)
    assert result["type"] is FlowResultType.CREATE_ENTRY
    await hass.async_block_till_done()
    assert loaded.options["server"]["token"] == "secret"
    elsewhere = await aiohttp_server(inference.app())
    refused = await change(hass, loaded, url=str(elsewhere.make_url("/")))
    assert refused["errors"] == {"token": "server_token"}
    schema = refused["data_schema"]
    assert schema is not None
    assert "secret" not in str([key.description for key in schema.schema])
