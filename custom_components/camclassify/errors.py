"""Errors of the engine as Home Assistant tells them: translated, and saying what to do."""

from collections.abc import Iterator
from contextlib import contextmanager

from camclassify_core import CamClassifyError, EngineUnavailable, ExampleError
from homeassistant.exceptions import HomeAssistantError

from .const import DOMAIN


@contextmanager
def translated_errors() -> Iterator[None]:
    """Raise what the engine raises as a HomeAssistantError."""
    try:
        yield
    except CamClassifyError as error:
        raise HomeAssistantError(
            translation_domain=DOMAIN,
            translation_key=_key(error),
            translation_placeholders={"error": str(error)},
        ) from error


def _key(error: CamClassifyError) -> str:
    match error:
        case EngineUnavailable():
            return "engine_unavailable"
        case ExampleError():
            return "cannot_learn"
        case _:
            return "bad_picture"
