"""The fields of a camera's forms, and what is wrong with what was filled in."""

import re
from collections.abc import Iterable, Mapping
from typing import Any

import probatio
from camclassify_core import ClassInfo
from camclassify_core.stream.stream_address import is_streamable, is_surely_a_stream
from homeassistant.const import (
    CONF_PASSWORD,
    CONF_URL,
    CONF_USERNAME,
    CONF_VERIFY_SSL,
    HTTP_BASIC_AUTHENTICATION,
    HTTP_DIGEST_AUTHENTICATION,
)
from homeassistant.helpers.selector import (
    EntitySelector,
    EntitySelectorConfig,
    NumberSelector,
    NumberSelectorConfig,
    NumberSelectorMode,
    SelectSelector,
    SelectSelectorConfig,
    SelectSelectorMode,
    TextSelector,
    TextSelectorConfig,
    TextSelectorType,
)
from yarl import URL

from ..const import (
    CONF_AUTHENTICATION,
    CONF_CLASSES,
    CONF_INTERVAL,
    CONF_LINKED,
    CONF_ONLY_WHEN_WOKEN,
    CONF_SOURCE,
    DEFAULT_INTERVAL,
    MAX_INTERVAL,
    MIN_INTERVAL,
    SOURCE_AUTOMATIC,
    SOURCE_SNAPSHOTS,
    SOURCE_STREAM,
)
from ..home import CamClassifyConfigEntry

AUTHENTICATION_NONE = "none"

_USER = re.compile(r"(?<=://)[^/?#]*@")

type Fields = dict[probatio.Marker, Any]

ADDRESS_KEYS = frozenset(
    {CONF_URL, CONF_AUTHENTICATION, CONF_USERNAME, CONF_PASSWORD, CONF_VERIFY_SSL}
)


def class_selector(classes: Iterable[ClassInfo]) -> SelectSelector:
    """Return a choice of the bundle's classes."""
    return SelectSelector(
        SelectSelectorConfig(
            options=[info.name for info in classes],
            multiple=True,
            mode=SelectSelectorMode.DROPDOWN,
            translation_key="class",
        )
    )


def look_fields(entry: CamClassifyConfigEntry) -> Fields:
    """Return the fields about what is looked for, and how often."""
    return {
        probatio.Required(CONF_CLASSES, default=entry.options[CONF_CLASSES]): class_selector(
            entry.runtime_data.engine.classes
        ),
        probatio.Required(CONF_INTERVAL, default=DEFAULT_INTERVAL): NumberSelector(
            NumberSelectorConfig(
                min=MIN_INTERVAL,
                max=MAX_INTERVAL,
                step="any",
                mode=NumberSelectorMode.BOX,
                unit_of_measurement="s",
            )
        ),
        probatio.Optional(CONF_LINKED, default=list): EntitySelector(
            EntitySelectorConfig(domain=["binary_sensor", "event"], multiple=True)
        ),
        probatio.Optional(CONF_ONLY_WHEN_WOKEN, default=False): bool,
    }


def source_fields(*, can_stream: bool) -> Fields:
    """Return the choice between snapshots and stream, where there is one."""
    if not can_stream:
        return {}
    return {
        probatio.Required(CONF_SOURCE, default=SOURCE_AUTOMATIC): SelectSelector(
            SelectSelectorConfig(
                options=[SOURCE_AUTOMATIC, SOURCE_SNAPSHOTS, SOURCE_STREAM],
                mode=SelectSelectorMode.LIST,
                translation_key="source",
            )
        )
    }


def address_fields() -> Fields:
    """Return the fields of a snapshot's address."""
    return {
        probatio.Required(CONF_URL): TextSelector(
            TextSelectorConfig(type=TextSelectorType.URL, autocomplete="url")
        ),
        probatio.Required(CONF_AUTHENTICATION, default=AUTHENTICATION_NONE): SelectSelector(
            SelectSelectorConfig(
                options=[
                    AUTHENTICATION_NONE,
                    HTTP_BASIC_AUTHENTICATION,
                    HTTP_DIGEST_AUTHENTICATION,
                ],
                mode=SelectSelectorMode.LIST,
                translation_key="authentication",
            )
        ),
        probatio.Optional(CONF_USERNAME): TextSelector(TextSelectorConfig(autocomplete="off")),
        probatio.Optional(CONF_PASSWORD): TextSelector(
            TextSelectorConfig(type=TextSelectorType.PASSWORD, autocomplete="off")
        ),
        probatio.Required(CONF_VERIFY_SSL, default=True): bool,
    }


def with_credentials_apart(user_input: Mapping[str, Any]) -> dict[str, Any]:
    """Move the user name and the password of an address to the fields that are for them."""
    try:
        url = URL(user_input[CONF_URL])
    except ValueError:
        return dict(user_input)
    if not url.user and not url.password:
        return dict(user_input)
    moved = {**user_input, CONF_URL: _USER.sub("", user_input[CONF_URL])}
    moved |= {CONF_USERNAME: url.user or "", CONF_PASSWORD: url.password or ""}
    if user_input[CONF_AUTHENTICATION] == AUTHENTICATION_NONE:
        moved[CONF_AUTHENTICATION] = HTTP_BASIC_AUTHENTICATION
    return moved


def address_errors(user_input: Mapping[str, Any], *, can_stream: bool) -> dict[str, str]:
    """Return what is wrong with an address and its credentials."""
    try:
        url = URL(user_input[CONF_URL])
    except ValueError:
        return {CONF_URL: "invalid_url"}
    if not is_streamable(user_input[CONF_URL]) or not url.host:
        return {CONF_URL: "invalid_url"}
    if not can_stream and is_surely_a_stream(user_input[CONF_URL]):
        return {CONF_URL: "stream_support_missing"}
    if user_input[CONF_AUTHENTICATION] != AUTHENTICATION_NONE and not user_input.get(CONF_USERNAME):
        return {CONF_USERNAME: "username_missing"}
    if ":" in user_input.get(CONF_USERNAME, ""):
        return {CONF_USERNAME: "username_colon"}
    return {}


def asks_the_same(user_input: Mapping[str, Any], kept: Mapping[str, Any]) -> bool:
    """Tell whether it is the same user of the same host: nobody else is sent a password that is kept."""
    return (
        CONF_URL in kept
        and user_input.get(CONF_USERNAME) == kept.get(CONF_USERNAME)
        and URL(user_input[CONF_URL]).origin() == URL(kept[CONF_URL]).origin()
    )
