"""A stream that is read by a real reader, from a real server."""

import asyncio
import logging
import os
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from time import monotonic

import av
import pytest
from camclassify_core.stream.live import Stream, StreamTrouble
from camclassify_core.stream.orders import Wish
from camclassify_core.stream.shared_frames import FrameReader
from camclassify_core.stream.stream_address import Address

from tests.rtsp_server import RtspServer, free_port

from .conftest import SIZES

AWAKE = Wish(awake=True, every=0.2)

type Open = Callable[..., Stream]


@pytest.fixture
async def opened() -> AsyncIterator[Open]:
    """Opens streams, and leaves no reader behind."""
    streams: list[Stream] = []

    def open_one(url: str, wish: Wish = AWAKE, **options: object) -> Stream:
        stream = Stream(Address(url=url, **options))  # type: ignore[arg-type]
        streams.append(stream)
        stream.want(wish)
        stream.start()
        return stream

    yield open_one
    readers = [each._process.pid for each in streams if each._process]
    for stream in streams:
        stream.close()
    await until(lambda: not any(map(is_running, readers)))


def is_running(pid: int) -> bool:
    return Path(f"/proc/{pid}").exists()


async def until(holds: Callable[[], object], seconds: float = 10.0) -> float:
    """Wait until something holds; return how long that took."""
    began = monotonic()
    while not holds():
        assert monotonic() - began < seconds, "it takes too long"
        await asyncio.sleep(0.02)
    return monotonic() - began


async def newest(stream: Stream) -> int:
    return (await stream.newer_than(stream.newest.number if stream.newest else 0)).number


@pytest.mark.parametrize("name", ["h264", "h265"])
async def test_frames_come_in_the_wanted_rate_and_are_new(
    server: RtspServer, opened: Open, name: str
) -> None:
    stream = opened(server.url(name))
    first = await newest(stream)
    began = monotonic()
    while monotonic() - began < 2.0:
        number = await newest(stream)
        assert stream.newest
        assert monotonic() - stream.newest.taken < 0.5
    assert 8 <= number - first <= 12
    found = FrameReader(stream.memory).newest()
    assert found.number >= number
    assert (found.frame.width, found.frame.height) == SIZES[name]
    assert len({bytes(plane) for plane, _ in found.frame.planes}) == 3


@pytest.mark.parametrize("name", ["camera.m3u8", "camera.ts"])
async def test_hls_and_mpeg_ts_are_read_over_http(
    clips: dict[str, Path], tmp_path: Path, opened: Open, name: str
) -> None:
    remux(clips["h264"], tmp_path / name)
    with file_server(tmp_path) as address:
        stream = opened(f"{address}/{name}")
        await newest(stream)
        found = FrameReader(stream.memory).newest().frame
    assert (found.width, found.height) == SIZES["h264"]


def remux(clip: Path, file: Path) -> None:
    """The same pictures in another container."""
    with av.open(str(clip)) as read, av.open(str(file), "w") as written:
        stream = written.add_stream_from_template(read.streams.video[0])
        for packet in read.demux(video=0):
            if packet.size:
                packet.stream = stream
                written.mux(packet)


@contextmanager
def file_server(folder: Path) -> Iterator[str]:
    """Serves the files of a folder; its address."""

    class Quiet(SimpleHTTPRequestHandler):
        def log_message(self, *_: object) -> None:
            """Say nothing."""

    handler = partial(Quiet, directory=str(folder))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


async def test_asleep_a_frame_comes_with_each_key_frame_and_at_once_when_woken(
    server: RtspServer, opened: Open
) -> None:
    stream = opened(server.url("h264"), Wish(awake=False, every=1.0))
    await newest(stream)
    began = monotonic()
    await newest(stream)
    await newest(stream)
    assert 2.0 < monotonic() - began < 4.5
    await asyncio.sleep(0.5)
    began = monotonic()
    stream.want(AWAKE)
    await newest(stream)
    assert monotonic() - began < 1.0


async def test_a_server_that_is_killed_is_noticed_and_its_return_too(
    clips: dict[str, Path], opened: Open
) -> None:
    server = RtspServer(clips)
    stream = opened(server.url("h264"))
    number = await newest(stream)
    server.kill()
    await until(lambda: stream.trouble, 2.0)
    await until(lambda: stream.trouble == "stream_refused", 3.0)
    with pytest.raises(StreamTrouble, match="stream_refused"):
        await stream.newer_than(number)
    with RtspServer(clips, port=server.port):
        await until(lambda: stream.trouble is None, 5.0)
        assert await newest(stream) > number


async def test_a_server_that_hangs_is_noticed_and_its_return_too(
    server: RtspServer, opened: Open
) -> None:
    returned: list[float] = []
    stream = Stream(Address(url=server.url("h264")), on_return=lambda: returned.append(monotonic()))
    stream.start()
    stream.want(AWAKE)
    await newest(stream)
    server.hang()
    assert await until(lambda: stream.trouble == "stream_stands_still", 4.5) > 2.5
    server.go_on()
    await until(lambda: stream.trouble is None, 5.0)
    assert len(returned) == 1
    stream.close()


async def test_a_server_that_returns_with_another_size_is_followed(
    clips: dict[str, Path], opened: Open
) -> None:
    server = RtspServer(clips)
    stream = opened(server.url("h264"))
    await newest(stream)
    server.kill()
    with RtspServer({"h264": clips["other-h264"]}, port=server.port):
        await until(
            lambda: stream.newest and (stream.newest.width, stream.newest.height) == (320, 180)
        )
    found = FrameReader(stream.memory).newest().frame
    assert (found.width, found.height) == (320, 180)


async def test_packets_that_get_lost_cost_frames_and_nothing_else(
    clips: dict[str, Path], opened: Open
) -> None:
    with RtspServer(clips, drop=0.02) as lossy:
        stream = opened(lossy.url("h264"))
        first = await newest(stream)
        await asyncio.sleep(4.5)
        assert stream.trouble is None
        assert await newest(stream) - first >= 3


async def test_credentials_are_asked_for_and_in_no_argument_and_no_log(
    clips: dict[str, Path], opened: Open, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    with RtspServer(clips, user="me:s3cret") as server:
        url = server.url("h264")
        wrong = opened(url, username="me", password="wr0ng")
        await until(lambda: wrong.trouble == "invalid_auth")
        right = opened(url.replace("://", "://me:old@"), username="me", password="s3cret")
        await newest(right)
        assert right._process
        command = Path(f"/proc/{right._process.pid}/cmdline").read_bytes()
        environment = Path(f"/proc/{right._process.pid}/environ").read_bytes()
        assert b"s3cret" not in command + environment
    await until(lambda: right.trouble)
    await asyncio.sleep(0.3)
    assert "s3cret" not in caplog.text
    assert "wr0ng" not in caplog.text


@pytest.mark.parametrize(
    ("path", "trouble"), [("/nothing", "stream_not_found"), ("", "stream_not_found")]
)
async def test_what_is_wrong_is_named(
    server: RtspServer, opened: Open, path: str, trouble: str
) -> None:
    stream = opened(server.url("h264").rsplit("/", 1)[0] + path)
    await until(lambda: stream.trouble == trouble)


async def test_no_file_is_opened_for_who_asks(opened: Open, clips: dict[str, Path]) -> None:
    stream = opened(f"file://{clips['h264']}")
    await until(lambda: stream.trouble)
    assert stream.newest is None


async def test_a_reader_that_ends_is_started_again(server: RtspServer, opened: Open) -> None:
    stream = opened(server.url("h264"))
    number = await newest(stream)
    reader = stream._process
    assert reader
    reader.kill()
    await until(lambda: stream._process and stream._process is not reader)
    await until(lambda: stream.trouble is None)
    assert await newest(stream) > number


async def test_a_reader_ends_by_itself_when_its_peer_does(server: RtspServer) -> None:
    program = (
        "import asyncio, sys\n"
        "from camclassify_core.stream.live import Stream\n"
        "from camclassify_core.stream.stream_address import Address\n"
        "async def main():\n"
        "    stream = Stream(Address(url=sys.argv[1]))\n"
        "    stream.start()\n"
        "    await stream.newer_than(0)\n"
        "    print(stream._process.pid, flush=True)\n"
        "    await asyncio.sleep(60)\n"
        "asyncio.run(main())\n"
    )
    peer = await asyncio.create_subprocess_exec(
        sys.executable, "-c", program, server.url("h264"), stdout=asyncio.subprocess.PIPE
    )
    assert peer.stdout
    reader = int(await peer.stdout.readline())
    assert is_running(reader)
    peer.kill()
    await peer.wait()
    await until(lambda: not is_running(reader), 3.0)


async def test_a_reader_may_connect_and_do_nothing_else(server: RtspServer, opened: Open) -> None:
    stream = opened(server.url("h264"))
    await newest(stream)
    assert stream._process
    status = Path(f"/proc/{stream._process.pid}/status").read_text()
    assert "NoNewPrivs:\t1" in status
    assert "Seccomp:\t2" in status


async def test_nothing_is_left_of_a_stream_that_was_closed(server: RtspServer) -> None:
    before = len(os.listdir("/proc/self/fd"))
    for _ in range(3):
        stream = Stream(Address(url=server.url("h264")))
        stream.start()
        await stream.newer_than(0)
        assert stream._process
        reader = stream._process.pid
        stream.close()
        while is_running(reader):
            await asyncio.sleep(0.02)
        with pytest.raises(StreamTrouble, match="stream_ended"):
            await stream.newer_than(0)
    await asyncio.sleep(0.1)
    assert len(os.listdir("/proc/self/fd")) <= before


async def test_without_pyav_that_is_what_is_told(opened: Open, tmp_path: Path) -> None:
    (tmp_path / "av.py").write_text("raise ImportError\n")
    stream = Stream(
        Address(url=f"rtsp://127.0.0.1:{free_port()}/"),
        command=(
            sys.executable,
            "-c",
            f"import sys; sys.path.insert(0, {str(tmp_path)!r})\n"
            "from camclassify_core.stream.reading import run; run()",
        ),
    )
    stream.start()
    await until(lambda: stream.trouble == "stream_support_missing")
    stream.close()


@pytest.mark.parametrize(
    "says", ["nonsense", '{"frame": "x"}', "[]", '{"trouble": "rtsp://secret"}']
)
async def test_a_reader_that_talks_nonsense_is_not_believed(says: str) -> None:
    stream = Stream(
        Address(url="rtsp://127.0.0.1/"),
        command=("/bin/sh", "-c", f"echo '{says}'; sleep 10"),
    )
    stream.start()
    await until(lambda: stream.trouble in ("stream_ended", "stream_unreadable"), 3.0)
    assert stream.newest is None
    stream.close()
