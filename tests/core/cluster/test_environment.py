"""The environment of Ray."""

import shlex
from pathlib import Path

import pytest
from camclassify_core.cluster.environment import Ingress, check_secret, make_secret, prepare
from camclassify_core.errors import CamClassifyError


def test_a_secret_is_for_its_owner_and_never_made_twice(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    make_secret(secret)
    assert secret.stat().st_mode & 0o777 == 0o600
    check_secret(secret)
    with pytest.raises(FileExistsError):
        make_secret(secret)


@pytest.mark.parametrize(
    ("content", "mode", "sentence"),
    [
        (b"a" * 64, 0o644, "chmod 600"),
        (b"short", 0o600, "too short"),
        (b"\xff" * 64, 0o600, "read"),
    ],
)
def test_what_is_no_secret_is_refused(
    tmp_path: Path, content: bytes, mode: int, sentence: str
) -> None:
    secret = tmp_path / "secret"
    secret.write_bytes(content)
    secret.chmod(mode)
    with pytest.raises(CamClassifyError, match=sentence):
        check_secret(secret)


def test_processes_of_ray_keep_to_the_folder_and_to_themselves(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    environment = prepare(tmp_path, secret, Ingress(host="127.0.0.1", port=8000), alone=True)
    assert environment["HOME"] == environment["RAY_TMPDIR"] == str(tmp_path)
    assert environment["RAY_AUTH_MODE"] == "token"
    assert environment["RAY_AUTH_TOKEN_PATH"] == str(secret)
    assert environment["RAY_USAGE_STATS_ENABLED"] == "0"
    assert "type: local" in (tmp_path / "ray_bootstrap_config.yaml").read_text()


def test_haproxy_is_told_where_to_listen(tmp_path: Path) -> None:
    ingress = Ingress(host="10.0.0.5", port=8443, certificate=tmp_path / "it's.pem")
    environment = prepare(tmp_path, tmp_path / "secret", ingress, alone=False)
    assert ingress.url == "https://10.0.0.5:8443"
    program = Path(environment["RAY_SERVE_HAPROXY_BINARY_PATH"])
    assert program.stat().st_mode & 0o777 == 0o700
    words = shlex.split(program.read_text().splitlines()[1])
    assert words[-3:] == ["10.0.0.5:8443", str(tmp_path / "it's.pem"), "$@"]
