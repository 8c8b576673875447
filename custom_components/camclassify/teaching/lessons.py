"""What the user taught: examples that outlive restarts, and the classes learnt from them."""

import asyncio
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from typing import Any

from camclassify_core import Box, ClassInfo, Example, ExampleError, Regime, TaughtClass
from camclassify_core.codec import example_from_json, example_to_json
from camclassify_core.examples import PROPOSAL
from homeassistant.core import HomeAssistant, callback

from ..engine.shared import SharedEngine
from ..evidence.store import EvidenceStore, KeptSnapshot
from ..issues import async_tell_unfit
from ..safe_store import LESSONS, SafeStore
from ..user_errors import invalid
from .example_maker import ExampleMaker

MAX_EXAMPLES = 500
MAX_PICTURE = 32 * 1024  # characters of base64
PICTURE = "picture"
THRESHOLD = 0.45  # of a class until it is learnt: what it was found as has passed its own


class Lessons:
    """Keeps the examples and has the engine learn from them.

    `pictures`: what each example looks like (JPEG in base64), by its id. `forgotten`: the classes that the
    user wanted to be forgotten since Home Assistant started.
    """

    def __init__(self, hass: HomeAssistant, engine: SharedEngine, evidence: EvidenceStore) -> None:
        """Know nothing until loaded."""
        self.examples: tuple[Example, ...] = ()
        self.pictures: dict[str, str] = {}
        self.forgotten: set[str] = set()
        self._hass = hass
        self._engine = engine
        self._maker = ExampleMaker(engine, evidence)
        self._store: SafeStore[list[Any]] = SafeStore(hass, LESSONS, serialize_in_event_loop=True)
        self._lock = asyncio.Lock()

    async def async_load(self) -> None:
        """Learn again what was taught before."""
        rows = (await self._store.async_load_rows(list, _example)).values()
        self.examples = tuple(example for example, _ in rows)
        self.pictures = {example.id: picture for example, picture in rows if picture}
        if self.examples or self._engine.taught:
            await self._engine.async_recall(self.examples, tuple(_classes(self.examples)))
        self.async_check()

    async def async_retry(self) -> None:
        """Learn what could not be learnt so far, if there is anything."""
        async with self._lock:
            await self._engine.async_learn_again()
        self.async_check()

    @callback
    def async_close(self) -> None:
        """Keep nothing any more."""
        self._store.async_close()

    @callback
    def async_check(self) -> None:
        """Tell the user which examples are of no use to the bundle that runs, until they are again."""
        length = self._engine.info.feature_length
        async_tell_unfit(
            self._hass, Counter(each.name for each in self.examples if len(each.features) != length)
        )

    async def async_teach(
        self, kept: KeptSnapshot, name: str | None, box: Box | None = None
    ) -> TaughtClass | None:
        """Learn that the object in a kept snapshot has a name, or is nothing at all.

        Returns the class and what to expect of it. Raises ServiceValidationError, CamClassifyError.
        """
        class_name = self._checked_name(name)
        async with self._lock:
            if len(self.examples) >= MAX_EXAMPLES:
                raise invalid("too_many_examples")
            example, picture = await self._maker.async_make(kept, class_name, box)
            await self._async_learn((*self.examples, example), {example.id: picture})
        return next((each for each in self._engine.taught if each.info.name == class_name), None)

    async def async_forget(self, name: str) -> int:
        """Forget a class, or a single example by its id; return how many examples went."""
        wanted = _class_name(name)
        async with self._lock:
            left = tuple(each for each in self.examples if wanted != each.name and name != each.id)
            if not (gone := len(self.examples) - len(left)):
                raise invalid("never_taught", name=name)
            before = {each.name for each in self.examples if each.name}
            await self._async_learn(left)
            self.forgotten |= before - {each.name for each in left}
        return gone

    async def async_import(self, data: Iterable[Any]) -> int:
        """Add examples that were exported; return how many are new.

        Raises ServiceValidationError if they would be too many, and CamClassifyError.
        """
        exported = list(data)
        async with self._lock:
            known = {each.id for each in self.examples}
            new = {
                each.id: each for each in map(example_from_json, exported) if each.id not in known
            }
            if bundled := {each.name for each in new.values()} & self._bundled():
                raise ExampleError(f"The bundle has a class {', '.join(map(str, bundled))} itself.")
            if len(known) + len(new) > MAX_EXAMPLES:
                raise invalid("too_many_examples")
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
        self.forgotten -= {each.name for each in examples if each.name}
        self.pictures = {each.id: known[each.id] for each in examples if each.id in known}
        await self._store.async_save(self.to_json())
        self.async_check()

    def _bundled(self) -> set[str]:
        return {info.name for info in self._engine.info.classes}

    def _checked_name(self, name: str | None) -> str | None:
        if name is None:
            return None
        class_name = _class_name(name)
        if not class_name or class_name in self._bundled():
            raise invalid("name_taken", name=name)
        return class_name


def _class_name(name: str) -> str:
    """Return a class's name as automations use it: "our_car"."""
    return "_".join(name.split())


def _classes(examples: Iterable[Example]) -> Iterator[TaughtClass]:
    """Describe what was taught, before anything was learnt: a class implies what all its examples do."""
    named: dict[str, list[Example]] = defaultdict(list)
    for example in examples:
        if example.name:
            named[example.name].append(example)
    for name, lessons in named.items():
        first, *others = (each.found_as for each in lessons)
        parents = tuple(
            kind
            for kind in first
            if kind not in {*named, PROPOSAL} and all(kind in each for each in others)
        )
        thresholds = dict.fromkeys(Regime, THRESHOLD)
        info = ClassInfo(name=name, parents=parents, on_by_default=True, threshold=thresholds)
        yield TaughtClass(info=info, expectations={})


def _example(row: dict[str, Any]) -> tuple[Example, str]:
    """Return an example and its picture, if it has one. Raises ExampleError."""
    example = example_from_json(row)
    return example, _pictures([row]).get(example.id, "")


def _pictures(data: Iterable[dict[str, Any]]) -> dict[str, str]:
    """Return the pictures of exported or stored examples; older ones have none."""
    return {
        str(each["id"]): picture
        for each in data
        if isinstance(picture := each.get(PICTURE), str) and len(picture) <= MAX_PICTURE
    }
