"""A worker without native code: its engine sees one person, and does what a snapshot's bytes say."""

import os
import signal
import sys
import time
from collections.abc import Sequence

from camclassify_core import (
    BundleError,
    Detection,
    EngineInfo,
    EngineOptions,
    Regime,
    Request,
    Result,
    SnapshotError,
    Timing,
)
from camclassify_core.frame import Frame
from camclassify_core.results import Box
from camclassify_core.worker.host import serve

PERSON = Detection(name="person", score=0.75, box=Box(x0=0.25, y0=0.25, x1=0.5, y1=1.0))


def feature_length(options: EngineOptions) -> int:
    """Return 2, unless the bundle's name says another: "features-0"."""
    return int(options.bundle.name.partition("-")[2]) if options.bundle else 2


class FakeEngine:
    """Does what snapshots say.

    They are b"bad", b"bug", b"crash", b"crash SECONDS", b"sleep SECONDS", b"fork", b"print" and b"nan".
    Its bundles are named after the length of their features, "features-0". A class "slow" makes it
    slow to load.
    """

    def __init__(self, options: EngineOptions) -> None:
        if "unknown" in options.classes:
            raise BundleError("The bundle has no class unknown.")
        if "slow" in options.classes:
            time.sleep(0.2)
        self._options = options

    def classify(self, picture: bytes | Frame, request: Request) -> Result:
        snapshot = bytes(picture.width) if isinstance(picture, Frame) else picture
        what, _, argument = snapshot.partition(b" ")
        match what:
            case b"bad":
                raise SnapshotError("The snapshot is no JPEG, PNG or WebP picture.")
            case b"bug":
                raise ZeroDivisionError
            case b"crash":
                time.sleep(float(argument or 0))
                os.kill(os.getpid(), signal.SIGKILL)
            case b"sleep":
                time.sleep(float(argument))
            case b"fork":
                if os.fork() == 0:
                    time.sleep(20)
                    os._exit(0)
                os.kill(os.getpid(), signal.SIGKILL)
            case b"print":
                os.write(1, b"native code prints\n" * 10)
                sys.stderr.write("x" * 1_000_000 + "\n")
        features = tuple(float(n) for n in range(4)) if request.features else None
        score = float("nan") if what == b"nan" else 0.75
        found = Detection(name="person", score=score, box=PERSON.box, features=features)
        return Result(
            width=len(snapshot),
            height=1,
            regime=Regime.DAY,
            changed=True,
            detections=(found,),
            timing=Timing(decode=1.0, gate=0.0, scene=2.0, object=0.0, total=3.0),
        )

    def features(self, picture: bytes | Frame, box: Box, regime: Regime) -> tuple[float, ...]:
        if not feature_length(self._options):
            raise BundleError("The bundle has no object network.")
        values = (
            box.x0,
            float(len(picture) if isinstance(picture, bytes) else 0),
            *(0.0,) * feature_length(self._options),
        )
        return values[: feature_length(self._options)]

    def encode(self, frame: Frame) -> bytes:
        return bytes(frame.planes[0][0])[: frame.width]

    def draw_boxes(self, snapshot: bytes, boxes: Sequence[Box]) -> bytes:
        return snapshot * len(boxes)

    def cut_out(self, snapshot: bytes, box: Box, side: int) -> bytes:
        return snapshot[:side]

    def forget(self, camera: str) -> None:
        pass

    def info(self) -> EngineInfo:
        return EngineInfo(
            version="0",
            bundle_name="fake",
            bundle_version="1",
            classes=(),
            heads=("scene/people",),
            networks=(),
            instruction_set="none",
            lanes=self._options.lanes,
            threads=self._options.threads,
            feature_length=feature_length(self._options),
            onnxruntime="",
            pid=os.getpid(),
        )


if __name__ == "__main__":
    serve(FakeEngine)
