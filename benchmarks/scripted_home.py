"""A home in which every camera has its day: a car that is away at work, passers-by, nights.

The snapshots are no pictures: each says in JSON what is to be seen, and the scripted worker, which is this
file run as a program, reads that.
"""

import json
import os
import random
import signal
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from camclassify_core import (
    Box,
    ClassInfo,
    Detection,
    EngineInfo,
    EngineOptions,
    Regime,
    Request,
    Result,
    Timing,
)
from camclassify_core.frame import Frame
from camclassify_core.worker.host import serve

WORKER_COMMAND = (sys.executable, __file__)

DAY = 86400.0
_MARK = b"\xff\xd8\xff"
_PICTURE_BYTES = 50_000
_VISIT = 25.0  # seconds to walk by
_AT_WORK = (8 * 3600.0, 17.5 * 3600.0)
_PARKED = Box(x0=0.55, y0=0.4, x1=0.8, y1=0.6)
_CLASSES = {"person": (), "vehicle": (), "animal": (), "car": ("vehicle",)}


@dataclass(frozen=True, slots=True)
class Script:
    """What one camera sees in a day; the same every day."""

    number: int
    visits: tuple[float, ...]  # seconds since midnight at which somebody comes

    @classmethod
    def of(cls, number: int, visits: int) -> Script:
        """Give a camera its own day."""
        chance = random.Random(number)
        return cls(number, tuple(sorted(chance.uniform(0, DAY - _VISIT) for _ in range(visits))))

    def snapshot(self, now: float, fault: str = "") -> bytes:
        """The snapshot of a moment (Unix time); no two are alike, as with every camera.

        `fault`: what the worker is to do with it instead of seeing it, "raise", "hang" or "crash".
        """
        second = now % DAY
        walkers = [second - start for start in self.visits if 0 <= second - start < _VISIT]
        scene = {
            "at": now,
            "car": not _AT_WORK[0] < second < _AT_WORK[1],
            "fault": fault,
            "walkers": [0.05 + 0.85 * seconds / _VISIT for seconds in walkers],
        }
        noise = random.Random(now).randbytes(_PICTURE_BYTES // 2)
        return _MARK + json.dumps(scene).encode() + b"\0" + noise


class ScriptedEngine:
    """Sees what the snapshot says; its gate is open while somebody moves."""

    def __init__(self, options: EngineOptions) -> None:
        self._options = options
        self._before: dict[str, tuple[Detection, ...]] = {}

    def classify(self, picture: bytes | Frame, request: Request) -> Result:
        assert isinstance(picture, bytes)
        scene: dict[str, Any] = json.loads(picture[len(_MARK) :].partition(b"\0")[0])
        match scene["fault"]:
            case "raise":
                raise ZeroDivisionError("a fault of the engine")
            case "hang":
                time.sleep(3600)
            case "crash":
                os.kill(os.getpid(), signal.SIGKILL)
        found = tuple(
            Detection(name="person", score=0.8, box=Box(x0=x, y0=0.5, x1=x + 0.05, y1=0.8))
            for x in scene["walkers"]
        )
        if scene["car"]:
            found += (Detection(name="car", score=0.7, box=_PARKED),)
        changed = found != self._before.get(request.camera)
        self._before[request.camera] = found
        is_dark = (request.sun_elevation or 0.0) < -6
        return Result(
            width=1280,
            height=720,
            regime=Regime.NIGHT if is_dark else Regime.DAY,
            changed=changed,
            detections=found,
            timing=Timing(decode=1.5, gate=0.1, scene=4.0 * changed, object=0.0, total=6.0)
            if changed
            else Timing(decode=1.5, gate=0.1, scene=0.0, object=0.0, total=1.6),
        )

    def encode(self, frame: Frame) -> bytes:
        return _MARK

    def features(self, picture: bytes | Frame, box: Box, regime: Regime) -> tuple[float, ...]:
        return (box.x0, box.y0, box.x1, box.y1)

    def draw_boxes(self, snapshot: bytes, boxes: Sequence[Box]) -> bytes:
        return snapshot

    def cut_out(self, snapshot: bytes, box: Box, side: int) -> bytes:
        return snapshot

    def forget(self, camera: str) -> None:
        self._before.pop(camera, None)

    def info(self) -> EngineInfo:
        return EngineInfo(
            version="scripted",
            bundle_name="scripted",
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
            lanes=1,
            threads=self._options.threads,
            feature_length=0,
            onnxruntime="",
            pid=0,
        )


if __name__ == "__main__":
    serve(ScriptedEngine)
