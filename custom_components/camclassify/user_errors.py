"""Errors as Home Assistant tells them to the user: translated, and saying what to do."""

from collections.abc import Iterator
from contextlib import contextmanager

from camclassify_core import CamClassifyError, EngineUnavailable, ExampleError
from homeassistant.exceptions import HomeAssistantError, ServiceValidationError

from .const import DOMAIN


class TranslatedError(HomeAssistantError):
    """An error with a text in each language; `reason` is its translation key."""

    def __init__(self, reason: str, **placeholders: str) -> None:
        """Keep the reason for forms and logs."""
        super().__init__(
            translation_domain=DOMAIN, translation_key=reason, translation_placeholders=placeholders
        )
        self.reason = reason
        self.placeholders = placeholders


def invalid(reason: str, **placeholders: str) -> ServiceValidationError:
    """Return what to raise where the user asks for what cannot be done."""
    return ServiceValidationError(
        translation_domain=DOMAIN, translation_key=reason, translation_placeholders=placeholders
    )


@contextmanager
def translated_errors() -> Iterator[None]:
    """Raise what the engine raises as a HomeAssistantError."""
    try:
        yield
    except CamClassifyError as error:
        raise TranslatedError(_key(error), error=str(error)) from error


def _key(error: CamClassifyError) -> str:
    match error:
        case EngineUnavailable():
            return "engine_unavailable"
        case ExampleError():
            return "cannot_learn"
        case _:
            return "bad_picture"
