"""What the user taught: examples that outlive restarts, and the classes learnt from them."""

import logging
from collections.abc import Iterable
from typing import Any

from camclassify_core import Box, CamClassifyError, Example, ExampleError, TaughtClass
from camclassify_core.codec import example_from_json, example_to_json
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import ServiceValidationError
from homeassistant.helpers.storage import Store

from .const import DOMAIN
from .engine import SharedEngine
from .examples import ExampleMaker
from .snapshot_store import KeptSnapshot, SnapshotStore

_LOGGER = logging.getLogger(__name__)

STORAGE_VERSION = 1
MAX_EXAMPLES = 500
MAX_PICTURE = 32 * 1024  # characters of base64
PICTURE = "picture"


class Lessons:
    """Keeps the examples and has the engine learn from them.

    `pictures`: what each example looks like (JPEG in base64), by its id.
    """

    def __init__(self, hass: HomeAssistant, engine: SharedEngine, snapshots: SnapshotStore) -> None:
        """Know nothing until loaded."""
        self.examples: tuple[Example, ...] = ()
        self.pictures: dict[str, str] = {}
        self._engine = engine
        self._maker = ExampleMaker(engine, snapshots)
        self._store: Store[list[dict[str, Any]]] = Store(hass, STORAGE_VERSION, f"{DOMAIN}.lessons")

    async def async_load(self) -> None:
        """Learn again what was taught before."""
        stored = await self._store.async_load() or []
        try:
            self.examples = tuple(map(example_from_json, stored))
            self.pictures = _pictures(stored)
            if self.examples or self._engine.taught:
                await self._engine.async_teach(self.examples, ())
        except CamClassifyError as error:
            _LOGGER.warning("What was taught cannot be used: %s", error)

    def names_for(self, camera: str) -> frozenset[str]:
        """Return the classes that were taught with pictures of a camera."""
        return frozenset(
            example.name for example in self.examples if example.camera == camera and example.name
        )

    async def async_teach(
        self, kept: KeptSnapshot, name: str | None, box: Box | None = None
    ) -> TaughtClass | None:
        """Learn that the object in a kept snapshot has a name, or is nothing at all.

        Returns the class and what to expect of it. Raises ServiceValidationError, CamClassifyError.
        """
        class_name = self._checked_name(name)
        if len(self.examples) >= MAX_EXAMPLES:
            raise _invalid("too_many_examples")
        example, picture = await self._maker.async_make(kept, class_name, box)
        await self._async_learn((*self.examples, example), {example.id: picture})
        return next((each for each in self._engine.taught if each.info.name == class_name), None)

    async def async_forget(self, name: str) -> int:
        """Forget a class, or a single example by its id; return how many examples went."""
        wanted = _class_name(name)
        left = tuple(each for each in self.examples if wanted != each.name and name != each.id)
        if len(left) == len(self.examples):
            raise _invalid("never_taught", name=name)
        gone = len(self.examples) - len(left)
        await self._async_learn(left)
        return gone

    async def async_import(self, data: Iterable[Any]) -> int:
        """Add examples that were exported; return how many are new.

        Raises ServiceValidationError if they would be too many, and CamClassifyError.
        """
        exported = list(data)
        known = {each.id for each in self.examples}
        new = {each.id: each for each in map(example_from_json, exported) if each.id not in known}
        if bundled := {each.name for each in new.values()} & self._bundled():
            raise ExampleError(f"The bundle has a class {', '.join(map(str, bundled))} itself.")
        if len(known) + len(new) > MAX_EXAMPLES:
            raise _invalid("too_many_examples")
        await self._async_learn((*self.examples, *new.values()), _pictures(exported))
        return len(new)

    def to_json(self) -> list[dict[str, Any]]:
        """Return the examples with their pictures, to be stored or exported."""
        return [
            example_to_json(each) | {PICTURE: self.pictures.get(each.id)} for each in self.examples
        ]

    async def _async_learn(
        self, examples: tuple[Example, ...], pictures: dict[str, str] | None = None
    ) -> None:
        await self._engine.async_teach(examples, await self._maker.async_background(examples))
        known = self.pictures | (pictures or {})
        self.examples = examples
        self.pictures = {each.id: known[each.id] for each in examples if each.id in known}
        await self._store.async_save(self.to_json())

    def _bundled(self) -> set[str]:
        return {info.name for info in self._engine.info.classes}

    def _checked_name(self, name: str | None) -> str | None:
        if name is None:
            return None
        class_name = _class_name(name)
        if not class_name or class_name in self._bundled():
            raise _invalid("name_taken", name=name)
        return class_name


def _class_name(name: str) -> str:
    """Return a class's name as automations use it: "our_car"."""
    return "_".join(name.split())


def _pictures(data: Iterable[dict[str, Any]]) -> dict[str, str]:
    """Return the pictures of exported or stored examples; older ones have none."""
    return {
        each["id"]: picture
        for each in data
        if isinstance(picture := each.get(PICTURE), str) and len(picture) <= MAX_PICTURE
    }


def _invalid(reason: str, **placeholders: str) -> ServiceValidationError:
    return ServiceValidationError(
        translation_domain=DOMAIN, translation_key=reason, translation_placeholders=placeholders
    )
