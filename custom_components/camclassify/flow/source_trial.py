"""Which source suits a camera: its snapshots and its stream are tried for some seconds, and measured."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from time import monotonic, process_time
from typing import Any

import numpy as np
from camclassify_core import Frame, SnapshotError
from camclassify_core.stream.live import Stream, StreamTrouble, Told
from camclassify_core.stream.orders import Wish
from camclassify_core.stream.shared_frames import FrameReader
from homeassistant.components.camera import CameraEntityFeature
from homeassistant.const import ATTR_SUPPORTED_FEATURES, CONF_ENTITY_ID, CONF_URL
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import entity_registry as er

from ..camera.picture import SnapshotUnavailable
from ..camera.source import async_make_source
from ..camera.stream_source import async_address
from ..const import (
    CONF_ONLY_WHEN_WOKEN,
    CONF_SOURCE,
    CONF_STREAM_ENTITY,
    CONF_STREAMS,
    SOURCE_AUTOMATIC,
    SOURCE_STREAM,
)

_SNAPSHOTS_FOR = 4.0  # seconds
_OPENING, _AWAKE_FOR, _ASLEEP_FOR = 10.0, 2.0, 5.0
_FAST_ENOUGH = 0.25  # seconds a new picture
_LEAST_WIDTH = 640
_MOST_SIBLINGS = 3
_ALIKE = 0.9
_GRID = (9, 16)


@dataclass(frozen=True, slots=True, kw_only=True)
class SnapshotFigures:
    """How long a new snapshot takes, and the share of a core that Home Assistant spends on them."""

    seconds: float
    load: float


@dataclass(frozen=True, slots=True, kw_only=True)
class StreamFigures:
    """A stream: its size, its frames and key frames a second, and its share of a core at rest."""

    width: int
    height: int
    rate: float
    key_rate: float
    load: float
    likeness: tuple[float, ...]


async def async_choose(hass: HomeAssistant, data: dict[str, Any]) -> str:
    """Decide between snapshots and stream where the user wants that; return what was measured, to be shown.

    Writes into the subentry's `data` what is to be used.
    """
    if not async_has_choice(hass, data):
        return ""
    try:
        stream, entity = await _async_best_stream(hass, data)
    except SnapshotUnavailable:
        return ""
    is_wanted = data[CONF_SOURCE] == SOURCE_STREAM
    snapshots = None if is_wanted else await _async_try_snapshots(hass, data)
    streams = snapshots is None or (
        snapshots.seconds > _FAST_ENOUGH or snapshots.load > stream.load
    )
    if streams:
        data[CONF_STREAMS] = True
    if streams and entity != data[CONF_ENTITY_ID]:
        data[CONF_STREAM_ENTITY] = entity
    return _describe(hass, data, stream, snapshots)


@callback
def async_has_choice(hass: HomeAssistant, data: Mapping[str, Any]) -> bool:
    """Tell whether there are streams to choose among: of a battery camera only if the user wants one."""
    source = data.get(CONF_SOURCE)
    if CONF_URL in data or source not in (SOURCE_AUTOMATIC, SOURCE_STREAM):
        return False
    entity_id = er.async_resolve_entity_id(er.async_get(hass), data[CONF_ENTITY_ID])
    state = hass.states.get(entity_id) if entity_id else None
    if state is None or not CameraEntityFeature.STREAM & state.attributes.get(
        ATTR_SUPPORTED_FEATURES, 0
    ):
        return False
    return source == SOURCE_STREAM or not (
        data.get(CONF_ONLY_WHEN_WOKEN) or _has_battery(hass, data)
    )


def _describe(
    hass: HomeAssistant,
    data: Mapping[str, Any],
    stream: StreamFigures,
    snapshots: SnapshotFigures | None,
) -> str:
    """Say what was measured in figures, which need no translation, the source that is used first."""
    lines = [
        f"{'▶' if data.get(CONF_STREAMS) else '·'} {stream.width}x{stream.height}, {stream.rate:.0f}/s, "
        f"{stream.key_rate:.1f} key/s, {stream.load:.1%} CPU"
    ]
    if entity := data.get(CONF_STREAM_ENTITY):
        lines[0] += f" ({er.async_resolve_entity_id(er.async_get(hass), entity)})"
    if snapshots:
        mark = "·" if data.get(CONF_STREAMS) else "▶"
        lines.append(f"{mark} JPEG, {1 / snapshots.seconds:.1f}/s, {snapshots.load:.1%} CPU")
    return "\n\n".join(lines)


async def _async_best_stream(
    hass: HomeAssistant, data: Mapping[str, Any]
) -> tuple[StreamFigures, str]:
    """Return the smallest stream of the camera that shows the same and is large enough to see people in."""
    chosen = data[CONF_ENTITY_ID]
    own = await _async_try_stream(hass, data)
    best = own, chosen
    for sibling in _siblings(hass, chosen):
        try:
            other = await _async_try_stream(hass, {**data, CONF_STREAM_ENTITY: sibling})
        except SnapshotUnavailable:
            continue
        is_smaller = _LEAST_WIDTH <= other.width < best[0].width
        if is_smaller and _correlation(own.likeness, other.likeness) > _ALIKE:
            best = other, sibling
    return best


async def _async_try_stream(hass: HomeAssistant, data: Mapping[str, Any]) -> StreamFigures:
    """Watch a stream awake and asleep. Raises SnapshotUnavailable."""
    stream = Stream(await async_address(hass, data))
    stream.want(Wish(awake=True, every=0.0))
    stream.start()
    try:
        async with asyncio.timeout(_OPENING):
            await stream.newer_than(0)
        awake = await _async_watch(stream, _AWAKE_FOR)
        stream.want(Wish(awake=False, every=0.1))
        asleep = await _async_watch(stream, _ASLEEP_FOR)
        likeness = await hass.async_add_executor_job(_likeness, stream.memory)
    except StreamTrouble as trouble:
        raise SnapshotUnavailable(trouble.reason) from None
    except TimeoutError, SnapshotError:
        raise SnapshotUnavailable("stream_stands_still") from None
    finally:
        stream.close()
        await stream.ended()
    first, last = asleep[0], asleep[-1]
    lasted = max(last.taken - first.taken, 1.0)
    return StreamFigures(
        width=last.width,
        height=last.height,
        rate=(len(awake) - 1) / _AWAKE_FOR,
        key_rate=(len(asleep) - 1) / lasted,
        load=(last.cpu - first.cpu) / lasted,
        likeness=likeness,
    )


async def _async_watch(stream: Stream, seconds: float) -> list[Told]:
    """Return the frames of so many seconds, the one before them first."""
    assert stream.newest
    seen = [stream.newest]
    until = monotonic() + seconds
    try:
        async with asyncio.timeout(seconds):
            while monotonic() < until:
                seen.append(await stream.newer_than(seen[-1].number))
    except TimeoutError:
        pass
    return seen


async def _async_try_snapshots(
    hass: HomeAssistant, data: Mapping[str, Any]
) -> SnapshotFigures | None:
    """Fetch snapshots one after the other; return nothing if that fails."""
    source = async_make_source(hass, data)
    began, used = monotonic(), process_time()
    pictures: set[int] = set()
    try:
        while (passed := monotonic() - began) < _SNAPSHOTS_FOR:
            pictures.add(hash(await source.async_fetch()))
            await asyncio.sleep(0.05)
    except SnapshotUnavailable:
        return None
    finally:
        source.async_close()
    return SnapshotFigures(seconds=passed / len(pictures), load=(process_time() - used) / passed)


@callback
def _siblings(hass: HomeAssistant, key: str) -> list[str]:
    """Return the other camera entities of the same device, by their registry ids."""
    return [
        each.id
        for each in _of_device(hass, key)
        if each.domain == "camera" and key not in (each.id, each.entity_id)
    ][:_MOST_SIBLINGS]


@callback
def _has_battery(hass: HomeAssistant, data: Mapping[str, Any]) -> bool:
    return any(
        (each.device_class or each.original_device_class) == "battery"
        for each in _of_device(hass, data[CONF_ENTITY_ID])
    )


@callback
def _of_device(hass: HomeAssistant, key: str) -> list[er.RegistryEntry]:
    registry = er.async_get(hass)
    entity_id = er.async_resolve_entity_id(registry, key)
    entry = registry.async_get(entity_id) if entity_id else None
    if entry is None or entry.device_id is None:
        return []
    return er.async_entries_for_device(registry, entry.device_id)


def _likeness(memory: int) -> tuple[float, ...]:
    """Return the brightness of the newest frame's parts."""
    frame: Frame = FrameReader(memory).newest().frame
    plane, stride = frame.planes[0]
    luma = np.frombuffer(plane, np.uint8).reshape(-1, stride)[: frame.height, : frame.width]
    rows, columns = _GRID
    parts = [
        part.mean()
        for row in np.array_split(luma, rows)
        for part in np.array_split(row, columns, axis=1)
    ]
    return tuple(map(float, parts))


def _correlation(one: tuple[float, ...], other: tuple[float, ...]) -> float:
    if np.std(one) == 0 or np.std(other) == 0:
        return 0.0
    return float(np.corrcoef(one, other)[0, 1])
