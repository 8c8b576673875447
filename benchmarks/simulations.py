"""Bad conditions, simulated on good footage: night, rain, shake, shadows, headlights, a flag and more.

Each condition is a function of a frame (u8, height x width x 3, RGB) and its number at 10 frames a second.
They are simulations: crude where a real camera is subtle, and deterministic.
"""

from collections.abc import Callable
from math import pi, sin

import numpy as np
import numpy.typing as npt

type Frame = npt.NDArray[np.uint8]
type Picture = npt.NDArray[np.float32]
type Condition = Callable[[Frame, int], Frame]

FPS = 10


def _to_u8(picture: npt.NDArray[np.floating]) -> Frame:
    clipped: Frame = np.clip(picture, 0, 255).astype(np.uint8)
    return clipped


def _grey(frame: Frame) -> Picture:
    luma = frame @ np.array([0.299, 0.587, 0.114], np.float32)
    grey: Picture = np.repeat(luma[:, :, None], 3, axis=2)
    return grey


def _vignette(height: int, width: int) -> Picture:
    y, x = np.mgrid[-1 : 1 : height * 1j, -1 : 1 : width * 1j]
    brightness: Picture = (1 - 0.35 * (x**2 + y**2)[:, :, None]).astype(np.float32)
    return brightness


def day(frame: Frame, number: int) -> Frame:
    """As it was filmed."""
    return frame


def night(frame: Frame, number: int) -> Frame:
    """A dark, noisy picture with faint colours, brighter in the middle."""
    noise = np.random.default_rng(number).normal(0, 10, frame.shape)
    faint = 0.6 * _grey(frame) + 0.4 * frame
    dark = 255 * (faint / 255) ** 1.5 * 0.45
    return _to_u8(dark * _vignette(*frame.shape[:2]) + noise)


def infrared(frame: Frame, number: int) -> Frame:
    """Grey, contrasty, brighter in the middle, with sensor noise."""
    noise = np.random.default_rng(number).normal(0, 7, frame.shape[:2])[:, :, None]
    lit = 255 * (_grey(frame) / 255) ** 1.2 * 0.85
    return _to_u8(lit * _vignette(*frame.shape[:2]) + noise)


def rain(frame: Frame, number: int) -> Frame:
    """Less contrast, and 300 bright streaks that are elsewhere in each frame."""
    rng = np.random.default_rng(number)
    wet = 0.75 * frame.astype(np.float32) + 30
    height, width = frame.shape[:2]
    steps = np.arange(24)
    x = (rng.integers(0, width, 300)[:, None] + steps // 6) % width
    y = (rng.integers(0, height, 300)[:, None] + steps) % height
    wet[y, x] += 60
    return _to_u8(wet)


def shake(frame: Frame, number: int) -> Frame:
    """Gusts: for 3 s of every 10 s the camera swings by up to 2.5% of the picture."""
    if number % (10 * FPS) < 7 * FPS:
        return frame
    height, width = frame.shape[:2]
    dx = round(0.025 * width * sin(2 * pi * number / 7))
    dy = round(0.025 * height * sin(2 * pi * number / 5))
    y = np.clip(np.arange(height) + dy, 0, height - 1)
    x = np.clip(np.arange(width) + dx, 0, width - 1)
    swung: Frame = frame[y][:, x]
    return swung


def exposure_jumps(frame: Frame, number: int) -> Frame:
    """Every 8 s the picture is nearly black, or nearly white, for 1.5 s."""
    jump, phase = divmod(number, 8 * FPS)
    if not 0 < phase <= 1.5 * FPS:
        return frame
    return _to_u8(frame * 0.08 if jump % 2 else frame * 1.0 + 190)


def infrared_switches(frame: Frame, number: int) -> Frame:
    """Every 15 s the camera switches between day and infra-red, blinded for 0.5 s each time."""
    period, phase = divmod(number, 15 * FPS)
    if period and phase < 0.5 * FPS:
        return _to_u8(_grey(frame) * 0.3 + 160)
    return infrared(frame, number) if period % 2 else frame


def cloud_shadows(frame: Frame, number: int) -> Frame:
    """Soft shadows, a third of the picture wide, that cross it in 8 s, one every 5 s."""
    height, width = frame.shape[:2]
    y, x = np.mgrid[0 : 1 : height * 1j, 0 : 1 : width * 1j]
    light = np.ones((height, width), np.float32)
    for start in range(number % (5 * FPS), 12 * FPS, 5 * FPS):
        across = start / (8 * FPS) * 1.6 - 0.3
        distance = np.hypot((x - across) / 0.16, (y - 0.3 - 0.3 * across) / 0.3)
        light -= 0.45 / (1 + np.exp(8 * (distance - 1)))
    return _to_u8(frame * light[:, :, None])


def thrown_shadows(frame: Frame, number: int) -> Frame:
    """Hard shadows of the size of a car and of a person, of what passes outside of the picture."""
    height, width = frame.shape[:2]
    y, x = np.mgrid[0:height, 0:width]
    light = np.ones((height, width), np.float32)
    for period, size, row in ((7, (0.11, 0.05), 0.75), (11, (0.02, 0.10), 0.55)):
        across = (number % (period * FPS)) / (4 * FPS) * 1.2 - 0.1
        slant = (x / width - across - 0.3 * (row - y / height)) / size[0]
        inside = (np.abs(slant) < 1) & (np.abs(y / height - row) < size[1])
        light[inside] = 0.5
    return _to_u8(frame * light[:, :, None])


def headlights(frame: Frame, number: int) -> Frame:
    """Night, and every 6 s two beams that sweep over walls and ground."""
    dark = night(frame, number).astype(np.float32)
    height, width = frame.shape[:2]
    y, x = np.mgrid[0 : 1 : height * 1j, 0 : 1 : width * 1j]
    phase = (number % (6 * FPS)) / (2.5 * FPS)
    if phase > 1:
        return _to_u8(dark)
    for behind in (0.0, 0.09):
        across = 1.2 * phase - 0.1 - behind
        beam = np.exp(-(((x - across) / 0.06) ** 2 + ((y - 0.45 - 0.1 * phase) / 0.09) ** 2))
        dark += (1.6 * frame + 60) * beam[:, :, None]
    return _to_u8(dark)


def flag(frame: Frame, number: int) -> Frame:
    """A flag of three stripes that waves in the wind, an eighth of the picture wide."""
    height, width = frame.shape[:2]
    flown = frame.copy()
    wide, high = width // 8, height // 8
    left, top = int(width * 0.55), int(height * 0.12)
    gust = 0.6 + 0.4 * sin(2 * pi * number / (4.3 * FPS))
    for column in range(wide):
        wave = gust * sin(2 * pi * (column / wide * 1.3 - number / (0.7 * FPS)))
        from_top = top + round(wave * high * 0.25 * column / wide)
        light = 0.8 + 0.2 * wave
        for stripe, colour in enumerate(((170, 30, 40), (235, 235, 235), (30, 60, 150))):
            first = from_top + stripe * high // 3
            flown[first : first + high // 3, left + column] = np.clip(
                np.array(colour) * light, 0, 255
            )
    flown[top - 4 : top + 3 * high, left - 4 : left] = (90, 90, 95)
    return flown


def branch(frame: Frame, number: int) -> Frame:
    """A branch with leaves in front of the camera that sways."""
    height, width = frame.shape[:2]
    swayed = frame.copy()
    y, x = np.mgrid[0:height, 0:width]
    leaves = np.random.default_rng(5)
    sway = 0.03 * sin(2 * pi * number / (2.1 * FPS)) + 0.015 * sin(2 * pi * number / (0.9 * FPS))
    for _ in range(60):
        along, off, size, green = leaves.random(4)
        centre_x = (1 - 0.35 * along + sway * along) * width + (off - 0.5) * 0.08 * width
        centre_y = (0.2 + 0.25 * along + 0.6 * sway * along) * height + (off - 0.5) * 0.1 * height
        radius = (0.008 + 0.012 * size) * width
        inside = ((x - centre_x) / radius) ** 2 + ((y - centre_y) / (0.5 * radius)) ** 2 < 1
        swayed[inside] = (40 + 50 * green, 70 + 70 * green, 30 + 30 * green)
    return swayed


CONDITIONS: dict[str, Condition] = {
    "day": day,
    "night": night,
    "infrared": infrared,
    "rain": rain,
    "shake": shake,
    "exposure_jumps": exposure_jumps,
    "infrared_switches": infrared_switches,
    "cloud_shadows": cloud_shadows,
    "thrown_shadows": thrown_shadows,
    "headlights": headlights,
    "flag": flag,
    "branch": branch,
}
