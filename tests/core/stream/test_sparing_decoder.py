"""What is decoded of a stream asleep and awake, on an encoded clip and a clock that the test keeps."""

from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import av
import pytest
from camclassify_core.stream.orders import Wish
from camclassify_core.stream.sparing_decoder import SparingDecoder

ASLEEP = Wish(awake=False, every=1.0)
AWAKE = Wish(awake=True, every=0.2)
FRAME = 1 / 25


class Clip:
    """Feeds a clip to a decoder, a packet every 40 ms; counts the packets that were decoded."""

    def __init__(self, file: Path) -> None:
        container = av.open(str(file))
        stream = container.streams.video[0]
        self._packets = (each for each in container.demux(stream) if each.size)
        self.decoded = 0
        self.now = 100.0
        codec = stream.codec_context
        codec.thread_count = 1
        outer = self

        class Counting:
            def decode(self, packet: av.Packet[av.VideoStream] | None) -> list[av.VideoFrame]:
                outer.decoded += packet is not None
                return codec.decode(packet)

            def flush_buffers(self) -> None:
                codec.flush_buffers()

        self.decoder = SparingDecoder(Counting())  # type: ignore[arg-type]

    def play(self, seconds: float, wish: Wish) -> list[tuple[float, float]]:
        """When frames were handed over, and what the stream's clock said of each."""
        return list(self._play(seconds, wish))

    def _play(self, seconds: float, wish: Wish) -> Iterator[tuple[float, float]]:
        for _ in range(round(seconds / FRAME)):
            self.now += FRAME
            if found := self.decoder.feed(next(self._packets), self.now, wish):
                frame, _taken = found
                yield self.now - 100.0, float(frame.time or 0.0)


@pytest.fixture(params=["h264", "h265"])
def clip(request: pytest.FixtureRequest, clips: dict[str, Path]) -> Clip:
    return Clip(clips[request.param])


def test_asleep_only_key_frames_are_decoded(clip: Clip) -> None:
    handed = clip.play(10.0, ASLEEP)
    assert [shown for _, shown in handed] == [0.0, 2.0, 4.0, 6.0, 8.0]
    assert clip.decoded <= 7  # the first one may have to wait for what follows it


def test_awake_the_wanted_rate_is_kept(clip: Clip) -> None:
    handed = clip.play(10.0, AWAKE)
    assert 49 <= len(handed) <= 51
    assert max(later - sooner for (sooner, _), (later, _) in pairwise(handed)) < 0.25


def test_who_wakes_up_sees_what_is_there_now(clip: Clip) -> None:
    clip.play(5.5, ASLEEP)
    at, shown = clip.play(0.2, AWAKE)[0]
    assert at - 5.5 <= 2 * FRAME
    assert at - shown <= 3 * FRAME


def test_who_falls_asleep_decodes_no_more_than_before(clip: Clip) -> None:
    clip.play(3.0, AWAKE)
    before = clip.decoded
    assert [shown for _, shown in clip.play(6.0, ASLEEP)] == [4.0, 6.0, 8.0]
    assert clip.decoded - before == 3


def test_a_decoder_that_is_behind_goes_on_at_key_frames(clip: Clip) -> None:
    clip.play(2.5, AWAKE)
    clip.now += 3.0  # as if decoding had taken that long
    before = clip.decoded
    handed = clip.play(2.0, AWAKE)
    assert len(handed) == 1
    assert clip.decoded - before <= 2


def test_seldom_key_frames_do_not_make_it_blind(tmp_path: Path, clips: dict[str, Path]) -> None:
    clip = Clip(clips["h264"])
    clip.play(0.2, ASLEEP)
    packets = clip._packets
    clip._packets = (each for each in packets if not each.is_keyframe)
    handed = clip.play(12.0, ASLEEP)
    assert len(handed) >= 2
