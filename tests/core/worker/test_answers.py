"""What the worker answers, in this process: with an engine that sees one person."""

import json
import logging
from array import array
from collections.abc import Callable, Sequence
from dataclasses import replace
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from camclassify_core import EngineOptions, Request, Result
from camclassify_core.codec import example_to_json, options_to_json, request_to_json
from camclassify_core.frame import Frame
from camclassify_core.results import Box, Regime
from camclassify_core.worker.host import Worker, read_message
from camclassify_core.worker.lanes import Lanes
from camclassify_core.worker.protocol import (
    PREFIX,
    Message,
    decode_header,
    decode_prefix,
    encode_head,
)

from .fake_worker import FakeEngine
from .test_client_teaching import example

SNAPSHOT = b"12345"
BOX = [0.25, 0.0, 0.5, 1.0]


class Engine(FakeEngine):
    """Says that nothing changed once it is told that the scene is still."""

    still = False
    broken = False
    meanwhile: Callable[[], object] = staticmethod(lambda: None)

    def classify(self, picture: bytes | Frame, request: Request) -> Result:
        self.meanwhile()
        return replace(super().classify(picture, request), changed=not self.still)

    def features(self, picture: bytes | Frame, box: Box, regime: Regime) -> tuple[float, ...]:
        if self.broken:
            raise ZeroDivisionError
        return super().features(picture, box, regime)


class Conversation:
    """Asks a worker, and reads what it answers."""

    def __init__(self) -> None:
        self.engine: Engine | None = None
        self.lanes = Lanes()
        self.worker = Worker(self._open, self.lanes)

    def _open(self, options: EngineOptions) -> Engine:
        self.engine = Engine(options)
        return self.engine

    def ask(self, op: str, args: Any = None, body: bytes = b"") -> Message:
        """The answer to an operation."""
        head, content = self.worker.answer(Message({"id": 7, "op": op, "args": args or {}}, body))
        header_bytes, body_bytes = decode_prefix(head[: PREFIX.size])
        header = decode_header(head[PREFIX.size :])
        assert len(head) == PREFIX.size + header_bytes
        assert memoryview(content).nbytes == body_bytes
        assert header["id"] == 7
        return Message(header, bytes(content))

    def configure(self, options: EngineOptions | None = None) -> Message:
        return self.ask("configure", options_to_json(options or EngineOptions()))

    def teach(self, *names: str) -> Message:
        lessons = {"examples": [example_to_json(example(name)) for name in names], "background": []}
        return self.ask("teach", body=json.dumps(lessons).encode())

    def seen(self, camera: str = "drive") -> Sequence[str]:
        answer = self.ask("classify", request_to_json(Request(camera=camera)), SNAPSHOT)
        return [each["class"] for each in answer.header["ok"]["detections"]]

    def remembered(self) -> Sequence[bool]:
        answer = self.ask("classify", request_to_json(Request(camera="drive")), SNAPSHOT)
        return [each.get("remembered", False) for each in answer.header["ok"]["detections"]]


@pytest.fixture
def conversation() -> Conversation:
    return Conversation()


@pytest.fixture
def configured(conversation: Conversation) -> Conversation:
    assert conversation.configure().header["ok"]["bundle_name"] == "fake"
    return conversation


@pytest.mark.parametrize("op", ["classify", "features", "draw_boxes", "cut_out", "forget", "info"])
def test_nothing_is_done_before_there_is_an_engine(conversation: Conversation, op: str) -> None:
    args = request_to_json(Request()) | {
        "box": BOX, "boxes": [], "side": 1, "regime": "day", "camera": "drive",
    }  # fmt: skip
    assert conversation.ask(op, args).header["error"] == "EngineUnavailable"


def test_features_are_32_bit_floats_behind_the_answer(configured: Conversation) -> None:
    answer = configured.ask("features", {"box": BOX, "regime": "night"}, SNAPSHOT)
    assert list(array("f", answer.body)) == [0.25, 5]
    request = request_to_json(Request(features=True))
    answer = configured.ask("classify", request, SNAPSHOT)
    assert answer.header["features"] == [4]
    assert list(array("f", answer.body)) == [0, 1, 2, 3]


def test_pictures_are_the_body_of_the_answer(configured: Conversation) -> None:
    assert configured.ask("draw_boxes", {"boxes": [BOX, BOX]}, SNAPSHOT).body == 2 * SNAPSHOT
    assert configured.ask("cut_out", {"box": BOX, "side": 3}, SNAPSHOT).body == b"123"


def test_what_it_takes_is_told(conversation: Conversation) -> None:
    told = conversation.ask("statistics").header["ok"]
    assert told["rss"] > 1_000_000
    assert told["cpu_time"] > 0
    assert told["lanes"] == []


def test_a_picture_is_answered_with_what_was_loaded_when_it_was_begun(
    configured: Conversation,
) -> None:
    """Lessons and options that come meanwhile hold for the next one."""
    configured.teach("postwoman")
    assert configured.engine
    configured.engine.meanwhile = lambda: configured.teach("neighbour")
    assert configured.seen() == ["postwoman"]
    configured.engine.meanwhile = configured.configure
    assert configured.seen() == ["neighbour"]
    assert configured.seen() == ["neighbour"]


def test_a_mistake_of_the_engine_is_an_answer(configured: Conversation) -> None:
    request = request_to_json(Request())
    answer = configured.ask("classify", request, b"bad picture").header
    assert (answer["error"], answer["message"]) == (
        "SnapshotError",
        "The snapshot is no JPEG, PNG or WebP picture.",
    )


def test_what_nobody_expected_is_an_answer_too_and_logged_once(
    configured: Conversation, caplog: pytest.LogCaptureFixture
) -> None:
    request = request_to_json(Request())
    for _ in range(3):
        answer = configured.ask("classify", request, b"bug").header
        assert answer["error"] == "CamClassifyError"
        assert "ZeroDivisionError" in answer["message"]
    assert len(caplog.records) == 1
    assert configured.ask("classify", request, SNAPSHOT).header["ok"]["regime"] == "day"


def test_a_still_scene_keeps_its_names(configured: Conversation) -> None:
    """Nothing is computed anew while the gate is closed."""
    assert len(configured.teach("postwoman").header["ok"]) == 1
    assert configured.seen() == ["postwoman"]
    assert configured.remembered() == [False]
    assert configured.engine
    configured.engine.still = configured.engine.broken = True
    assert configured.seen() == ["postwoman"]
    assert configured.remembered() == [True]
    configured.ask("forget", {"camera": "drive"})
    assert configured.seen() == ["person"], "nothing is known of it, and nothing can be found out"


def test_what_was_taught_is_recognised_in_a_scene_that_is_still(configured: Conversation) -> None:
    assert configured.engine
    configured.engine.still = True
    assert configured.seen() == ["person"]
    for name in ("postwoman", "neighbour"):
        configured.teach(name)
        assert configured.seen() == [name]
    configured.teach()
    assert configured.seen() == ["person"]


def test_an_engine_that_gives_no_features_costs_only_the_names(
    configured: Conversation, caplog: pytest.LogCaptureFixture
) -> None:
    configured.teach("postwoman")
    assert configured.engine
    configured.engine.broken = True
    assert configured.seen() == configured.seen() == ["person"]
    assert [each.levelno for each in caplog.records] == [logging.ERROR]


def test_what_a_bundle_cannot_recognise_waits_for_one_that_can(
    configured: Conversation, caplog: pytest.LogCaptureFixture
) -> None:
    configured.teach("postwoman")
    opened = configured.configure(EngineOptions(bundle=Path("features-3")))
    assert opened.header["ok"]["feature_length"] == 3
    assert configured.seen() == ["person"]
    assert caplog.records == []
    configured.configure()
    assert configured.seen() == ["postwoman"]


@pytest.mark.parametrize("missing", [1, 50, 107])
def test_a_message_that_breaks_off_is_none(missing: int) -> None:
    message = Message({"op": "info"}, bytes(100))
    whole = encode_head(message) + bytes(message.body)
    assert read_message(BytesIO(whole)) == message
    assert read_message(BytesIO(whole[:-missing])) is None
