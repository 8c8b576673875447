"""What the user taught: examples that outlive restarts, and the classes learnt from them."""

import logging
from collections.abc import Iterable
from typing import Any

from camclassify_core import Box, CamClassifyError, Regime
from camclassify_core.codec import example_from_json, example_to_json
from camclassify_core.examples import Example, TaughtClass
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import ServiceValidationError
from homeassistant.helpers.storage import Store
from homeassistant.util.ulid import ulid_now

from .const import DOMAIN
from .engine import SharedEngine
from .snapshot_store import KeptSnapshot, SnapshotStore

_LOGGER = logging.getLogger(__name__)

STORAGE_VERSION = 1
MAX_EXAMPLES = 500
MAX_BACKGROUND = 20


class Lessons:
    """Keeps the examples and has the engine learn from them."""

    def __init__(self, hass: HomeAssistant, engine: SharedEngine, snapshots: SnapshotStore) -> None:
        """Know nothing until loaded."""
        self.examples: tuple[Example, ...] = ()
        self._engine = engine
        self._snapshots = snapshots
        self._store: Store[list[dict[str, Any]]] = Store(hass, STORAGE_VERSION, f"{DOMAIN}.lessons")
        self._background: dict[str, Example] = {}

    async def async_load(self) -> None:
        """Learn again what was taught before."""
        stored = await self._store.async_load() or []
        try:
            examples = tuple(example_from_json(each) for each in stored)
            if examples or self._engine.taught:
                await self._engine.async_teach(examples, ())
            self.examples = examples
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
            raise ServiceValidationError(
                translation_domain=DOMAIN, translation_key="too_many_examples"
            )
        example = await self._async_example(kept, class_name, box)
        await self._async_learn((*self.examples, example))
        return self._taught(class_name)

    async def async_forget(self, name: str) -> int:
        """Forget a class, or a single example by its id; return how many examples went."""
        wanted = _class_name(name)
        left = tuple(each for each in self.examples if wanted != each.name and name != each.id)
        if len(left) == len(self.examples):
            raise ServiceValidationError(
                translation_domain=DOMAIN,
                translation_key="never_taught",
                translation_placeholders={"name": name},
            )
        gone = len(self.examples) - len(left)
        await self._async_learn(left)
        return gone

    async def async_import(self, data: Iterable[dict[str, Any]]) -> int:
        """Add examples that were exported; return how many are new. Raises CamClassifyError."""
        known = {each.id for each in self.examples}
        new = [each for each in map(example_from_json, data) if each.id not in known]
        await self._async_learn((*self.examples, *new)[:MAX_EXAMPLES])
        return len(new)

    def to_json(self) -> list[dict[str, Any]]:
        """Return the examples, to be stored or exported."""
        return [dict(example_to_json(each)) for each in self.examples]

    async def _async_learn(self, examples: tuple[Example, ...]) -> None:
        await self._engine.async_teach(examples, await self._async_background(examples))
        self.examples = examples
        await self._store.async_save(self.to_json())

    async def _async_example(
        self, kept: KeptSnapshot, name: str | None, box: Box | None = None
    ) -> Example:
        picture = await self._snapshots.async_read(kept.id, drawn=False)
        if picture is None:
            raise ServiceValidationError(translation_domain=DOMAIN, translation_key="snapshot_gone")
        features = await self._engine.client.features(picture, box or kept.box, kept.regime)
        parents = {info.name: info.parents for info in self._engine.classes}
        return Example(
            id=ulid_now(),
            name=name,
            camera=kept.camera,
            box=box or kept.box,
            regime=Regime(kept.regime),
            found_as=(kept.class_name, *parents.get(kept.class_name, ())),
            features=features,
        )

    async def _async_background(self, examples: tuple[Example, ...]) -> list[Example]:
        """Return objects that nobody named: the latest arrivals that are no examples."""
        named = {(each.camera, each.box) for each in examples}
        others = [
            kept
            for kept in self._snapshots.async_all()
            if kept.class_name and (kept.camera, kept.box) not in named
        ][:MAX_BACKGROUND]
        for kept in others:
            if kept.id not in self._background:
                try:
                    self._background[kept.id] = await self._async_example(kept, None)
                except CamClassifyError, ServiceValidationError:
                    continue
        self._background = {
            kept.id: self._background[kept.id] for kept in others if kept.id in self._background
        }
        return list(self._background.values())

    def _taught(self, name: str | None) -> TaughtClass | None:
        return next((each for each in self._engine.taught if each.info.name == name), None)

    def _checked_name(self, name: str | None) -> str | None:
        if name is None:
            return None
        class_name = _class_name(name)
        if not class_name or class_name in {info.name for info in self._engine.info.classes}:
            raise ServiceValidationError(
                translation_domain=DOMAIN,
                translation_key="name_taken",
                translation_placeholders={"name": name},
            )
        return class_name


def _class_name(name: str) -> str:
    """Return a class's name as automations use it: "our_car"."""
    return "_".join(name.split())
