"""Stands in for the worker: the one thing that is mocked in these tests."""

import asyncio
import json
from collections.abc import Awaitable, Callable, Sequence

from camclassify_core import (
    Appearance,
    Box,
    ClassInfo,
    Detection,
    EngineInfo,
    EngineOptions,
    EngineState,
    EngineStatistics,
    LaneStatistics,
    Precision,
    Regime,
    Request,
    Result,
    Runner,
    SnapshotError,
    StreamFrame,
    Timing,
    View,
    Window,
)
from camclassify_core.bundle.places import default_bundle
from camclassify_core.examples import Example, Expectation, TaughtClass
from camclassify_core.info import NetworkInfo

MARK = b"\xff\xd8\xff"


def _bundled_classes() -> tuple[ClassInfo, ...]:
    described = json.loads((default_bundle() / "bundle.json").read_text())["classes"]
    return tuple(
        ClassInfo(
            name=one["name"],
            parents=tuple(one.get("parents", ())),
            on_by_default=one.get("on_by_default", False),
            threshold=dict.fromkeys(Regime, 0.45),
        )
        for one in described
    )


def snapshot(number: int = 0) -> bytes:
    """Return bytes that begin like a JPEG; each number is another picture."""
    return MARK + number.to_bytes(4)


def detection(name: str, score: float = 0.9, box: Box | None = None) -> Detection:
    """Return a detection in the middle of the picture unless told otherwise."""
    return Detection(name=name, score=score, box=box or Box(x0=0.4, y0=0.3, x1=0.6, y1=0.8))


class FakeEngineClient:
    """Answers with what the test put into `detections`; counts what it was asked."""

    def __init__(self, options: EngineOptions) -> None:
        self.options = options
        self.state = EngineState.STOPPED
        self.detections: tuple[Detection, ...] = ()
        self.gate_is_open = True
        self.start_error: Exception | None = None
        self.classify_error: BaseException | None = None
        self.teach_error: BaseException | None = None
        self.draw_error: BaseException | None = None
        self.info_error: BaseException | None = None
        self.statistics_error: BaseException | None = None
        self.lanes = (LaneStatistics(pictures=100, cpu_time=12.0),)
        self.hangs: asyncio.Event | None = None  # what classifying and drawing wait for
        self.feature_length = 4
        self.size = (1920, 1080)
        self.proposals: tuple[Box, ...] = ()
        self.shows: bytes | None = None  # the likeness of the view
        self.showed: bytes | None = None
        self.appearance: Appearance | None = None
        self.windows: tuple[Window, ...] = ()  # of what is classified
        self.only: tuple[str, ...] | None = None  # the classes of a bundle of one's own
        self.without = ""  # a class that the bundle lacks
        self.lessons: tuple[tuple[Example, ...], tuple[Example, ...]] = ((), ())
        self.requests: list[tuple[bytes | StreamFrame, Request]] = []
        self.followed: dict[str, int] = {}
        self.encoded: list[StreamFrame] = []
        self.forgotten: list[str] = []
        self.before_loading: Callable[[EngineOptions], Awaitable[None]] | None = None
        self.starts = 0
        self.stops = 0
        self._listeners: list[Callable[[EngineState], None]] = []

    def add_listener(self, listener: Callable[[EngineState], None]) -> Callable[[], None]:
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener)

    def set_state(self, state: EngineState) -> None:
        self.state = state
        for listener in tuple(self._listeners):
            listener(state)

    async def start(self) -> None:
        if self.start_error:
            raise self.start_error
        if self.before_loading:
            await self.before_loading(self.options)
        self.starts += 1
        self.set_state(EngineState.RUNNING)

    async def stop(self) -> None:
        self.stops += 1
        self.set_state(EngineState.STOPPED)

    async def reconfigure(self, options: EngineOptions) -> None:
        if self.start_error:
            raise self.start_error
        if self.before_loading:
            await self.before_loading(options)
        self.options = options

    async def classify(
        self, snapshot: bytes | StreamFrame, request: Request | None = None
    ) -> Result:
        if self.hangs:
            await self.hangs.wait()
        if self.classify_error:
            raise self.classify_error
        if isinstance(snapshot, bytes) and snapshot.endswith(b"corrupt"):
            raise SnapshotError("The snapshot is truncated.")
        self.requests.append((snapshot, request or Request()))
        changed = self.gate_is_open or not (request or Request()).use_gate
        return Result(
            width=self.size[0],
            height=self.size[1],
            regime=Regime.DAY,
            changed=changed,
            detections=self.detections,
            timing=Timing(decode=1, gate=1, scene=5, object=3, total=10),
            windows=self.windows if changed else (),
            proposals=self.proposals,
            view=self._view(request or Request()),
            appearance=self.appearance,
            frame=snapshot if isinstance(snapshot, StreamFrame) else None,
        )

    def _view(self, request: Request) -> View | None:
        if self.shows is None:
            return None
        before, self.showed = self.showed, self.shows
        known = [view.likeness for view in request.views]
        return View(
            known=known.index(self.shows) if self.shows in known else None,
            moved=before not in (None, self.shows),
            likeness=self.shows,
        )

    async def draw_boxes(self, snapshot: bytes, boxes: Sequence[Box]) -> bytes:
        if self.hangs:
            await self.hangs.wait()
        if self.draw_error:
            raise self.draw_error
        return snapshot + b"boxes:%d" % len(boxes)

    async def cut_out(self, snapshot: bytes, box: Box, side: int) -> bytes:
        return b"picture of %d" % side

    async def features(self, snapshot: bytes, box: Box, regime: Regime) -> tuple[float, ...]:
        return (box.x0, box.y0, box.x1, box.y1)

    async def teach_nothing(self) -> None:
        """Be a worker that has just been started."""
        self.lessons = ((), ())

    async def teach(
        self, examples: Sequence[Example], background: Sequence[Example] = ()
    ) -> tuple[TaughtClass, ...]:
        await asyncio.sleep(0)
        if self.teach_error:
            raise self.teach_error
        self.lessons = (tuple(examples), tuple(background))
        expectation = Expectation(right=2, wrong=0, missed=1, precision=1.0, low=0.34, high=1.0)
        return tuple(
            TaughtClass(
                info=ClassInfo(
                    name=name,
                    parents=tuple(found_as),
                    on_by_default=True,
                    threshold=dict.fromkeys(Regime, 0.5),
                ),
                expectations={Regime.DAY: expectation},
            )
            for name, found_as in {
                each.name: each.found_as for each in examples if each.name
            }.items()
        )

    async def encode(self, frame: StreamFrame) -> bytes:
        if frame != self.requests[-1][0]:
            raise SnapshotError("This frame of the stream is not kept any more.")
        self.encoded.append(frame)
        return snapshot(frame.number)

    async def follow(self, stream: str, memory: int) -> None:
        self.followed[stream] = memory

    async def unfollow(self, stream: str) -> None:
        del self.followed[stream]

    async def forget(self, camera: str) -> None:
        self.forgotten.append(camera)

    async def info(self) -> EngineInfo:
        if self.info_error:
            raise self.info_error
        return EngineInfo(
            version="0.1.0",
            bundle_name="default",
            bundle_version="1",
            classes=tuple(
                each
                for each in _bundled_classes()
                if each.name != self.without and (self.only is None or each.name in self.only)
            ),
            heads=("scene/people",),
            networks=(
                NetworkInfo(
                    name="scene", runner=Runner.DIRECT, precision=Precision.INT8, fused=True
                ),
            ),
            instruction_set="AVX2",
            lanes=self.options.lanes,
            threads=self.options.threads,
            feature_length=self.feature_length,
            onnxruntime="",
            pid=4711,
        )

    async def statistics(self) -> EngineStatistics:
        if self.statistics_error:
            raise self.statistics_error
        return EngineStatistics(restarts=0, rss=100_000_000, cpu_time=12.5, lanes=self.lanes)
