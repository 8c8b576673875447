"""Frames that somebody else decoded: as a stream gives them, without a JPEG in between."""

import io
from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from camclassify_core import Box, Engine, Frame, Matrix, Regime, Request, SnapshotError
from PIL import Image

type Samples = npt.NDArray[np.uint8]


def planes_of(photograph: bytes) -> tuple[Samples, Samples, Samples]:
    """As a decoder gives them: BT.601 of full range, Cb and Cr of every other pixel."""
    picture = Image.open(io.BytesIO(photograph)).convert("YCbCr")
    samples = np.asarray(picture)
    return samples[:, :, 0], samples[::2, ::2, 1], samples[::2, ::2, 2]


def frame_of(planes: tuple[Samples, Samples, Samples], *, padding: int = 0) -> Frame:
    """Rows of samples, each followed by `padding` bytes that are none."""
    height, width = planes[0].shape
    first, second, third = (
        (np.pad(plane, ((0, 0), (0, padding))).tobytes(), plane.shape[1] + padding)
        for plane in planes
    )
    return Frame(
        width=width,
        height=height,
        planes=(first, second, third),
        full_range=True,
        matrix=Matrix.BT601,
    )


def png_of(planes: tuple[Samples, Samples, Samples]) -> bytes:
    """The same picture without loss, by the arithmetic that the core's header documents."""
    height, width = planes[0].shape
    luma, cb, cr = (plane.astype(np.int32) for plane in planes)
    cb, cr = (
        plane.repeat(2, axis=0).repeat(2, axis=1)[:height, :width] - 128 for plane in (cb, cr)
    )
    channels = (
        luma * 8192 + 11485 * cr,
        luma * 8192 - 2819 * cb - 5850 * cr,
        luma * 8192 + 14516 * cb,
    )
    rgb = np.stack([np.clip((each + 4096) >> 13, 0, 255) for each in channels], axis=2)
    png = io.BytesIO()
    Image.fromarray(rgb.astype(np.uint8)).save(png, "PNG")
    return png.getvalue()


@pytest.mark.parametrize("padding", [0, 32])
@pytest.mark.parametrize("camera", ["", "twin"])
def test_a_frame_is_answered_as_the_same_picture_without_loss(
    engine: Engine, dog: bytes, camera: str, padding: int
) -> None:
    planes = planes_of(dog)
    frame, png = frame_of(planes, padding=padding), png_of(planes)
    for _ in range(10):
        of_frame = engine.classify(
            frame, Request(camera=camera and f"{camera} frame", features=True)
        )
        of_png = engine.classify(png, Request(camera=camera and f"{camera} png", features=True))
        assert of_frame.detections == of_png.detections
        assert of_frame.regime is of_png.regime
    assert len(of_frame.detections) >= 3
    assert (of_frame.width, of_frame.height) == (768, 576)
    for each in ("twin frame", "twin png"):
        engine.forget(each)


def test_features_of_a_frame_are_those_of_the_same_picture(engine: Engine, dog: bytes) -> None:
    planes = planes_of(dog)
    box = Box(x0=0.16, y0=0.38, x1=0.42, y1=0.94)
    assert engine.features(frame_of(planes), box, Regime.DAY) == engine.features(
        png_of(planes), box, Regime.DAY
    )


def test_a_frame_at_rest_closes_the_gate(engine: Engine, dog: bytes) -> None:
    frame = frame_of(planes_of(dog))
    request = Request(camera="resting frame")
    answers = [engine.classify(frame, request) for _ in range(40)]
    assert answers[0].changed
    assert not answers[-1].changed
    assert answers[-1].detections
    engine.forget("resting frame")


def test_a_frame_becomes_a_jpeg_that_shows_the_same(engine: Engine, dog: bytes) -> None:
    jpeg = engine.encode(frame_of(planes_of(dog)))
    shown = np.asarray(Image.open(io.BytesIO(jpeg)).convert("RGB")).astype(int)
    assert np.abs(shown - np.asarray(Image.open(io.BytesIO(dog)).convert("RGB"))).mean() < 4
    assert {each.name for each in engine.classify(jpeg).detections} == {
        each.name for each in engine.classify(dog).detections
    }


def _but(frame: Frame, plane: int, buffer: object, stride: int) -> Frame:
    planes: list[Any] = list(frame.planes)
    planes[plane] = buffer, stride
    first, second, third = planes
    return Frame(width=frame.width, height=frame.height, planes=(first, second, third))


@pytest.mark.parametrize("plane", [0, 1, 2])
@pytest.mark.parametrize(
    ("spoil", "error"),
    [
        pytest.param(lambda data, stride: (data[:-1], stride), SnapshotError, id="too short"),
        pytest.param(lambda data, stride: (b"", stride), SnapshotError, id="empty"),
        pytest.param(lambda data, stride: (data, stride + 1), SnapshotError, id="too long a row"),
        pytest.param(lambda data, stride: (data, 0), SnapshotError, id="rows of nothing"),
        pytest.param(lambda data, stride: (data, 2**64 - 1), SnapshotError, id="rows of all"),
        pytest.param(lambda data, stride: (data, -stride), TypeError, id="upside down"),
        pytest.param(lambda data, stride: ("samples", stride), TypeError, id="no buffer"),
        pytest.param(
            lambda data, stride: (memoryview(bytes(2 * len(data)))[::2], stride),
            (TypeError, BufferError),
            id="not contiguous",
        ),
    ],
)
def test_refuses_a_frame_that_is_not_whole(
    engine: Engine,
    dog: bytes,
    plane: int,
    spoil: Callable[[bytes, int], tuple[object, int]],
    error: type[Exception],
) -> None:
    frame = frame_of(planes_of(dog))
    data, stride = frame.planes[plane]
    with pytest.raises(error):
        engine.classify(_but(frame, plane, *spoil(bytes(data), stride)))
    assert engine.classify(frame).detections


@pytest.mark.parametrize(("width", "height"), [(0, 48), (-1, 48), (64, 0), (2**31 - 1, 2**31 - 1)])
def test_refuses_a_size_that_no_picture_has(engine: Engine, width: int, height: int) -> None:
    plane = (bytes(64 * 48), 64)
    with pytest.raises(SnapshotError):
        engine.encode(Frame(width=width, height=height, planes=(plane, plane, plane)))
