"""Addresses of streams, and what is in no text about them."""

import pytest
from camclassify_core.stream.stream_address import Address, is_streamable, is_surely_a_stream


@pytest.mark.parametrize(
    ("url", "full"),
    [
        ("rtsp://camera/sub", "rtsp://me:p%40ss%2Fw%3Ard@camera/sub"),
        ("rtsp://a:b@camera:554/sub?x=1", "rtsp://me:p%40ss%2Fw%3Ard@camera:554/sub?x=1"),
        ("rtsp://[fe80::1]:554/sub", "rtsp://me:p%40ss%2Fw%3Ard@[fe80::1]:554/sub"),
    ],
)
def test_a_players_address_has_the_credentials_quoted(url: str, full: str) -> None:
    assert Address(url=url, username="me", password="p@ss/w:rd").full == full


def test_an_address_without_a_user_stays_as_it_is() -> None:
    assert Address(url="rtsp://a:b%2F@camera/sub").full == "rtsp://a:b%2F@camera/sub"


def test_an_address_shows_nothing_of_itself() -> None:
    address = Address(url="rtsp://a:secret@camera/sub", username="me", password="secret")
    assert "secret" not in repr(address)
    assert "camera" not in repr(address)


@pytest.mark.parametrize(
    ("url", "streamable", "surely"),
    [
        ("rtsp://camera/", True, True),
        ("RTSPS://camera/", True, True),
        ("http://camera/live.m3u8?token=1", True, True),
        ("http://camera/stream.ts", True, True),
        ("http://camera/snapshot.jpg", True, False),
        ("file:///etc/passwd", False, False),
        ("concat:rtsp://camera/", False, False),
        ("/etc/passwd", False, False),
    ],
)
def test_which_addresses_may_and_must_be_streams(url: str, streamable: bool, surely: bool) -> None:
    assert (is_streamable(url), is_surely_a_stream(url)) == (streamable, surely)
