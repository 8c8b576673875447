"""A user name and a password, shown to a web server the way it asks for them (RFC 7616 and 7617)."""

import hashlib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from secrets import token_hex
from typing import Final

import aiohttp
from homeassistant.const import (
    CONF_PASSWORD,
    CONF_USERNAME,
    HTTP_BASIC_AUTHENTICATION,
    HTTP_DIGEST_AUTHENTICATION,
)

from ..const import CONF_AUTHENTICATION

_WORD = r"([\w-]{1,40})"
_PARAMETER = re.compile(
    rf'(?:{_WORD}[ \t]+)?{_WORD}[ \t]*=[ \t]*(?:"((?:[^"\\]|\\.)*)"|([^\s,"]*))'
)
_QUOTED = re.compile(r'"(?:[^"\\]|\\.)*"')
_ALONE = re.compile(rf"(?:^|,)[ \t]*{_WORD}[ \t]*(?=,|$)")
_HASHES: Final = {
    "MD5": "md5",
    "SHA": "sha1",
    "SHA-256": "sha256",
    "SHA-512": "sha512",
    "SHA-512-256": "sha512_256",
}
_LONGEST = 4096  # characters of a header that are read


@dataclass(slots=True)
class Challenge:
    """What a server asks for: a scheme, in lower case, with its parameters."""

    scheme: str
    parameters: dict[str, str] = field(default_factory=dict)

    @property
    def algorithm(self) -> str:
        """Its hash function, in upper case; without the session that it may be for."""
        return self.parameters.get("algorithm", "MD5").upper().removesuffix("-SESS")

    @property
    def is_answerable(self) -> bool:
        """Whether it is a digest that can be computed here."""
        has_all = self.parameters.get("nonce") and "realm" in self.parameters
        return bool(has_all) and self.scheme == "digest" and self.algorithm in _HASHES


def challenges(headers: Iterable[str]) -> list[Challenge]:
    """Read `WWW-Authenticate` headers; each may hold several challenges."""
    found: list[Challenge] = []
    for header in headers:
        text = header[:_LONGEST]
        for scheme, name, quoted, plain in _PARAMETER.findall(text):
            if scheme:
                found.append(Challenge(scheme.lower()))
            if found:
                value = re.sub(r"\\(.)", r"\1", quoted) or plain
                found[-1].parameters.setdefault(name.lower(), value)
        found += [Challenge(scheme.lower()) for scheme in _ALONE.findall(_QUOTED.sub("", text))]
    return found


class Credentials:
    """Makes the `Authorization` of each request to one server. `data`: a camera's subentry."""

    def __init__(self, data: Mapping[str, str]) -> None:
        """Know of no challenge yet."""
        self._scheme = data.get(CONF_AUTHENTICATION)
        self._username, self._password = data.get(CONF_USERNAME, ""), data.get(CONF_PASSWORD, "")
        self._challenge: Challenge | None = None
        self._count = 0  # of the requests that used the challenge's nonce
        self._nonces_last = True

    def authorization(self, method: str, target: str) -> str | None:
        """Return the header of the next request; `target` is what its first line asks for."""
        if self._challenge:
            self._count += 1
            return self._digest(self._challenge, method, target)
        if self._scheme == HTTP_BASIC_AUTHENTICATION:
            return aiohttp.encode_basic_auth(self._username, self._password)
        return None

    def has_new_answer(self, headers: Iterable[str]) -> bool:
        """Take in why the last request was refused; tell whether another one may do better.

        `headers`: what the server challenged with.
        """
        if self._scheme not in (HTTP_BASIC_AUTHENTICATION, HTTP_DIGEST_AUTHENTICATION):
            return False
        used, count = self._challenge, self._count
        self._challenge, self._count = None, 0
        offered = challenges(headers)
        fresh = next((each for each in offered if each.is_answerable), None)
        was_reused = used is not None and count > 1
        if count == 2:  # an older one may have expired
            self._nonces_last = False
        if fresh is None:  # some refuse a nonce that was used without offering another one
            return was_reused
        if self._scheme == HTTP_BASIC_AUTHENTICATION and any(
            each.scheme == "basic" for each in offered
        ):
            return False
        is_stale = fresh.parameters.get("stale", "").lower() == "true"
        if used is not None and not was_reused and not is_stale:
            return False
        self._challenge = fresh
        return True

    def note_accepted(self) -> None:
        """Use the nonce again, unless this server takes each only once."""
        if not self._nonces_last:
            self._challenge, self._count = None, 0

    def _digest(self, challenge: Challenge, method: str, target: str) -> str:
        given = challenge.parameters
        name = given.get("algorithm")

        def digest(*parts: str) -> str:
            text = ":".join(parts).encode()
            return hashlib.new(
                _HASHES[challenge.algorithm], text, usedforsecurity=False
            ).hexdigest()

        cnonce, count = token_hex(8), f"{self._count:08x}"
        secret = digest(self._username, given["realm"], self._password)
        if name and name.upper().endswith("-SESS"):
            secret = digest(secret, given["nonce"], cnonce)
        offered = {each.strip().lower() for each in given.get("qop", "").split(",")}
        asked = digest(method, target)
        quality = "auth" if "auth" in offered else ""
        if not quality and "auth-int" in offered:
            quality, asked = "auth-int", digest(method, target, digest(""))
        use = (count, cnonce, quality) if quality else ()
        fields = {
            "username": _quoted(self._username),
            "realm": _quoted(given["realm"]),
            "nonce": _quoted(given["nonce"]),
            "uri": _quoted(target),
            "response": _quoted(digest(secret, given["nonce"], *use, asked)),
        }
        if name:
            fields["algorithm"] = name
        if "opaque" in given:
            fields["opaque"] = _quoted(given["opaque"])
        if quality:
            fields |= {"qop": quality, "nc": count, "cnonce": _quoted(cnonce)}
        return "Digest " + ", ".join(f"{key}={value}" for key, value in fields.items())


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
