"""Decodes of a stream only what is wanted: asleep its key frames, awake everything."""

from collections.abc import Iterator
from math import inf
from typing import TYPE_CHECKING

from .orders import Wish

if TYPE_CHECKING:
    from av import Packet, VideoCodecContext, VideoFrame, VideoStream

LONGEST = 5.0  # seconds without a frame, after which a sleeper decodes what lies between key frames
_MOST_KEPT = 32 * 2**20  # bytes
_BEHIND = 1.0  # seconds
_DRIFT = 0.02  # by which a camera's clock may go slower than ours


class SparingDecoder:
    """Turns packets into the frames that are wanted.

    Packets are kept from one key frame to the next, so that who wakes up sees what is there now, not at the
    next key frame. A decoder that cannot keep up, or that met damage, goes on at the next key frame.
    """

    def __init__(self, codec: VideoCodecContext) -> None:
        self._codec = codec
        self._kept: list[tuple[Packet[VideoStream], float]] = []  # from the last key frame on
        self._kept_bytes = 0
        self._follows = False  # the decoder has seen all that is kept
        self._arrived: dict[int | None, float] = {}
        self._wish = Wish()
        self._due = -inf
        self._handed_at = -inf
        self._usual: float | None = None  # our clock less the stream's
        self._noted_at = 0.0

    def feed(
        self, packet: Packet[VideoStream], now: float, wish: Wish
    ) -> tuple[VideoFrame, float] | None:
        """The frame to hand over now, if one is wanted, and when it arrived. Raises `av.FFmpegError`."""
        if packet.is_keyframe:
            self._kept, self._kept_bytes = [], 0
        elif not self._kept:
            return None
        self._kept.append((packet, now))
        self._kept_bytes += packet.size
        if self._kept_bytes > _MOST_KEPT:
            self.give_up()
            return None
        self._note_wish(wish, now)
        is_overdue = now - max(self._handed_at, self._due) > LONGEST
        is_behind = self._is_behind(packet, now)
        if is_overdue or (wish.awake and not is_behind):
            found = self._follow(packet, now)
        elif packet.is_keyframe and now >= self._due:
            found = self._decode_alone(packet, now)
        else:
            self._follows = False
            return None
        if found is None or now < self._due:
            return None
        self._due = max(self._due + wish.every, now) if wish.awake else now + wish.every / 2
        self._handed_at = now
        return found

    def _note_wish(self, wish: Wish, now: float) -> None:
        woken = wish.awake and not self._wish.awake
        if wish != self._wish:
            self._due = now if woken else min(self._due, self._handed_at + wish.every)
            self._wish = wish

    def give_up(self) -> None:
        """Wait for the next key frame."""
        self._kept, self._kept_bytes = [], 0
        self._follows = False

    def _follow(self, packet: Packet[VideoStream], now: float) -> tuple[VideoFrame, float] | None:
        if self._follows:
            return self._last(self._frames(packet, now))
        self._codec.flush_buffers()
        self._arrived.clear()
        self._follows = True
        return self._last(
            frame for kept, arrived in self._kept for frame in self._frames(kept, arrived)
        )

    def _decode_alone(
        self, packet: Packet[VideoStream], now: float
    ) -> tuple[VideoFrame, float] | None:
        """Decode a key frame at once, though a decoder would wait for what may have to be shown before it."""
        self._codec.flush_buffers()
        self._follows = False
        frames = [*self._codec.decode(packet), *self._codec.decode(None)]
        self._codec.flush_buffers()
        return self._last((frame, now) for frame in frames)

    def _frames(
        self, packet: Packet[VideoStream], arrived: float
    ) -> Iterator[tuple[VideoFrame, float]]:
        if len(self._arrived) > 100:
            self._arrived.clear()
        self._arrived[packet.pts] = arrived
        for frame in self._codec.decode(packet):
            yield frame, self._arrived.pop(frame.pts, arrived)

    @staticmethod
    def _last(frames: Iterator[tuple[VideoFrame, float]]) -> tuple[VideoFrame, float] | None:
        last = None
        for frame, arrived in frames:
            if not frame.is_corrupt:
                last = frame, arrived
        return last

    def _is_behind(self, packet: Packet[VideoStream], now: float) -> bool:
        """Whether packets come ever later after the time that the camera wrote on them."""
        if packet.pts is None or packet.time_base is None:
            return False
        ahead = now - float(packet.pts * packet.time_base)
        passed, self._noted_at = now - self._noted_at, now
        if self._usual is None or abs(ahead - self._usual) > 60:
            self._usual = ahead
        self._usual = min(ahead, self._usual + _DRIFT * passed)
        return ahead - self._usual > _BEHIND
