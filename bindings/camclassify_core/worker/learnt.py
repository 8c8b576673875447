"""What a worker was taught: by Home Assistant, whose worker it is, or by the homes of a server."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from threading import Lock
from typing import TYPE_CHECKING, Protocol, Self

from camclassify_core.codec import example_from_json
from camclassify_core.errors import ExampleError, LessonsMissing
from camclassify_core.examples import Example, TaughtClass
from camclassify_core.frame import Frame
from camclassify_core.info import EngineInfo
from camclassify_core.options import Request
from camclassify_core.results import Box, Detection, Regime, Result

if TYPE_CHECKING:
    from camclassify_core.teaching import Taught

MOST_HOMES = 256
type Home = str | None
"""A home of a server; none: whoever has this worker for itself."""


class Engine(Protocol):
    """What learning and recognising need of an engine."""

    def features(self, picture: bytes | Frame, box: Box, regime: Regime) -> tuple[float, ...]:
        """Features of one object."""

    def info(self) -> EngineInfo:
        """The bundle and how it runs."""


@dataclass(frozen=True, slots=True)
class Lessons:
    """Examples, and objects that nobody named; `id` is what a server's home calls them."""

    id: str = ""
    examples: list[Example] = field(default_factory=list)
    background: list[Example] = field(default_factory=list)

    @classmethod
    def read(cls, body: bytes, lessons_id: str) -> Lessons:
        """From JSON. Raises `ExampleError`."""
        try:
            said = json.loads(body)
            examples, background = said["examples"], said["background"]
        except (LookupError, TypeError, ValueError, RecursionError) as error:
            raise ExampleError(f"These are no lessons ({error!r}).") from error
        if not (isinstance(examples, list) and isinstance(background, list)):
            raise ExampleError("These are no lessons: examples and background are to be lists.")
        return cls(
            lessons_id,
            [example_from_json(each) for each in examples],
            [example_from_json(each) for each in background],
        )


class Learnt:
    """Lessons, learnt from for one engine. `refined`: the last detections of each camera, in their terms."""

    def __init__(self, lessons: Lessons, engine: Engine, taught: Taught | None = None) -> None:
        self.lessons = lessons
        self.refined: dict[str, tuple[Detection, ...]] = {}
        self._engine = engine
        self._taught = taught

    @classmethod
    def of(cls, lessons: Lessons, engine: Engine) -> Self:
        """Learns. Raises `ExampleError`."""
        if not lessons.examples:
            return cls(lessons, engine)
        # NumPy costs a worker that was taught nothing no memory.
        from camclassify_core.teaching import Taught

        length = engine.info().feature_length
        taught = Taught(lessons.examples, lessons.background, feature_length=length)
        return cls(lessons, engine, taught)

    @property
    def classes(self) -> tuple[TaughtClass, ...]:
        """Those learnt."""
        return self._taught.classes if self._taught else ()

    def refine(self, picture: bytes | Frame, request: Request, result: Result) -> Result:
        """The result in terms of what was taught; while the gate is closed, as it was before."""
        if self._taught is None:
            return result
        refined = self.refined.get(request.camera)
        if result.changed or refined is None:
            parents = {each.name: each.parents for each in self._engine.info().classes}
            refined = self._taught.refine(
                request.camera,
                result.regime,
                result.detections,
                proposals=result.proposals,
                root=lambda name: (name, *parents.get(name, ()))[-1],
                features=lambda each: (
                    each.features or self._engine.features(picture, each.box, result.regime)
                ),
            )
            self.refined[request.camera] = tuple(replace(each, remembered=True) for each in refined)
        return replace(result, detections=refined)


class AllLearnt:
    """What each home taught, for one engine. Any thread may ask.

    The home that was not asked about for longest is forgotten when there are too many: it says again what
    it was taught when it is told so.
    """

    def __init__(self) -> None:
        self._homes: dict[Home, Learnt] = {}
        self._lock = Lock()

    def put(self, home: Home, learnt: Learnt) -> None:
        """Recognises this from now on."""
        with self._lock:
            self._homes.pop(home, None)
            self._homes[home] = learnt
            servers = [each for each in self._homes if each is not None]
            for each in servers[:-MOST_HOMES]:
                del self._homes[each]

    def of(self, home: Home, lessons_id: str) -> Learnt | None:
        """What a home taught, if anything. Raises `LessonsMissing` if it is not what the ID says."""
        if home is not None and not lessons_id:
            return None
        with self._lock:
            learnt = self._homes.pop(home, None)
            if learnt:
                self._homes[home] = learnt
        if home is not None and (learnt is None or learnt.lessons.id != lessons_id):
            raise LessonsMissing("What this home was taught is not known here: say it again.")
        return learnt

    def forget(self, home: Home, camera: str) -> None:
        """Drops what was recognised last at a camera."""
        with self._lock:
            if learnt := self._homes.get(home):
                learnt.refined.pop(camera, None)

    def again(self, engine: Engine, failed: Callable[[Exception], None]) -> AllLearnt:
        """The same lessons, for another engine. Those that it cannot learn are kept for the next."""
        fresh = AllLearnt()
        with self._lock:
            lessons = {home: learnt.lessons for home, learnt in self._homes.items()}
        for home, each in lessons.items():
            try:
                fresh.put(home, Learnt.of(each, engine))
            except Exception as error:
                failed(error)
                fresh.put(home, Learnt(each, engine))
        return fresh


def key_of(home: Home, camera: str) -> str:
    """What the engine knows a camera by: those of two homes are two, whatever their names."""
    return f"{home}/{camera}" if home and camera else camera
