"""Bad conditions, simulated on good footage: night, rain, shake, exposure jumps, switches to infra-red.

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


CONDITIONS: dict[str, Condition] = {
    "day": day,
    "night": night,
    "infrared": infrared,
    "rain": rain,
    "shake": shake,
    "exposure_jumps": exposure_jumps,
    "infrared_switches": infrared_switches,
}
