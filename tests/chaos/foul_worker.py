"""A worker that does what a snapshot's bytes say, however foul; else it sees what they say is there.

A snapshot is no picture but JSON: {"seen": {"person": [x0, y0, x1, y1]}, "view": 0, "deed": "crash"}.
"""

import builtins
import json
import os
import signal
import sys
import time
from collections.abc import Buffer, Sequence
from typing import Any

from camclassify_core import (
    Box,
    CamClassifyError,
    ClassInfo,
    Detection,
    EngineInfo,
    EngineOptions,
    Regime,
    Request,
    Result,
    Timing,
    View,
)
from camclassify_core.frame import Frame
from camclassify_core.results import LIKENESS_BYTES
from camclassify_core.worker import host
from camclassify_core.worker.protocol import Message, encode_head

MARK = b"\xff\xd8\xff"
_CLASSES = {"person": (), "vehicle": (), "car": ("vehicle",)}


class ScriptedEngine:
    """Sees what a snapshot says."""

    def __init__(self, options: EngineOptions) -> None:
        self._options = options
        self._showed: dict[str, int] = {}

    def classify(self, picture: bytes | Frame, request: Request) -> Result:
        assert isinstance(picture, bytes)
        told = json.loads(picture[len(MARK) :])
        match told.get("deed", "").split():
            case ["raise", name]:
                raise getattr(builtins, name, CamClassifyError)("so the snapshot said")
            case ["nan"]:
                told["seen"]["person"] = [0.1, 0.1, 0.2, float("nan")]
            case ["score"]:
                return _result(told["seen"], score=float("inf"))
            case ["view"]:
                return _result(told["seen"], view=View(known=99, moved=True, likeness=b"no"))
        return _result(told["seen"], view=self._view(told["view"], request))

    def _view(self, shown: int, request: Request) -> View:
        likeness = bytes([shown]) * LIKENESS_BYTES
        before = self._showed.get(request.camera, shown)
        self._showed[request.camera] = shown
        views = [view.likeness for view in request.views]
        known = views.index(likeness) if likeness in views else None
        return View(known=known, moved=before != shown, likeness=likeness)

    def features(self, picture: bytes | Frame, box: Box, regime: Regime) -> tuple[float, ...]:
        return (box.x0, box.y0, box.x1, box.y1)

    def encode(self, frame: Frame) -> bytes:
        return MARK

    def draw_boxes(self, snapshot: bytes, boxes: Sequence[Box]) -> bytes:
        return snapshot

    def cut_out(self, snapshot: bytes, box: Box, side: int) -> bytes:
        return snapshot

    def forget(self, camera: str) -> None:
        pass

    def info(self) -> EngineInfo:
        return EngineInfo(
            version="chaos",
            bundle_name="chaos",
            bundle_version="1",
            classes=tuple(
                ClassInfo(
                    name=name,
                    parents=parents,
                    on_by_default=True,
                    threshold=dict.fromkeys(Regime, 0.45),
                )
                for name, parents in _CLASSES.items()
            ),
            heads=(),
            networks=(),
            instruction_set="none",
            lanes=self._options.lanes,
            threads=self._options.threads,
            feature_length=4,
            onnxruntime="",
            pid=os.getpid(),
        )


def _result(seen: dict[str, list[float]], score: float = 0.8, view: View | None = None) -> Result:
    return Result(
        width=1280,
        height=720,
        regime=Regime.DAY,
        changed=True,
        detections=tuple(
            Detection(name=name, score=score, box=Box(x0=box[0], y0=box[1], x1=box[2], y1=box[3]))
            for name, box in seen.items()
        ),
        timing=Timing(decode=0.5, gate=0.1, scene=1.0, object=0.0, total=1.6),
        view=view,
    )


class FoulWorker(host.Worker):
    """Answers as it should, unless the snapshot says otherwise."""

    def answer(self, message: Message) -> tuple[bytes, Buffer]:
        deed: list[str] = []
        if message.header.get("op") == "classify":
            deed = json.loads(bytes(message.body)[len(MARK) :]).get("deed", "").split()
        match deed:
            case ["crash"]:
                os.kill(os.getpid(), signal.SIGKILL)
            case ["exit"]:
                os._exit(3)
            case ["hang"]:
                time.sleep(3600)
            case ["slow"]:
                time.sleep(0.02)
            case ["deaf"]:
                os.close(1)
                os.close(2)
                time.sleep(3600)
            case ["flood"]:
                sys.stderr.write("x" * 3_000_000)
                sys.stderr.write('{"level":' + "[" * 1000 + "\n")
            case ["garbage"]:
                return b"GET / HTTP/1.1\r\n\r\n", b""
            case ["twice"]:
                head, body = super().answer(message)
                return head + bytes(body) + head, body
            case ["shape"]:
                return self._encode(message, {"ok": [1, 2, 3]}, b"")
            case ["empty"]:
                return self._encode(message, {}, b"")
            case ["features"]:
                return self._encode(message, {"ok": None, "features": [7]}, b"\0" * 4)
            case ["error"]:
                return self._encode(message, {"error": "annotations", "message": None}, b"")
            case ["stranger"]:
                return encode_head(Message({"id": -1, "ok": None})), b""
        return super().answer(message)

    def _encode(
        self, question: Message, header: dict[str, Any], body: bytes
    ) -> tuple[bytes, bytes]:
        return encode_head(Message({"id": question.header["id"]} | header, body)), body


if __name__ == "__main__":
    host.Worker = FoulWorker  # type: ignore[misc]
    host.serve(ScriptedEngine)
