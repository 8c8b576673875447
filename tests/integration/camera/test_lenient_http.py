"""Whatever a server sends: a head is read or refused, and no piece of a stream depends on how it arrives."""

import asyncio
from itertools import pairwise

import aiohttp
import pytest
from camclassify_core import MAX_SNAPSHOT_BYTES
from hypothesis import given
from hypothesis import strategies as st

from custom_components.camclassify.camera.credentials import Credentials, challenges
from custom_components.camclassify.camera.lenient_http import Head, LenientAnswer
from custom_components.camclassify.camera.motion_jpeg import Parts
from custom_components.camclassify.camera.picture import SnapshotUnavailable

BITS = st.sampled_from(
    [b"HTTP/1.1 200 OK", b"\r\n", b"\n", b"Content-Length: 5", b": ", b"-", b"--x", b"0", b"\xff"]
)
FOUL = st.one_of(st.binary(max_size=200), st.lists(BITS, max_size=20).map(b"".join))


def pieces(data: bytes, cuts: list[int]) -> list[bytes]:
    """Cut bytes into pieces."""
    places = sorted({0, len(data), *(cut % (len(data) + 1) for cut in cuts)})
    return [data[start:end] for start, end in pairwise(places)]


async def read(sent: list[bytes], head: Head) -> bytes:
    """Read a body that arrives in pieces."""
    reader = asyncio.StreamReader(limit=2**16)
    for piece in sent:
        reader.feed_data(piece)
    reader.feed_eof()
    return b"".join([piece async for piece in LenientAnswer(head, reader, 1.0).body()])


@given(FOUL)
def test_a_foul_head_is_read_or_refused(text: bytes) -> None:
    head = Head.of(text)
    if head is not None:
        assert 0 <= head.status <= 999
        assert head.length is None or head.length >= 0
        assert all(name == name.lower() and "\n" not in value for name, value in head.headers)


def test_what_of_a_head_is_a_header_is_kept() -> None:
    head = Head.of(b"ICY 200\nContent-Type:image/jpeg \nTue, 12 Jun 2012 01:56:34 GMT\r\nA: b: c")
    assert head == Head(200, (("content-type", "image/jpeg"), ("a", "b: c")))


@given(FOUL, st.sampled_from([(), (("transfer-encoding", "chunked"),), (("content-length", "9"),)]))
def test_a_foul_body_is_read_or_refused(body: bytes, headers: tuple[tuple[str, str], ...]) -> None:
    try:
        found = asyncio.run(read([body], Head(200, headers)))
    except aiohttp.ClientPayloadError:
        return
    assert len(found) <= len(body)


@given(st.lists(st.binary(min_size=1, max_size=50), max_size=5), st.lists(st.integers(0, 999)))
def test_a_body_in_chunks_is_put_together(parts: list[bytes], cuts: list[int]) -> None:
    sent = b"".join(b"%x\r\n%b\r\n" % (len(part), part) for part in parts) + b"0\r\n\r\n"
    head = Head(200, (("transfer-encoding", "chunked"),))
    assert asyncio.run(read(pieces(sent, cuts), head)) == b"".join(parts)


def test_a_chunk_that_ends_too_early_is_an_error() -> None:
    head = Head(200, (("transfer-encoding", "chunked"),))
    with pytest.raises(aiohttp.ClientPayloadError):
        asyncio.run(read([b"7\r\nabc"], head))


@given(
    st.lists(st.binary(min_size=1, max_size=60).filter(lambda part: b"--" not in part), max_size=6),
    st.lists(st.integers(0, 999)),
    st.booleans(),
)
def test_parts_are_the_same_however_they_arrive(
    pictures: list[bytes], cuts: list[int], with_length: bool
) -> None:
    marked = [b"\xff\xd8" + picture + b"\xff\xd9" for picture in pictures]
    sent = b"".join(
        b"--frame\r\nContent-Type: image/jpeg\r\n"
        + (b"Content-Length: %d\r\n" % len(part) if with_length else b"")
        + b"\r\n%b\r\n" % part
        for part in marked
    )
    parts = Parts("multipart/x-mixed-replace; boundary=frame")
    found = [part for piece in pieces(sent + b"--frame--", cuts) for part in parts.feed(piece)]
    assert found == marked


@given(st.lists(FOUL, max_size=20))
def test_a_foul_stream_holds_no_more_than_it_was_sent(sent: list[bytes]) -> None:
    parts = Parts('multipart/mixed; boundary="x"')
    found = [part for piece in sent for part in parts.feed(piece)]
    assert sum(map(len, found)) <= sum(map(len, sent))


def test_a_length_that_is_told_wrong_does_no_harm() -> None:
    parts = Parts("multipart/x-mixed-replace; boundary=frame")
    long = b"--frame\r\nContent-Length: 99\r\n\r\nfirst\r\n"
    short = b"--frame\r\nContent-Length: 2\r\n\r\nsecond\r\n"
    found = parts.feed(long + short + long + b"--frame\r\n")
    assert found == [b"first", b"se", b"first"]


def test_a_part_without_an_end_is_refused_in_time() -> None:
    parts = Parts("multipart/x-mixed-replace; boundary=frame")
    parts.feed(b"--frame\r\n\r\n" + bytes(MAX_SNAPSHOT_BYTES))
    with pytest.raises(SnapshotUnavailable):
        parts.feed(bytes(2**20))


@given(
    st.lists(st.one_of(st.text(max_size=100), st.text('Digest=," ab-', max_size=60)), max_size=3)
)
def test_foul_challenges_are_answered_or_not(headers: list[str]) -> None:
    credentials = Credentials({"authentication": "digest", "username": "me", "password": "secret"})
    assert all(each.scheme for each in challenges(headers))
    if credentials.has_new_answer(headers):
        answer = credentials.authorization("GET", "/")
        assert answer is not None
        assert "secret" not in answer


@pytest.mark.parametrize(
    ("challenge", "response"),
    [
        ('algorithm=MD5, qop="auth, auth-int"', "8ca523f5e9506fed4657c9700eebdbec"),
        (
            'algorithm=SHA-256, qop="auth, auth-int"',
            "753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1",
        ),
    ],
    ids=["MD5", "SHA-256"],
)
def test_the_examples_of_rfc_7616(
    monkeypatch: pytest.MonkeyPatch, challenge: str, response: str
) -> None:
    monkeypatch.setattr(
        "custom_components.camclassify.camera.credentials.token_hex",
        lambda _: "f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ",
    )
    credentials = Credentials(
        {"authentication": "digest", "username": "Mufasa", "password": "Circle of Life"}
    )
    nonce = "7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v"
    realm = "http-auth@example.org"
    assert credentials.has_new_answer([f'Digest realm="{realm}", nonce="{nonce}", {challenge}'])
    answer = credentials.authorization("GET", "/dir/index.html")
    assert answer is not None
    assert f'response="{response}"' in answer
