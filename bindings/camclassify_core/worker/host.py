"""Hosts an engine in this process, for a client at the other end of its pipes.

Messages come on standard input and are answered on standard output: what is about one picture in a
lane, as soon as that is done, everything else at once and before the next message is read. Ends when
standard input closes and what was asked is answered, or hangs. `EngineClient` is its other side.
"""

import logging
import os
import resource
from array import array
from collections.abc import Buffer, Callable, Sequence
from dataclasses import asdict, dataclass, fields, replace
from functools import partial
from pathlib import Path
from threading import Lock
from typing import Any, BinaryIO, Protocol

from camclassify_core.codec import (
    box_from_json,
    frame_from_json,
    info_to_json,
    options_from_json,
    request_from_json,
    result_to_json,
    taught_to_json,
)
from camclassify_core.errors import CamClassifyError, EngineUnavailable
from camclassify_core.faults import FaultLog
from camclassify_core.frame import Frame
from camclassify_core.info import Confinement, EngineInfo
from camclassify_core.options import EngineOptions, Request
from camclassify_core.results import Box, Regime, Result, StreamFrame

from .bare_networks import BareNetworks
from .followed import Followed
from .lanes import Lanes
from .learnt import AllLearnt, Home, Learnt, Lessons, key_of
from .protocol import (
    LANE_OPS,
    PREFIX,
    Message,
    decode_header,
    decode_prefix,
    encode_head,
)
from .records import LineFormatter

_LOGGER = logging.getLogger(__name__)
_NICENESS = 5
_LONGEST = 1000  # characters of an error
_PATIENCE = 2.0  # seconds for what is still being answered when nobody asks any more


class HostedEngine(Protocol):
    """What the worker needs of an engine. Its lanes ask it at the same time."""

    def classify(self, picture: bytes | Frame, request: Request) -> Result:
        """What is in a snapshot, or in a frame of a stream."""

    def features(self, picture: bytes | Frame, box: Box, regime: Regime) -> tuple[float, ...]:
        """Features of one object."""

    def encode(self, frame: Frame) -> bytes:
        """A JPEG of a frame."""

    def draw_boxes(self, snapshot: bytes, boxes: Sequence[Box]) -> bytes:
        """A JPEG with the boxes drawn."""

    def cut_out(self, snapshot: bytes, box: Box, side: int) -> bytes:
        """A small JPEG of one object."""

    def forget(self, camera: str) -> None:
        """Drops what is remembered of a camera."""

    def info(self) -> EngineInfo:
        """The bundle and how it runs."""


@dataclass(frozen=True, slots=True)
class _Loaded:
    """What lanes work with. It is replaced as a whole: who has begun with it goes on with it."""

    engine: HostedEngine
    learnt: AllLearnt
    networks: BareNetworks


class Worker:
    """Answers messages: what is about one picture in any thread, the rest in one."""

    def __init__(
        self,
        open_engine: Callable[[EngineOptions], HostedEngine],
        lanes: Lanes,
        confinement: Confinement | None = None,
        followed: Followed | None = None,
    ) -> None:
        self._open_engine = open_engine
        self._followed = followed or Followed()
        self._lanes = lanes
        self._confinement = confinement
        self._now: _Loaded | None = None
        self._faults = FaultLog(_LOGGER)
        self._operations: dict[str, Callable[[Any, bytes], Message]] = {
            "configure": self._configure,
            "classify": self._classify,
            "features": self._features,
            "teach": self._teach,
            "learn": self._learn,
            "draw_boxes": self._draw_boxes,
            "cut_out": self._cut_out,
            "encode": self._encode_frame,
            "describe": self._describe,
            "run": self._run,
            "follow": self._follow,
            "unfollow": self._unfollow,
            "forget": self._forget,
            "info": self._info,
            "statistics": self._statistics,
        }

    def answer(self, message: Message) -> tuple[bytes, Buffer]:
        """The answer to a message: its head and its body. What goes wrong becomes an answer too."""
        try:
            operation = self._operations[message.header["op"]]
            answer = operation(message.header.get("args", {}), bytes(message.body))
            return _encoded(message, answer)
        except CamClassifyError as error:
            failed = Message({"error": type(error).__name__, "message": str(error)[:_LONGEST]})
        except Exception as error:
            self._faults.note("A request failed", error)
            failed = Message(
                {"error": CamClassifyError.__name__, "message": repr(error)[:_LONGEST]}
            )
        return _encoded(message, failed)

    @property
    def _loaded(self) -> _Loaded:
        if self._now is None:
            raise EngineUnavailable("The worker has no engine yet.")
        return self._now

    def _configure(self, args: Any, body: bytes) -> Message:
        options = options_from_json(args)
        engine = self._open_engine(options)
        before = self._now.learnt if self._now else AllLearnt()
        networks = {each.name: each for each in engine.info().networks}
        self._now = _Loaded(
            engine,
            before.again(engine, self._note_unlearnt),
            BareNetworks(options, networks),
        )
        self._lanes.resize(options.lanes)
        return self._info(args, body)

    def _classify(self, args: Any, snapshot: bytes) -> Message:
        request = request_from_json(args)
        loaded = self._loaded
        picture: bytes | Frame = snapshot
        frame: StreamFrame | None = None
        if "frame" in args:
            wanted = frame_from_json(args["frame"])
            taken = self._followed.take(wanted)
            picture = taken.frame
            frame = replace(wanted, number=taken.number, taken=taken.taken)
        home: Home = args.get("home")
        learnt = loaded.learnt.of(home, args.get("lessons", ""))
        scoped = replace(request, camera=key_of(home, request.camera))
        result = replace(loaded.engine.classify(picture, scoped), frame=frame)
        if learnt:
            try:
                result = learnt.refine(picture, request, result)
            except Exception as error:
                self._faults.note("What was taught cannot be recognised", error)
        vectors = [found.features or () for found in result.detections]
        body = array("f", (value for vector in vectors for value in vector)).tobytes()
        return Message(
            {"ok": result_to_json(result), "features": [len(vector) for vector in vectors]}, body
        )

    def _features(self, args: Any, snapshot: bytes) -> Message:
        engine = self._loaded.engine
        values = engine.features(snapshot, box_from_json(args["box"]), Regime(args["regime"]))
        return Message({"ok": None}, array("f", values).tobytes())

    def _teach(self, _args: Any, body: bytes) -> Message:
        return self._put(None, Lessons.read(body, ""))

    def _learn(self, args: Any, body: bytes) -> Message:
        return self._put(args["home"], Lessons.read(body, args["lessons"]))

    def _put(self, home: Home, lessons: Lessons) -> Message:
        loaded = self._loaded
        learnt = Learnt.of(lessons, loaded.engine)
        loaded.learnt.put(home, learnt)
        return Message({"ok": [taught_to_json(each) for each in learnt.classes]})

    def _note_unlearnt(self, error: Exception) -> None:
        self._faults.note("What was taught cannot be learnt with this bundle", error)

    def _draw_boxes(self, args: Any, snapshot: bytes) -> Message:
        boxes = [box_from_json(box) for box in args["boxes"]]
        return Message({"ok": None}, self._loaded.engine.draw_boxes(snapshot, boxes))

    def _cut_out(self, args: Any, snapshot: bytes) -> Message:
        engine = self._loaded.engine
        picture = engine.cut_out(snapshot, box_from_json(args["box"]), args["side"])
        return Message({"ok": None}, picture)

    def _encode_frame(self, args: Any, _body: bytes) -> Message:
        frame = self._followed.taken(frame_from_json(args["frame"]))
        return Message({"ok": None}, self._loaded.engine.encode(frame))

    def _describe(self, args: Any, _body: bytes) -> Message:
        given, outputs = self._loaded.networks.describe(args["network"])
        return Message({"ok": [asdict(each) for each in (given, *outputs)]})

    def _run(self, args: Any, batch: bytes) -> Message:
        outputs, body = self._loaded.networks.run(args["network"], batch)
        return Message({"ok": [asdict(each) for each in outputs]}, body)

    def _follow(self, args: Any, _body: bytes) -> Message:
        self._followed.follow(args["stream"])
        return Message({"ok": None})

    def _unfollow(self, args: Any, _body: bytes) -> Message:
        self._followed.unfollow(args["stream"])
        return Message({"ok": None})

    def _forget(self, args: Any, _body: bytes) -> Message:
        home: Home = args.get("home")
        self._loaded.engine.forget(key_of(home, args["camera"]))
        self._loaded.learnt.forget(home, args["camera"])
        return Message({"ok": None})

    def _info(self, _args: Any, _body: bytes) -> Message:
        info = replace(self._loaded.engine.info(), confinement=self._confinement)
        return Message({"ok": info_to_json(info)})

    def _statistics(self, _args: Any, _body: bytes) -> Message:
        resident_pages = int(Path("/proc/self/statm").read_text().split()[1])
        usage = resource.getrusage(resource.RUSAGE_SELF)
        return Message(
            {
                "ok": {
                    "rss": resident_pages * resource.getpagesize(),
                    "cpu_time": usage.ru_utime + usage.ru_stime,
                    "lanes": [asdict(each) for each in self._lanes.statistics()],
                }
            }
        )


def _encoded(question: Message, answer: Message) -> tuple[bytes, Buffer]:
    number = question.header.get("id")
    header = {"id": number if isinstance(number, int) else None} | answer.header
    return encode_head(Message(header, answer.body)), answer.body


def read_message(stream: BinaryIO) -> Message | None:
    """The next message; nothing when the stream ends before one is complete."""
    prefix = stream.read(PREFIX.size)
    if len(prefix) < PREFIX.size:
        return None
    header_bytes, body_bytes = decode_prefix(prefix)
    header, body = stream.read(header_bytes), stream.read(body_bytes)
    if len(header) < header_bytes or len(body) < body_bytes:
        return None
    return Message(decode_header(header), body)


def serve(
    open_engine: Callable[[EngineOptions], HostedEngine],
    confine: Callable[[], Confinement | None] = lambda: None,
) -> None:
    """Runs until standard input closes, after giving up what it needs no more with `confine`."""
    handler = logging.StreamHandler()
    handler.setFormatter(LineFormatter())
    logging.basicConfig(level=logging.WARNING, handlers=[handler])
    os.nice(_NICENESS)
    # NumPy's own threads would spin against the engine's, and a lesson is too small for them.
    os.environ["OPENBLAS_NUM_THREADS"] = "1"
    # Standard output becomes standard error, so that what native code prints cannot get between messages.
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    lanes = Lanes()
    worker = Worker(open_engine, lanes, confine(), Followed.of_environment())
    answering = Lock()

    def answer(message: Message) -> None:
        head, body = worker.answer(message)
        with answering:
            answers.write(head)
            answers.write(body)
            answers.flush()

    with os.fdopen(os.dup(0), "rb") as messages:
        while message := read_message(messages):
            if message.header.get("op") in LANE_OPS:
                lanes.put(partial(answer, message))
            else:
                answer(message)
    lanes.end(_PATIENCE)


def confine_this_process() -> Confinement | None:
    """Gives up what decoding and classifying do not need; nothing where the core cannot be loaded."""
    try:
        from camclassify_core.native import core
    except CamClassifyError, ImportError:
        return None  # whoever configures the worker is told
    held = core.confine()
    return Confinement(**{each.name: getattr(held, each.name) for each in fields(Confinement)})
