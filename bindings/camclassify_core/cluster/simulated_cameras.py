"""Cameras that are not there: they ask a server as homes do, and note what it answers."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import count
from math import ceil
from time import monotonic

import aiohttp

from camclassify_core.errors import ProtocolViolation
from camclassify_core.open_inference.inference import (
    JSON_LENGTH,
    InferAnswer,
    decode_answer,
    encode_request,
    read_json_length,
)
from camclassify_core.open_inference.models import classify_request
from camclassify_core.options import Request

type Pictures = Callable[[int, int], bytes]
"""What a camera, by its number, shows at a look, by its number."""

_PATH = "/v2/models/camclassify/infer"
_TIMEOUT = aiohttp.ClientTimeout(total=10)


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """A frame of a camera, and what became of it; times in seconds.

    `error`: what kept it from being answered, if anything did. `attempts`: how often it was sent: once more
    if the connection broke, as homes do.
    """

    camera: int
    number: int
    asked: float
    took: float
    attempts: int
    error: str = ""
    answer: InferAnswer | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Crowd:
    """So many cameras, at so many frames a second each, evenly spread over time.

    `servers`: addresses of which each camera takes one, and the next one where that does not answer.
    """

    cameras: int
    fps: float
    pictures: Pictures
    servers: Sequence[str]
    headers: Mapping[str, str] = field(default_factory=dict)

    async def look(self, seconds: float, note: Callable[[Look], None]) -> None:
        """All of them, for so long."""
        until = monotonic() + seconds
        connector = aiohttp.TCPConnector(limit=0)
        async with (
            aiohttp.ClientSession(connector=connector, timeout=_TIMEOUT) as session,
            asyncio.TaskGroup() as group,
        ):
            for camera in range(self.cameras):
                group.create_task(self._watch(session, camera, until, note))

    async def _watch(
        self,
        session: aiohttp.ClientSession,
        camera: int,
        until: float,
        note: Callable[[Look], None],
    ) -> None:
        """A look at a time: one that is late costs those that it overlaps, as in a home."""
        period = 1 / self.fps
        due = monotonic() + period * camera / self.cameras
        for number in count():
            if due > until:
                return
            await asyncio.sleep(due - monotonic())
            note(await self._look(session, camera, number))
            due += period * max(1, ceil((monotonic() - due) / period))

    async def _look(self, session: aiohttp.ClientSession, camera: int, number: int) -> Look:
        name = f"camera-{camera}"
        request = Request(camera=name, sun_elevation=30.0)
        body = encode_request(classify_request(self.pictures(camera, number), request))
        headers = {**self.headers, **body.headers, "X-CamClassify-Camera": name}
        asked = monotonic()
        error, answer = "", None
        for attempt in (1, 2):
            server = self.servers[(camera + attempt) % len(self.servers)]
            try:
                answer, error = await _ask(session, server + _PATH, body.body, headers)
                break
            except (aiohttp.ClientError, TimeoutError) as broken:
                error = type(broken).__name__
        return Look(
            camera=camera,
            number=number,
            asked=asked,
            took=monotonic() - asked,
            attempts=attempt,
            error=error,
            answer=answer,
        )


async def _ask(
    session: aiohttp.ClientSession, address: str, body: bytes, headers: Mapping[str, str]
) -> tuple[InferAnswer | None, str]:
    async with session.post(address, data=body, headers=headers, ssl=False) as response:
        content = await response.read()
        if response.status != 200:
            return None, f"{response.status} {content[:200].decode(errors='replace')}"
        try:
            length = read_json_length(response.headers.get(JSON_LENGTH))
            return decode_answer(content, length), ""
        except ProtocolViolation as violation:
            return None, str(violation)


def percentile(values: Sequence[float], share: float) -> float:
    """The value that so large a share of them does not exceed."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, ceil(share * len(ordered)) - 1)]
