"""Where a stream is, and who asks for it: in no text that anybody else gets to see."""

from dataclasses import dataclass, field
from urllib.parse import quote, urlsplit

SCHEMES = frozenset({"rtsp", "rtsps", "rtmp", "http", "https"})
_OF_STREAMS_ONLY = frozenset({"rtsp", "rtsps", "rtmp"})
_ENDINGS = (".m3u8", ".ts", ".flv")


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """A stream's address. `username` and `password` take the place of those that the URL has.

    `verify`: whether a certificate is checked.
    """

    url: str = field(repr=False)
    username: str = field(default="", repr=False)
    password: str = field(default="", repr=False)
    verify: bool = False

    @property
    def full(self) -> str:
        """The URL with the credentials in it, as players want it."""
        if not self.username:
            return self.url
        parts = urlsplit(self.url)
        host = parts.netloc.rpartition("@")[2]
        who = f"{quote(self.username, safe='')}:{quote(self.password, safe='')}"
        return parts._replace(netloc=f"{who}@{host}").geturl()


def is_streamable(url: str) -> bool:
    """Whether a stream may be at this address."""
    return _scheme(url) in SCHEMES


def is_surely_a_stream(url: str) -> bool:
    """Whether nothing but a stream can be at this address."""
    parts = urlsplit(url)
    return _scheme(url) in _OF_STREAMS_ONLY or parts.path.lower().endswith(_ENDINGS)


def _scheme(url: str) -> str:
    return urlsplit(url).scheme.lower()
