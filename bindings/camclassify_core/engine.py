"""The engine in this process. In an asyncio program use `EngineClient` instead."""

import os
from collections.abc import Buffer, Sequence
from typing import TYPE_CHECKING

from ._version import VERSION
from .frame import Frame
from .info import EngineInfo, NetworkInfo
from .options import EngineOptions, Precision, Request, Runner
from .results import Appearance, Box, ClassInfo, Detection, Regime, Result, Timing, View, Window
from .speeds import recall, remember

if TYPE_CHECKING:
    from . import _core

MAX_SNAPSHOT_BYTES = 32_000_000  # what the core takes; more is not worth sending it


class Engine:
    """Loads a bundle, answers `classify(picture)`: of as many threads at a time as there are lanes.

    Snapshots of one camera take turns, and who finds no free lane waits for one.
    Raises `BundleError` if the bundle cannot be loaded.
    """

    def __init__(self, options: EngineOptions | None = None) -> None:
        from .bundle.places import default_bundle
        from .native import core

        self._options = options or EngineOptions()
        self._core = core
        self._engine = core.Engine(
            self._options.bundle or default_bundle(),
            runner=self._options.runner,
            precision=self._options.precision,
            fused=self._options.fused,
            lanes=self._options.lanes,
            threads=self._options.threads,
            classes=self._options.classes,
            speeds={
                name: (each.get(Precision.FP32, 0), each.get(Precision.INT8, 0))
                for name, each in recall(self._options).items()
            },
        )
        if any(any(one.speeds) for one in self._engine.networks):
            remember(self._options, self.info())

    def classify(self, picture: Buffer | Frame, request: Request | None = None) -> Result:
        """What is in a snapshot (JPEG, PNG or WebP) or a decoded frame. Raises `SnapshotError`."""
        request = request or Request()
        native = self._core.Request(
            camera=request.camera,
            sun_elevation=request.sun_elevation,
            regions=[self._native_box(region) for region in request.regions],
            masks=request.masks,
            use_gate=request.use_gate,
            features=request.features,
            min_score=request.min_score,
            effort=request.effort,
            views=[
                self._core.KnownView(
                    likeness=view.likeness,
                    regions=[self._native_box(region) for region in view.regions],
                    masks=view.masks,
                )
                for view in request.views
            ],
        )
        return _result(self._engine.classify(self._native_picture(picture), native))

    def features(self, picture: Buffer | Frame, box: Box, regime: Regime) -> tuple[float, ...]:
        """Features of the object in `box`. Raises `SnapshotError`."""
        native = self._native_picture(picture)
        return tuple(self._engine.features(native, self._native_box(box), regime))

    def encode(self, frame: Frame) -> bytes:
        """A JPEG of a decoded frame. Raises `SnapshotError`."""
        return encode_frame(frame)

    def draw_boxes(self, snapshot: Buffer, boxes: Sequence[Box]) -> bytes:
        """A JPEG of the snapshot with a rectangle for each box. Raises `SnapshotError`."""
        return self._core.draw_boxes(snapshot, [self._native_box(box) for box in boxes])

    def cut_out(self, snapshot: Buffer, box: Box, side: int) -> bytes:
        """A JPEG of what is in `box`, its longer side at most `side` pixels. Raises `SnapshotError`."""
        return self._core.cut_out(snapshot, self._native_box(box), side)

    def forget(self, camera: str) -> None:
        """Drops what is remembered of a camera."""
        self._engine.forget(camera)

    def head_runs(self) -> dict[str, int]:
        """How often each head has run, by its name ("scene/people")."""
        return dict(zip(self._engine.active_heads, self._engine.head_runs, strict=True))

    def info(self) -> EngineInfo:
        """The bundle and how it runs here."""
        bundle = self._engine.bundle
        return EngineInfo(
            version=VERSION,
            bundle_name=bundle.name,
            bundle_version=bundle.version,
            classes=tuple(_class_info(one) for one in bundle.classes),
            heads=tuple(self._engine.active_heads),
            networks=tuple(_network_info(one) for one in self._engine.networks),
            instruction_set=self._core.instruction_set(),
            lanes=self._options.lanes,
            threads=self._options.threads,
            feature_length=self._engine.feature_length,
            onnxruntime=self._core.onnxruntime_status().version,
            pid=os.getpid(),
        )

    def _native_picture(self, picture: Buffer | Frame) -> Buffer | _core.PlanarFrame:
        return _native_frame(picture) if isinstance(picture, Frame) else picture

    def _native_box(self, box: Box) -> _core.Box:
        return self._core.Box(box.x0, box.y0, box.x1, box.y1)


def encode_frame(frame: Frame) -> bytes:
    """A JPEG of a decoded frame, without an engine. Raises `SnapshotError`."""
    from .native import core

    return core.encode_jpeg(_native_frame(frame))


def _native_frame(frame: Frame) -> _core.PlanarFrame:
    from .native import core

    return core.PlanarFrame(
        (frame.width, frame.height),
        frame.planes,
        full_range=frame.full_range,
        matrix=frame.matrix,
        halved_rows=frame.halved_rows,
    )


def _class_info(native: _core.ClassInfo) -> ClassInfo:
    return ClassInfo(
        name=native.name,
        parents=tuple(native.parents),
        on_by_default=native.on_by_default,
        threshold={Regime(name): score for name, score in native.threshold.items()},
    )


def _network_info(native: _core.ActiveNetwork) -> NetworkInfo:
    return NetworkInfo(
        name=native.name,
        runner=Runner(native.runner),
        precision=Precision(native.precision),
        fused=native.fused,
        speeds={
            precision: milliseconds
            for precision, milliseconds in zip(
                (Precision.FP32, Precision.INT8), native.speeds, strict=True
            )
            if milliseconds
        },
    )


def _result(native: _core.Result) -> Result:
    timing = native.timing
    return Result(
        width=native.width,
        height=native.height,
        regime=Regime(native.regime),
        changed=native.changed,
        detections=tuple(
            Detection(
                name=found.name,
                score=found.score,
                box=_box(found.box),
                features=tuple(found.features) or None,
                remembered=found.remembered,
            )
            for found in native.detections
        ),
        timing=Timing(
            decode=timing.decode,
            gate=timing.gate,
            scene=timing.scene,
            object=timing.object,
            total=timing.total,
        ),
        windows=tuple(
            Window(region=_box(looked.region), width=looked.width, height=looked.height)
            for looked in native.windows
        ),
        proposals=tuple(_box(part) for part in native.proposals),
        view=_view(native.view) if native.view else None,
        appearance=_appearance(native.appearance) if native.appearance else None,
    )


def _box(native: _core.Box) -> Box:
    return Box(x0=native.x0, y0=native.y0, x1=native.x1, y1=native.y1)


def _view(native: _core.View) -> View:
    return View(known=native.known, moved=native.moved, likeness=native.likeness)


def _appearance(native: _core.Appearance) -> Appearance:
    return Appearance(differing=native.differing, black=native.black, grey=native.grey)
