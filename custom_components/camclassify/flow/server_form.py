"""The form of a server that looks in place of this machine, and a trial of it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import probatio
from homeassistant.const import CONF_TOKEN, CONF_URL, CONF_VERIFY_SSL
from homeassistant.core import HomeAssistant
from homeassistant.helpers.selector import (
    SelectSelector,
    SelectSelectorConfig,
    SelectSelectorMode,
    TextSelector,
    TextSelectorConfig,
    TextSelectorType,
)
from yarl import URL

from ..const import CONF_ENGINE, CONF_SERVER, CONF_STAND_IN, ENGINE_HERE, ENGINE_SERVER
from ..engine.interface import ServerOptions
from ..engine.remote_engine import RemoteEngine
from ..engine.server_connection import ServerAway
from .forms import Fields

EXAMPLE: Final = "https://cameras.example.org:8000"


def engine_field() -> Fields:
    """Return the choice of where the engine is."""
    return {
        probatio.Required(CONF_ENGINE, default=ENGINE_HERE): SelectSelector(
            SelectSelectorConfig(
                options=[ENGINE_HERE, ENGINE_SERVER],
                mode=SelectSelectorMode.LIST,
                translation_key="engine",
            )
        )
    }


def server_schema() -> probatio.Schema:
    """Return the fields of a server."""
    return probatio.Schema(
        {
            probatio.Required(CONF_URL): TextSelector(
                TextSelectorConfig(type=TextSelectorType.URL, autocomplete="off")
            ),
            probatio.Optional(CONF_TOKEN): TextSelector(
                TextSelectorConfig(type=TextSelectorType.PASSWORD, autocomplete="off")
            ),
            probatio.Required(CONF_VERIFY_SSL, default=True): bool,
            probatio.Required(CONF_STAND_IN, default=False): bool,
        }
    )


def chosen_engine(options: Mapping[str, Any]) -> str:
    """Return where the engine of a config entry is."""
    return ENGINE_SERVER if CONF_SERVER in options else ENGINE_HERE


def shown(options: Mapping[str, Any]) -> dict[str, Any]:
    """Return what the form shows of the server that is set: not its token."""
    return {key: value for key, value in options.get(CONF_SERVER, {}).items() if key != CONF_TOKEN}


@dataclass(frozen=True, slots=True)
class ServerTrial:
    """A server's settings as they are to be kept, or what is wrong with them."""

    server: dict[str, Any]
    errors: dict[str, str]
    error: str = ""

    @property
    def placeholders(self) -> dict[str, str]:
        """What fills the texts of the form."""
        return {"error": self.error, "example": EXAMPLE}


async def async_try_server(
    hass: HomeAssistant, user_input: Mapping[str, Any], kept: Mapping[str, Any]
) -> ServerTrial:
    """Have a server look at a picture; a token not entered is the one `kept` for this very address."""
    if (url := _checked_url(user_input[CONF_URL])) is None:
        return ServerTrial({}, {CONF_URL: "server_url"})
    token = user_input.get(CONF_TOKEN, "").strip()
    if not token and kept.get(CONF_URL) == url:
        token = kept.get(CONF_TOKEN, "")
    server = {**user_input, CONF_URL: url, CONF_TOKEN: token}
    engine = RemoteEngine(
        hass, ServerOptions(url=url, token=token, verify=user_input[CONF_VERIFY_SSL])
    )
    try:
        await engine.start()
    except ServerAway as away:
        field = CONF_TOKEN if away.reason == "server_token" else CONF_URL
        return ServerTrial(server, {field: away.reason}, str(away))
    finally:
        await engine.stop()
    return ServerTrial(server, {})


def _checked_url(text: str) -> str | None:
    """Return an address without a slash at its end; None if a server cannot be there."""
    text = text.strip()
    try:
        url = URL(text if "://" in text else f"http://{text}")
    except ValueError:
        return None
    if url.scheme not in ("http", "https") or not url.host or url.user or url.query or url.fragment:
        return None
    return str(url).rstrip("/")
