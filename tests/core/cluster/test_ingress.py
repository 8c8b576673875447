"""What becomes of the configuration that Ray writes for HAProxy."""

from pathlib import Path

import pytest
from camclassify_core.cluster.ingress import UNAVAILABLE, closed

PAGE = Path("/folder/503.http")
CONFIGURATION = """\
global
    # Access/event log.
    log 127.0.0.1:514 local0 info
    stats socket /folder/admin mode 666 level admin expose-fd listeners
    maxconn 4096
defaults
    mode http
    log global
    errorfile 502 /folder/500.http
    errorfile 503 /folder/500.http
    errorfile 504 /folder/500.http
frontend prometheus
    bind :9101
    mode http
    no log
frontend http_frontend
    bind *:8000
    default_backend default_backend
backend default_backend
    http-request return status 404 content-type text/plain lf-string "Path '%[path]' not found."
listen stats
  bind *:8404
  stats enable
"""


def test_it_listens_where_it_was_told_and_nowhere_else() -> None:
    text = closed(CONFIGURATION, "127.0.0.1:8123", "", PAGE)
    binds = [line.strip() for line in text.splitlines() if line.strip().startswith("bind")]
    assert binds == ["bind 127.0.0.1:8123"]
    assert "    default_backend default_backend\nbackend default_backend\n" in text


def test_with_a_certificate_it_encrypts() -> None:
    text = closed(CONFIGURATION, "0.0.0.0:8443", "/folder/certificate.pem", PAGE)
    assert "    bind 0.0.0.0:8443 ssl crt /folder/certificate.pem alpn http/1.1\n" in text


def test_only_its_owner_administrates_it_and_it_logs_to_nobody() -> None:
    text = closed(CONFIGURATION, "127.0.0.1:8123", "", PAGE)
    assert "mode 600 level admin" in text
    assert "mode 666" not in text
    assert "log 127" not in text
    assert "log global" not in text


def test_what_it_cannot_answer_is_unavailable() -> None:
    text = closed(CONFIGURATION, "127.0.0.1:8123", "", PAGE)
    assert text.count(f" {PAGE}\n") == 3
    assert "http-request return status 503 hdr X-CamClassify-Error EngineUnavailable" in text
    assert r'string "{\"error\": \"The cluster' in text
    assert "404" not in text
    head, _, body = UNAVAILABLE.partition("\r\n\r\n")
    assert f"content-length: {len(body)}" in head
    assert "x-camclassify-error: EngineUnavailable" in head


def test_what_is_closed_stays_as_it_is() -> None:
    text = closed(CONFIGURATION, "127.0.0.1:8123", "", PAGE)
    assert closed(text, "127.0.0.1:8123", "", PAGE) == text


@pytest.mark.parametrize("unlike", ["", CONFIGURATION.replace("listen stats", "listen more")])
def test_what_is_unlike_rays_is_not_let_loose(unlike: str) -> None:
    with pytest.raises(ValueError, match=r"as Ray 2\.60 writes it"):
        closed(unlike, "127.0.0.1:8123", "", PAGE)
