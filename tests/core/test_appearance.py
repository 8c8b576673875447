"""What an engine tells of a picture beside what is in it: whether it shows what is there now."""

import io

import numpy as np
import pytest
from camclassify_core import Appearance, Engine, Request
from PIL import Image, ImageDraw

from .odd_pictures import encoded

CLOCK = 0.03  # share of the picture that a clock may change, as the integration has it


@pytest.fixture(scope="module")
def scene(dog: bytes) -> Image.Image:
    """A picture without noise."""
    return Image.open(io.BytesIO(dog)).convert("RGB").resize((1280, 720))


def appearances(engine: Engine, *pictures: bytes) -> list[Appearance]:
    """What is told of the pictures of a camera, one after the other."""
    told = []
    for picture in pictures:
        appearance = engine.classify(picture, Request(camera="appearance")).appearance
        assert appearance is not None
        told.append(appearance)
    engine.forget("appearance")
    return told


def noisy(scene: Image.Image, deviation: float, seed: int) -> Image.Image:
    """As a sensor sees it: by chance a little different each time."""
    noise = np.random.default_rng(seed).normal(0, deviation, np.asarray(scene).shape[:2])
    levels = np.asarray(scene).astype(float) + noise[:, :, None]
    return Image.fromarray(np.clip(levels, 0, 255).astype(np.uint8))


def test_without_a_camera_nothing_is_told(engine: Engine, dog: bytes) -> None:
    assert engine.classify(dog).appearance is None


def test_the_same_picture_differs_in_nothing(engine: Engine, scene: Image.Image) -> None:
    jpeg = encoded(scene)
    first, *others = appearances(engine, jpeg, jpeg, jpeg + b"\0")
    assert first.differing == 1
    assert [each.differing for each in others] == [0, 0]


@pytest.mark.parametrize("quality", [50, 80])
def test_the_noise_of_a_live_camera_is_more_than_a_clock(
    engine: Engine, scene: Image.Image, quality: int
) -> None:
    pictures = [encoded(noisy(scene, 2, seed), quality=quality) for seed in range(4)]
    for each in appearances(engine, *pictures)[1:]:
        assert each.differing > 3 * CLOCK


def test_a_clock_is_little(engine: Engine, scene: Image.Image) -> None:
    def at(second: int) -> bytes:
        picture = scene.copy()
        ImageDraw.Draw(picture).text(
            (20, 20), f"2026-11-28 23:59:{second:02}", font_size=36, fill=(255, 255, 255)
        )
        return encoded(picture)

    for each in appearances(engine, *map(at, range(10, 30)))[1:]:
        assert 0 < each.differing <= CLOCK


def test_what_is_masked_counts_all_the_same(engine: Engine, scene: Image.Image) -> None:
    everything = (((0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0)),)
    request = Request(camera="masked", masks=everything)
    engine.classify(encoded(scene), request)
    result = engine.classify(encoded(noisy(scene, 4, 1)), request)
    assert result.appearance is not None
    assert result.appearance.differing > CLOCK
    engine.forget("masked")


@pytest.mark.parametrize("level", [0, 16])
def test_a_covered_lens_is_black(engine: Engine, scene: Image.Image, level: int) -> None:
    black = noisy(Image.new("RGB", (1280, 720), (level,) * 3), 2, 1)
    assert [
        round(each.black, 1) for each in appearances(engine, encoded(scene), encoded(black))
    ] == [0, 1]


def test_the_rest_of_a_picture_that_could_not_be_decoded_is_grey(
    engine: Engine, scene: Image.Image
) -> None:
    for colour, mode in (((128, 128, 128), "RGB"), ((130, 130, 130), "RGB")):
        half = scene.copy()
        half.paste(Image.new(mode, (1280, 360), colour), (0, 360))
        told = appearances(engine, encoded(scene), encoded(half))
        assert told[0].grey == 0
        assert told[1].grey == pytest.approx(0.5, abs=0.02)
