"""What all cameras ask: an engine, on this machine or on a server."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Final, Protocol

from camclassify_core import (
    Box,
    EngineInfo,
    EngineOptions,
    EngineState,
    EngineStatistics,
    Regime,
    Request,
    Result,
    StreamFrame,
)
from camclassify_core.examples import Example, TaughtClass

HOLD_SECONDS: Final = 30.0  # for which what an engine said holds while it is away


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerOptions:
    """An engine on a server.

    `url`: without a slash at the end. `verify`: whether its certificate is checked. `stand_in`: the engine of
    this machine that looks while the server is away, if one shall.
    """

    url: str
    token: str = field(default="", repr=False)
    verify: bool = True
    stand_in: EngineOptions | None = None


type AnyOptions = EngineOptions | ServerOptions


class AnyEngine(Protocol):
    """What `EngineClient` does, whoever does it: see there for what each method means and raises."""

    @property
    def state(self) -> EngineState:
        """What it is doing now."""

    @property
    def options(self) -> AnyOptions:
        """Those in force."""

    def add_listener(self, listener: Callable[[EngineState], None]) -> Callable[[], None]:
        """Calls `listener` at each change of state, and when another engine answers.

        Returns how to remove it.
        """

    async def start(self) -> None:
        """Begins. Raises `BundleError`, `EngineUnavailable`; nothing is left running then."""

    async def stop(self) -> None:
        """Ends."""

    async def classify(
        self, picture: bytes | StreamFrame, request: Request | None = None
    ) -> Result:
        """What is in a snapshot, or in a stream."""

    async def features(self, snapshot: bytes, box: Box, regime: Regime) -> tuple[float, ...]:
        """Features of one object."""

    async def teach(
        self, examples: Sequence[Example], background: Sequence[Example] = ()
    ) -> tuple[TaughtClass, ...]:
        """Classes learnt from examples, in place of those learnt before."""

    async def draw_boxes(self, snapshot: bytes, boxes: Sequence[Box]) -> bytes:
        """A JPEG with the boxes drawn."""

    async def cut_out(self, snapshot: bytes, box: Box, side: int) -> bytes:
        """A small JPEG of one object."""

    async def encode(self, frame: StreamFrame) -> bytes:
        """A JPEG of the frame of a stream that was classified last."""

    async def follow(self, stream: str, memory: int) -> None:
        """Takes frames from there from now on."""

    async def unfollow(self, stream: str) -> None:
        """Lets go of a stream."""

    async def forget(self, camera: str) -> None:
        """Drops what is remembered of a camera."""

    async def info(self) -> EngineInfo:
        """The bundle and how it runs."""

    async def statistics(self) -> EngineStatistics:
        """What was used so far."""
