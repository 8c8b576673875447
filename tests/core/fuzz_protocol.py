"""What worker and client make of any bytes from each other; `script/fuzz protocol` runs it.

The worker must answer or give up with a `ProtocolError`, the client must give a result or raise a
`CamClassifyError`, whatever the other side sends: bytes, or messages that are nearly right.
"""

import asyncio
import io
import json
import logging
import os
import sys
from collections.abc import Awaitable, Callable, Sequence
from contextlib import closing, suppress
from dataclasses import replace
from importlib import import_module
from pathlib import Path
from socket import AF_UNIX, SOCK_SEQPACKET, send_fds, socketpair
from typing import Any, Self, cast, override
from unittest.mock import patch

# Not among the requirements: `script/fuzz` installs it. It sees what runs only of what it imports.
atheris: Any = import_module("atheris")
with atheris.instrument_imports(include=["camclassify_core"]):
    from camclassify_core import codec
    from camclassify_core.errors import CamClassifyError
    from camclassify_core.examples import Example
    from camclassify_core.frame import Frame
    from camclassify_core.info import EngineInfo
    from camclassify_core.options import EngineOptions, Request
    from camclassify_core.results import Box, Detection, Regime, Result, StreamFrame, Timing
    from camclassify_core.stream import shared_frames
    from camclassify_core.worker import client as client_module
    from camclassify_core.worker import protocol
    from camclassify_core.worker.client import EngineClient
    from camclassify_core.worker.followed import Followed
    from camclassify_core.worker.host import Worker, read_message
    from camclassify_core.worker.lanes import Lanes
    from camclassify_core.worker.process import WorkerProcess
    from camclassify_core.worker.protocol import PREFIX, Message, ProtocolError, encode_head

type Json = bool | int | float | str | list[Json] | dict[str, Json] | None

FEATURES = (0.5, 1.0, -0.25, 0.0)
BOX = Box(x0=0.25, y0=0.25, x1=0.5, y1=1.0)
EXAMPLE = Example(
    id="1",
    name="van",
    camera="drive",
    box=BOX,
    regime=Regime.DAY,
    found_as=("vehicle",),
    features=FEATURES,
)
LESSONS = {
    "examples": [codec.example_to_json(EXAMPLE)] * 2,
    "background": [codec.example_to_json(EXAMPLE)],
}
INFO = EngineInfo(
    version="0",
    bundle_name="fake",
    bundle_version="1",
    classes=(),
    heads=("scene/people",),
    networks=(),
    instruction_set="none",
    lanes=1,
    threads=1,
    onnxruntime="",
    pid=1,
    feature_length=len(FEATURES),
)
RESULT = Result(
    width=640,
    height=480,
    regime=Regime.DAY,
    changed=True,
    detections=(
        Detection(name="vehicle", score=0.75, box=BOX, features=FEATURES),
        Detection(name="person", score=0.5, box=BOX, features=FEATURES, remembered=True),
    ),
    timing=Timing(decode=1.0, gate=0.0, scene=2.0, object=0.0, total=3.0),
)


class FuzzedEngine:
    """Sees one vehicle in anything."""

    def __init__(self, options: EngineOptions) -> None:
        self._options = options

    def classify(self, _picture: bytes | Frame, _request: Request) -> Result:
        return RESULT

    def features(self, _picture: bytes | Frame, _box: Box, _regime: Regime) -> tuple[float, ...]:
        return FEATURES

    def encode(self, frame: Frame) -> bytes:
        return bytes(frame.planes[0][0])

    def draw_boxes(self, snapshot: bytes, boxes: Sequence[Box]) -> bytes:
        return snapshot[: len(boxes)]

    def cut_out(self, snapshot: bytes, _box: Box, side: int) -> bytes:
        return snapshot[:side]

    def forget(self, _camera: str) -> None:
        pass

    def info(self) -> EngineInfo:
        return INFO


STREAM = StreamFrame(stream="drive", number=1, taken=2.5)
FRAME = Frame(width=4, height=2, planes=((bytes(8), 4), (bytes(2), 2), (bytes(2), 2)))

QUESTIONS: dict[str, Any] = {
    "configure": codec.options_to_json(EngineOptions()),
    "classify": codec.request_to_json(
        Request(camera="drive", regions=(BOX,), masks=(((0.0, 0.0), (1.0, 0.0), (1.0, 1.0)),))
    ),
    "features": {"box": codec.box_to_json(BOX), "regime": "day"},
    "teach": {},
    "draw_boxes": {"boxes": [codec.box_to_json(BOX)]},
    "cut_out": {"box": codec.box_to_json(BOX), "side": 96},
    "classify_stream": codec.request_to_json(Request(camera="drive"))
    | {"frame": codec.frame_to_json(STREAM)},
    "encode": {"frame": codec.frame_to_json(STREAM)},
    "follow": {"stream": "drive"},
    "unfollow": {"stream": "drive"},
    "forget": {"camera": "drive"},
    "info": {},
    "statistics": {},
}
ANSWERS: dict[str, Any] = {
    "configure": {"ok": codec.info_to_json(INFO)},
    "classify": {"ok": codec.result_to_json(RESULT), "features": [len(FEATURES)]},
    "features": {"ok": None},
    "teach": {
        "ok": [
            {
                "info": {
                    "name": "van",
                    "parents": ["vehicle"],
                    "on_by_default": True,
                    "threshold": {"day": 0.5},
                },
                "expectations": {},
            }
        ]
    },
    "draw_boxes": {"ok": None},
    "cut_out": {"ok": None},
    "classify_stream": {
        "ok": codec.result_to_json(replace(RESULT, frame=STREAM)),
        "features": [len(FEATURES)],
    },
    "encode": {"ok": None},
    "follow": {"ok": None},
    "unfollow": {"ok": None},
    "forget": {"ok": None},
    "info": {"ok": codec.info_to_json(INFO)},
    "statistics": {"ok": {"rss": 1, "cpu_time": 1.0, "lanes": [{"pictures": 1, "cpu_time": 1.0}]}},
}
ODD_NUMBERS = (0, -1, 2**31, 2**63, 10**400, 1e308, -0.0, float("nan"), float("inf"))
WORDS = (
    "",
    "day",
    "van",
    "drive",
    "error",
    "message",
    "ok",
    "id",
    "SnapshotError",
    "\x00",
    "\ud800",
)


class Garbage:
    """The fuzzer's bytes as messages that are nearly right."""

    def __init__(self, data: bytes) -> None:
        self._data = atheris.FuzzedDataProvider(data)

    def one_in(self, count: int) -> bool:
        """False once the bytes are used up."""
        return bool(self._data.ConsumeIntInRange(1, count) == count)

    def number(self, least: int, most: int) -> int:
        return int(self._data.ConsumeIntInRange(least, most))

    def choice[T](self, choices: Sequence[T]) -> T:
        return choices[self.number(0, len(choices) - 1)]

    def some_bytes(self, most: int = 40) -> bytes:
        return bytes(self._data.ConsumeBytes(self.number(0, most)))

    def rest(self) -> bytes:
        return bytes(self._data.ConsumeBytes(self._data.remaining_bytes()))

    def value(self, depth: int = 0) -> Json:
        match self.number(0, 7 if depth < 3 else 4):
            case 0:
                return None
            case 1:
                return self.one_in(2)
            case 2:
                return self.choice(ODD_NUMBERS)
            case 3:
                return self.choice(WORDS)
            case 4:
                return self.number(-10, 10)
            case 5:
                return [self.value(depth + 1) for _ in range(self.number(0, 3))]
            case 6:
                return cast(Json, {self.choice(WORDS): self.value(depth + 1)})
            case _:
                return self._nested()

    def nearly(self, value: Any, depth: int = 0) -> Any:
        """`value` with something in it replaced, left out or, not too deep, doubled, mostly."""
        if self.one_in(12):
            return self.value()
        if isinstance(value, dict):
            items = value.items()
            return {key: self.nearly(each, depth + 1) for key, each in items if not self.one_in(20)}
        if isinstance(value, list | tuple):
            some = [self.nearly(each, depth + 1) for each in value if not self.one_in(20)]
            return some * 2 if depth < 5 and self.one_in(20) else some
        return value

    def message(self, header: dict[str, Any], body: bytes) -> bytes:
        """A message's bytes, its lengths perhaps wrong."""
        text = json.dumps(header).encode()
        if self.one_in(40):
            text = b"[" * 100_000
        if self.one_in(10):
            text = text[: self.number(0, len(text))] + self.some_bytes()
        lengths = [len(text), len(body)]
        if self.one_in(10):
            lengths[self.number(0, 1)] = self.choice((0, 1, 2**20, 2**20 + 1, 2**27, 2**32 - 1))
        return PREFIX.pack(*lengths) + text + body

    def _nested(self) -> Json:
        nested: Json = 0
        for _ in range(self.choice((2, 100))):
            nested = [nested]
        return nested


def ask_the_worker(garbage: Garbage) -> None:
    """Sends a worker questions that are nearly right, then any bytes."""
    asked = b""
    for number in range(garbage.number(0, 4)):
        op = garbage.choice(tuple(QUESTIONS))
        body = json.dumps(garbage.nearly(LESSONS)).encode() if op == "teach" else b"snapshot"
        args = garbage.nearly(QUESTIONS[op])
        header = {"id": number, "op": op.partition("_stream")[0], "args": args}
        if garbage.one_in(10):
            header = garbage.nearly(header)
            if not isinstance(header, dict):
                header = {}
        asked += garbage.message(header, body)
    stream = io.BytesIO(_CONFIGURED + asked + garbage.rest())
    hosted = Worker(FuzzedEngine, Lanes(), followed=followed(garbage))
    try:
        while message := read_message(stream):
            head, answered = hosted.answer(message)
            header_bytes, body_bytes = PREFIX.unpack(head[: PREFIX.size])
            assert header_bytes == len(head) - PREFIX.size
            assert body_bytes == len(memoryview(answered))
            assert protocol.decode_header(head[PREFIX.size :]).keys() & {"ok", "error"}
    except ProtocolError:
        pass


def followed(garbage: Garbage) -> Followed:
    """A stream whose frame is one, mostly; in its memory may be anything."""
    ours, theirs = socketpair(AF_UNIX, SOCK_SEQPACKET)
    streams = Followed(theirs)
    with ours, closing(FuzzedMemory(garbage)) as memory:
        send_fds(ours, [b"drive"], [memory.descriptor])
        with suppress(CamClassifyError):
            streams.follow("drive")
    return streams


class FuzzedMemory:
    """A frame in memory, with something in its header replaced, mostly."""

    def __init__(self, garbage: Garbage) -> None:
        self.descriptor = shared_frames.make_memory()
        shared_frames.FrameWriter(self.descriptor).put(FRAME, 2.5)
        slot = os.pread(self.descriptor, 8, 0)[0] % 3
        start = 4096 + slot * ((os.fstat(self.descriptor).st_size - 4096) // 3)
        if garbage.one_in(2):
            os.pwrite(self.descriptor, garbage.some_bytes(), start + garbage.number(0, 34))
        if garbage.one_in(10):
            os.pwrite(self.descriptor, garbage.some_bytes(8), 0)

    def close(self) -> None:
        os.close(self.descriptor)


_CONFIGURED = encode_head(Message({"id": 0, "op": "configure", "args": QUESTIONS["configure"]}))


class FuzzedProcess:
    """A worker process that answers the first question as it should and the second with garbage."""

    def __init__(self, garbage: Garbage) -> None:
        self._garbage = garbage
        self._answered = 0
        self.stdin = self
        self.stdout, self.stderr = asyncio.StreamReader(), asyncio.StreamReader()
        self.returncode: int | None = None
        self._ended = asyncio.Event()

    def write(self, data: bytes) -> None:
        if data[PREFIX.size : PREFIX.size + 5] != b'{"id"':
            return  # a body
        question = json.loads(data[PREFIX.size :])
        kind = question["op"] + ("_stream" if "number" in question["args"].get("frame", {}) else "")
        answer = {"id": question["id"]} | ANSWERS.get(kind, ANSWERS[question["op"]])
        self._answered += 1
        if self._answered == 1:
            self.stdout.feed_data(encode_head(Message(answer)))
            return
        garbage = self._garbage
        if garbage.one_in(4):
            level = garbage.choice((b"20", b"-1", b"1e999", b"NaN", b"[]", b"9" * 5000, b"{"))
            said = garbage.choice((b'{"level":%b,"text":"x"}', b'{"level":%b', b"%b")) % level
            self.stderr.feed_data(said + garbage.some_bytes() + b"\n")
        if garbage.one_in(4):
            self.stdout.feed_data(garbage.rest())
        else:
            header = garbage.nearly(answer)
            nearly = header if isinstance(header, dict) else {}
            if not garbage.one_in(10):
                nearly["id"] = question["id"]
            body = bytes(16) if garbage.one_in(2) else garbage.some_bytes()
            self.stdout.feed_data(garbage.message(nearly, body))
        self._end(garbage.choice((0, 1, -9, -11, -64, 255)))

    async def drain(self) -> None:
        pass

    def close(self) -> None:
        self._end(0)

    def kill(self) -> None:
        self._end(-9)

    async def wait(self) -> int:
        await self._ended.wait()
        return cast(int, self.returncode)

    def _end(self, code: int) -> None:
        if self.returncode is None:
            self.returncode = code
            self._ended.set()
            self.stdout.feed_eof()
            self.stderr.feed_eof()


async def answer_the_client(garbage: Garbage) -> None:
    """Answers a client with what is nearly right, or with any bytes."""
    faults: list[object] = []
    loop = asyncio.get_running_loop()
    loop.set_exception_handler(lambda _loop, context: faults.append(context))

    hearing: list[asyncio.Task[None]] = []

    class Started(WorkerProcess):
        @classmethod
        @override
        async def start(cls, command: Sequence[str] = ()) -> Self:
            started = cls(cast(Any, FuzzedProcess(garbage)))
            hearing.append(started._stderr_task)
            return started

    client = EngineClient(EngineOptions())
    with patch.object(client_module, "WorkerProcess", Started):
        await client.start()
    calls: dict[str, Callable[[], Awaitable[object]]] = {
        "classify": lambda: client.classify(b"snapshot", Request(camera="drive", features=True)),
        "classify_stream": lambda: client.classify(STREAM, Request(camera="drive")),
        "encode": lambda: client.encode(STREAM),
        "features": lambda: client.features(b"snapshot", BOX, Regime.DAY),
        "teach": lambda: client.teach([EXAMPLE]),
        "draw_boxes": lambda: client.draw_boxes(b"snapshot", [BOX]),
        "cut_out": lambda: client.cut_out(b"snapshot", BOX, 96),
        "forget": lambda: client.forget("drive"),
        "info": client.info,
        "statistics": client.statistics,
        "reconfigure": lambda: client.reconfigure(EngineOptions(threads=2)),
    }
    with GivenUp() as given_up:
        with suppress(CamClassifyError):
            await calls[garbage.choice(tuple(calls))]()
        await asyncio.sleep(0)
        await client.stop()
        outcomes = await asyncio.gather(*hearing, return_exceptions=True)
        faults += [each for each in outcomes if isinstance(each, Exception)]
    assert not faults, faults
    assert not given_up.records, given_up.records


class GivenUp(logging.Handler):
    """Hears of what the client outlived without having expected it."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.records: list[logging.LogRecord] = []

    @override
    def emit(self, record: logging.LogRecord) -> None:
        if record.exc_info:
            self.records.append(record)

    def __enter__(self) -> Self:
        logging.getLogger(client_module.__name__).addHandler(self)
        return self

    def __exit__(self, *_: object) -> None:
        logging.getLogger(client_module.__name__).removeHandler(self)


def try_bytes(data: bytes) -> None:
    """One input of the fuzzer."""
    garbage = Garbage(data)
    if garbage.one_in(2):
        asyncio.run(answer_the_client(garbage))
    else:
        ask_the_worker(garbage)


def main() -> None:
    """Fuzzes, with libFuzzer's options; `--replay FOLDER` only tries what was learnt."""
    package = logging.getLogger("camclassify_core")
    package.propagate = False
    package.addHandler(logging.NullHandler())
    match sys.argv[1:]:
        case ["--replay", folder]:
            for file in sorted(Path(folder).iterdir()):
                try_bytes(file.read_bytes())
        case _:
            atheris.Setup(sys.argv, try_bytes)
            atheris.Fuzz()


if __name__ == "__main__":
    main()
