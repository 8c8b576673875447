"""What the reader of a stream does: it connects, decodes what is wanted, and shares the newest frame.

On standard input it is told, a line of JSON each, first where the stream is, then what is wanted of it; it
ends when that closes. On standard output it tells, a line each, of its frames and its trouble, in words
that name no address. Its only argument is the descriptor of the memory for frames (`shared_frames.py`).
"""

import json
import os
import sys
from dataclasses import dataclass
from gc import collect
from threading import Lock, Thread
from time import monotonic, process_time, sleep
from typing import TYPE_CHECKING, Any

from camclassify_core.errors import CamClassifyError
from camclassify_core.frame import Frame, Matrix

from .orders import Wish
from .repeats import Repeats
from .shared_frames import FrameWriter
from .sparing_decoder import SparingDecoder
from .stream_address import Address

if TYPE_CHECKING:
    from av import Packet, VideoFrame, VideoStream
    from av.container import InputContainer

_NICENESS = 5
_OPEN_TIMEOUT, _READ_TIMEOUT = 5.0, 3.0
_SEGMENT_TIMEOUT = 8.0  # of what comes in pieces of some seconds each
_SIGN_OF_LIFE = 3.0
_FIRST_PAUSE, _LONGEST_PAUSE = 0.25, 2.0
_MOST_FAULTS = 50  # packets in a row that nothing can be made of
# FFmpeg would open a file or start a program for who asks in the right way.
_PROTOCOLS = "tcp,tls,udp,rtp,rtsp,rtsps,rtmp,http,https,httpproxy,hls,crypto,data"
_FORMATS = "rtsp,rtp,sdp,hls,mpegts,mov,mp4,flv,live_flv,matroska,webm,mpjpeg,h264,hevc,aac,mp3"
_AS_DECODED = {"yuv420p": True, "yuvj420p": True, "yuv422p": False, "yuvj422p": False}
_FULL_RANGE = 2  # of FFmpeg's AVCOL_RANGE
_saying = Lock()
_BT709, _BT601 = (1,), (4, 5, 6)  # of AVCOL_SPC


class Trouble(Exception):
    """Why there are no frames: its only argument is the word that `live.py` passes on."""


@dataclass(slots=True)
class _Orders:
    """What the other end wants; read anew for each packet."""

    wish: Wish


def run() -> None:
    """Reads a stream until standard input closes."""
    os.nice(_NICENESS)
    memory = int(sys.argv[1])
    first = sys.stdin.readline()
    if not first:
        return
    address = Address(**json.loads(first))
    orders = _Orders(Wish())
    Thread(target=_take_orders, args=(orders,), daemon=True).start()
    frames = FrameWriter(memory)
    try:
        _confine()
        import av
    except ImportError:
        while True:
            _say(trouble="stream_support_missing")
            sleep(_SIGN_OF_LIFE)
    av.logging.set_level(None)
    pause = _FIRST_PAUSE
    while True:
        before = frames.number
        _play(address, orders, frames)
        collect()  # what held the frames of that connection, and they are large
        if frames.number > before:
            pause = _FIRST_PAUSE
        sleep(pause)
        pause = min(2 * pause, _LONGEST_PAUSE)


def _confine() -> None:
    """Gives up what reading does not need, where the core can be loaded."""
    try:
        from camclassify_core.native import core
    except CamClassifyError:
        return
    core.confine(may_connect=True)


def _take_orders(orders: _Orders) -> None:
    for line in sys.stdin:
        orders.wish = Wish(**json.loads(line))
    os._exit(0)  # the other end is gone; whatever native code does now is in vain


def _say(**words: Any) -> None:
    try:
        with _saying:
            sys.stdout.write(json.dumps(words) + "\n")
            sys.stdout.flush()
    except BrokenPipeError:
        os._exit(0)


def _play(address: Address, orders: _Orders, frames: FrameWriter) -> None:
    """Reads the stream once from beginning to end, and tells what ended it."""
    import av

    is_segmented = address.url.lower().startswith("http")
    patience = _SEGMENT_TIMEOUT if is_segmented else _READ_TIMEOUT
    container = None
    try:
        container = av.open(
            address.full,
            options=_options(address),
            timeout=(_OPEN_TIMEOUT, patience),
        )
        _follow(container, orders, frames, patience)
        _say(trouble="stream_ended")
    except Exception as error:
        _say(trouble=_trouble(error, is_open=container is not None), because=type(error).__name__)
    finally:
        if container:
            container.close()  # which may wait for the camera once more


def _trouble(error: Exception, *, is_open: bool) -> str:
    """The word for an error, whose own words may have the password in them."""
    import av

    match error:
        case Trouble():
            return str(error)
        case av.error.HTTPUnauthorizedError() | av.error.HTTPForbiddenError():
            return "invalid_auth"
        case av.error.HTTPError() | av.error.HTTPClientError():
            return "stream_not_found"
        case av.error.ConnectionRefusedError():
            return "stream_refused"
        case av.error.ExitError() | av.error.TimeoutError():
            return "stream_stands_still" if is_open else "camera_timeout"
        case av.error.InvalidDataError():
            return "stream_unreadable"
    return "stream_ended" if is_open else "stream_unreachable"


def _options(address: Address) -> dict[str, str]:
    options = {
        "protocol_whitelist": _PROTOCOLS,
        "format_whitelist": _FORMATS,
        "tls_verify": str(int(address.verify)),
        "analyzeduration": "1000000",
        "fpsprobesize": "0",
    }
    if address.url.lower().startswith("rtsp"):
        options |= {"rtsp_transport": "tcp", "allowed_media_types": "video"}
    return options


def _follow(
    container: InputContainer, orders: _Orders, frames: FrameWriter, patience: float
) -> None:
    import av

    if not container.streams.video:
        raise Trouble("stream_without_video")
    stream = container.streams.video[0]
    codec = stream.codec_context
    codec.thread_count = 1  # several would each hold a frame back
    decoder, repeats = SparingDecoder(codec), Repeats()
    faults, said_at = 0, monotonic()
    heard_at = said_at
    for packet in container.demux(stream):
        now = monotonic()
        # Who stopped waiting is given what was held back of the last packet.
        if now - heard_at >= patience:
            raise Trouble("stream_stands_still")
        heard_at = now
        if not packet.size:  # the end
            break
        if now - said_at > _SIGN_OF_LIFE:
            _say()
            said_at = now
        if packet.is_keyframe and repeats.note(packet, now):
            raise Trouble("stream_loops")
        try:
            found = decoder.feed(packet, now, orders.wish)
        except av.FFmpegError:
            decoder.give_up()
            faults += 1
            if faults > _MOST_FAULTS:
                raise Trouble("stream_unreadable") from None
            continue
        if found is None:
            continue
        faults = 0
        decoded, taken = found
        _share(decoded, taken, packet, frames)


def _share(
    decoded: VideoFrame, taken: float, packet: Packet[VideoStream], frames: FrameWriter
) -> None:
    try:
        number = frames.put(_frame(decoded), taken)
    except CamClassifyError:
        raise Trouble("stream_too_large") from None
    _say(
        frame=number,
        taken=taken,
        width=decoded.width,
        height=decoded.height,
        cpu=process_time(),
    )


def _frame(decoded: VideoFrame) -> Frame:
    if decoded.format.name not in _AS_DECODED:
        decoded = decoded.reformat(format="yuv420p")
    luma, blue, red = decoded.planes
    space = int(decoded.colorspace)
    # Where the stream does not say it, what players take it for.
    is_709 = space in _BT709 or (space not in _BT601 and decoded.height >= 720)
    return Frame(
        width=decoded.width,
        height=decoded.height,
        planes=((luma, luma.line_size), (blue, blue.line_size), (red, red.line_size)),
        full_range=decoded.format.name.startswith("yuvj") or decoded.color_range == _FULL_RANGE,
        matrix=Matrix.BT709 if is_709 else Matrix.BT601,
        halved_rows=_AS_DECODED[decoded.format.name],
    )
