"""The homes that a server answers: their tokens, hashed, and what each may ask."""

import json
import os
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from hashlib import sha256
from hmac import compare_digest
from pathlib import Path
from re import fullmatch
from secrets import token_urlsafe
from typing import Any

from camclassify_core.errors import CamClassifyError, Unauthorized
from camclassify_core.strict_json import json_object

_NAME = r"[a-z0-9][a-z0-9_-]{0,62}"
_HASH = r"[0-9a-f]{64}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What a home may ask: megabytes of a request, requests a second, cameras."""

    megabytes: int = 8
    requests_per_second: int = 100
    cameras: int = 64


@dataclass(frozen=True, slots=True, kw_only=True)
class Home:
    """A home, which is known by its token; the one without a name is whoever reaches the server."""

    name: str = ""
    token_sha256: str = field(default="", repr=False)
    limits: Limits = Limits()


ONLY_HOME = Home(limits=Limits(megabytes=32, requests_per_second=1000, cameras=256))


class Homes:
    """Tells whose token it is. Without any home, everybody is at home, without a token."""

    def __init__(self, homes: Iterable[Home] = ()) -> None:
        self._homes = tuple(homes)

    def of(self, authorization: str | None) -> Home:
        """The home whose token is in the header. Raises `Unauthorized`.

        How long that takes tells nothing: a token is as random as its hash, and all are compared.
        """
        if not self._homes:
            return ONLY_HOME
        scheme, _, token = (authorization or "").partition(" ")
        hashed = hash_of(token.strip())
        (*found,) = (each for each in self._homes if compare_digest(each.token_sha256, hashed))
        if scheme.lower() != "bearer" or not found:
            raise Unauthorized(
                "There is no home with this token: send Authorization: Bearer TOKEN."
            )
        return found[0]


def hash_of(token: str) -> str:
    """What is kept of a token. It is random, so that there is nothing to guess: one SHA-256 is enough."""
    return sha256(token.encode()).hexdigest()


def new_home(name: str, limits: Limits) -> tuple[Home, str]:
    """A home, and its token, which is kept nowhere. Raises `CamClassifyError` for a name that is none."""
    _check_name(name)
    token = token_urlsafe(32)
    return Home(name=name, token_sha256=hash_of(token), limits=limits), token


def read_homes(file: Path) -> dict[str, Home]:
    """Those in a file, by their names. Raises `CamClassifyError` and `OSError`."""
    mode = file.stat().st_mode
    if mode & 0o077:
        raise CamClassifyError(f"{file} can be read by others: run chmod 600 {file}")
    try:
        homes = json_object(file.read_bytes())["homes"]
        return {name: _home(name, said) for name, said in homes.items()}
    except (AttributeError, LookupError, TypeError, ValueError) as error:
        raise CamClassifyError(f"{file} is no file of homes: {error}") from error


def write_homes(file: Path, homes: Mapping[str, Home]) -> None:
    """Replaces the file, which nobody else can read, as a whole. Raises `OSError`."""
    said = {
        name: {"token_sha256": home.token_sha256, **asdict(home.limits)}
        for name, home in homes.items()
    }
    fresh = file.with_name(f".{file.name}.new")
    with suppress(FileNotFoundError):
        fresh.unlink()
    with open(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as opened:
        opened.write(json.dumps({"homes": said}, indent=1) + "\n")
        opened.flush()
        os.fsync(opened.fileno())
    fresh.replace(file)


def _home(name: str, said: dict[str, Any]) -> Home:
    _check_name(name)
    limits = {key: value for key, value in said.items() if key != "token_sha256"}
    if not fullmatch(_HASH, said["token_sha256"]):
        raise ValueError(f"the token_sha256 of {name} is none")
    if not all(type(each) is int and each > 0 for each in limits.values()):
        raise ValueError(f"the limits of {name} are not all whole numbers of at least 1")
    return Home(name=name, token_sha256=said["token_sha256"], limits=Limits(**limits))


def _check_name(name: str) -> None:
    if not fullmatch(_NAME, name):
        raise CamClassifyError(
            f"{name!r} is no name of a home: use up to 63 of a-z, 0-9, - and _, a letter or digit first"
        )
