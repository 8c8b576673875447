"""Odd pictures show what the good one shows, or are refused with the right words."""

import io
import resource
from collections.abc import Callable

import pytest
from camclassify_core import Detection, Engine, Request, SnapshotError
from camclassify_core.boxes import iou
from PIL import Image

from .odd_pictures import ODD_BYTES, ODD_CODINGS, ODD_ENCODINGS, REFUSED, encoded

SAME_PLACE = 0.8  # overlap of boxes, as far as encoding moves them


@pytest.fixture(scope="module")
def picture(dog: bytes) -> Image.Image:
    """The picture that is made odd."""
    return Image.open(io.BytesIO(dog)).convert("RGB")


@pytest.fixture(scope="module")
def jpeg(picture: Image.Image) -> bytes:
    """As an ordinary camera sends it."""
    return encoded(picture, quality=92)


@pytest.fixture(scope="module")
def expected(engine: Engine, picture: Image.Image) -> tuple[Detection, ...]:
    """What is in it."""
    return engine.classify(encoded(picture, "PNG")).detections


@pytest.mark.parametrize("make_odd", ODD_BYTES.values(), ids=ODD_BYTES)
def test_odd_bytes_show_the_very_same(
    engine: Engine, jpeg: bytes, make_odd: Callable[[bytes], bytes]
) -> None:
    odd = make_odd(jpeg)
    assert odd != jpeg
    assert engine.classify(odd).detections == engine.classify(jpeg).detections
    assert len(engine.classify(odd).detections) >= 3


@pytest.mark.parametrize("encode", ODD_CODINGS.values(), ids=ODD_CODINGS)
def test_odd_codings_show_the_very_same(
    engine: Engine, picture: Image.Image, jpeg: bytes, encode: Callable[[Image.Image], bytes]
) -> None:
    assert engine.classify(encode(picture)).detections == engine.classify(jpeg).detections


@pytest.mark.parametrize("encode", ODD_ENCODINGS.values(), ids=ODD_ENCODINGS)
def test_odd_encodings_show_the_same_things(
    engine: Engine,
    picture: Image.Image,
    expected: tuple[Detection, ...],
    encode: Callable[[Image.Image], bytes],
) -> None:
    result = engine.classify(encode(picture))
    assert (result.width, result.height) == picture.size
    assert sorted(each.name for each in result.detections) == sorted(each.name for each in expected)
    for found in expected:
        assert max(iou(found.box, each.box) for each in result.detections) > SAME_PLACE


def test_a_grey_jpeg_shows_what_its_picture_without_loss_shows(
    engine: Engine, picture: Image.Image
) -> None:
    grey = picture.convert("L")
    of_jpeg = engine.classify(encoded(grey, quality=97))
    of_png = engine.classify(encoded(grey, "PNG"))
    assert of_jpeg.regime is of_png.regime
    assert {each.name for each in of_jpeg.detections} == {each.name for each in of_png.detections}
    assert of_jpeg.detections


@pytest.mark.parametrize(("make", "words"), REFUSED.values(), ids=REFUSED)
def test_what_is_no_picture_is_refused_in_words(
    engine: Engine,
    picture: Image.Image,
    make: Callable[[Image.Image], bytes],
    words: str,
) -> None:
    with pytest.raises(SnapshotError, match=words):
        engine.classify(make(picture))


def test_one_bad_picture_among_good_ones_leaves_no_trace(
    engine: Engine, picture: Image.Image, jpeg: bytes
) -> None:
    request = Request(camera="odd among good")
    for _ in range(30):
        known = engine.classify(jpeg, request)
    assert known.detections
    for make, _ in REFUSED.values():
        with pytest.raises(SnapshotError):
            engine.classify(make(picture), request)
        again = engine.classify(jpeg, request)
        assert again.detections == known.detections
        assert not again.changed
    engine.forget("odd among good")


def test_odd_pictures_leak_no_memory(engine: Engine, picture: Image.Image, jpeg: bytes) -> None:
    small = picture.resize((320, 240))
    pictures = [
        *(make(encoded(small, quality=92)) for make in ODD_BYTES.values()),
        *(encode(small) for encode in (ODD_CODINGS | ODD_ENCODINGS).values()),
        *(make(small) for make, _ in REFUSED.values()),
    ]

    def all_of_them() -> None:
        for each in pictures:
            try:
                engine.draw_boxes(each, ())
            except SnapshotError:
                continue

    for _ in range(5):
        all_of_them()
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    for _ in range(30):
        all_of_them()
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 8_000  # kB
