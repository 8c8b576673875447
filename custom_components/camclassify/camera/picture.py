"""What a camera delivered: a picture, or why there is none."""

import re

from camclassify_core import MAX_SNAPSHOT_BYTES

from ..picture_formats import find_picture, refused_format
from ..user_errors import TranslatedError

_PAGE = re.compile(rb"\s*(<!doctype|<html|<head|<body|<\?xml)", re.IGNORECASE)
_USER = re.compile(r"(?<=://)[^/\s]*@")
_QUERY = re.compile(r"(\w+://[^\s?]*)\?[^\s'\")]*")
_SHOWN = 120  # characters of a text that came instead of a picture


class SnapshotUnavailable(TranslatedError):
    """A camera delivered no picture; its reason says why."""


class CameraAway(SnapshotUnavailable):
    """Nobody listens at a camera's address, as while it restarts."""


class EngineAway(SnapshotUnavailable):
    """There is a picture, but no answer about it, as while the engine restarts or has too much to do."""


def checked_picture(content: bytes) -> bytes:
    """Return a picture without what comes before it. Raises SnapshotUnavailable if it is none."""
    if len(content) > MAX_SNAPSHOT_BYTES:
        raise too_large()
    picture = find_picture(content)
    if name := refused_format(content if picture is None else picture):
        raise SnapshotUnavailable("other_format", format=name)
    if picture is None:
        raise _refusal(content)
    return picture


def too_large() -> SnapshotUnavailable:
    """Return what to raise for more than a picture may have."""
    return SnapshotUnavailable("too_large", limit=str(MAX_SNAPSHOT_BYTES // 1_000_000))


def without_secrets(text: str) -> str:
    """Leave out of the addresses in a text what may be a password: the user's part and the query."""
    return _QUERY.sub(r"\1", _USER.sub("", text))


def _refusal(content: bytes) -> SnapshotUnavailable:
    """Name what came instead of a picture."""
    if not content.strip():
        return SnapshotUnavailable("empty_answer")
    if _PAGE.match(content):
        return SnapshotUnavailable("web_page")
    try:
        text = content[:4096].decode("utf-8", "strict" if len(content) <= 4096 else "ignore")
    except UnicodeDecodeError:
        return SnapshotUnavailable("not_a_picture")
    words = " ".join(text.split())
    if not words.isprintable():
        return SnapshotUnavailable("not_a_picture")
    return SnapshotUnavailable("text_answer", text=without_secrets(words)[:_SHOWN])
