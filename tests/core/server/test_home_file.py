"""Homes and their tokens, which are kept hashed."""

import json
import os
from pathlib import Path

import pytest
from camclassify_core.cli import main
from camclassify_core.errors import CamClassifyError, Unauthorized
from camclassify_core.server.home_file import (
    ONLY_HOME,
    Home,
    Homes,
    Limits,
    hash_of,
    new_home,
    read_homes,
    write_homes,
)


def test_a_file_holds_what_was_written_and_no_token(tmp_path: Path) -> None:
    file = tmp_path / "homes.json"
    (school, token), (park, _) = (
        new_home("school", Limits(cameras=120)),
        new_home("park-2_b", Limits()),
    )
    before = os.umask(0)
    try:
        write_homes(file, {"school": school, "park-2_b": park})
    finally:
        os.umask(before)
    assert read_homes(file) == {"school": school, "park-2_b": park}
    assert file.stat().st_mode & 0o777 == 0o600
    assert token not in file.read_text()
    assert os.listdir(tmp_path) == ["homes.json"]


def test_a_home_is_known_by_its_token_alone() -> None:
    (school, token), (park, other) = new_home("school", Limits()), new_home("park", Limits())
    homes = Homes([school, park])
    assert homes.of(f"Bearer {token}") == school
    assert homes.of(f"bearer  {other}") == park
    for wrong in (None, "", "Bearer", "Bearer ", f"Basic {token}", token, f"Bearer {token}x"):
        with pytest.raises(Unauthorized):
            homes.of(wrong)
    with pytest.raises(Unauthorized):
        homes.of(f"Bearer {school.token_sha256}")


def test_without_homes_everybody_is_at_home() -> None:
    assert Homes().of(None) == ONLY_HOME


def test_tokens_are_long_and_no_two_are_the_same() -> None:
    tokens = {new_home("school", Limits())[1] for _ in range(100)}
    assert len(tokens) == 100
    assert min(map(len, tokens)) >= 43  # 256 random bits


def test_nothing_that_is_printed_holds_what_is_kept_of_a_token() -> None:
    home, token = new_home("school", Limits())
    assert home.token_sha256 not in repr(home)
    assert home.token_sha256 == hash_of(token)


@pytest.mark.parametrize(
    "name", ["", "-a", "School", "a/b", "a b", "a\n", "ä", "x" * 64, "../a", "a.b"]
)
def test_a_name_that_is_none_is_refused(name: str) -> None:
    with pytest.raises(CamClassifyError, match="no name of a home"):
        new_home(name, Limits())


def test_a_file_that_others_can_read_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "homes.json"
    write_homes(file, {})
    file.chmod(0o640)
    with pytest.raises(CamClassifyError, match="chmod 600"):
        read_homes(file)


@pytest.mark.parametrize(
    "content",
    [
        "",
        "[]",
        "{}",
        '{"homes": []}',
        '{"homes": {"a": {}}}',
        '{"homes": {"a": {"token_sha256": "00"}}}',
        '{"homes": {"a": {"token_sha256": 7}}}',
        json.dumps({"homes": {"a": {"token_sha256": "0" * 64, "cameras": 0}}}),
        json.dumps({"homes": {"a": {"token_sha256": "0" * 64, "cameras": True}}}),
        json.dumps({"homes": {"a": {"token_sha256": "0" * 64, "colour": 1}}}),
    ],
)
def test_a_file_that_holds_no_homes_is_refused(tmp_path: Path, content: str) -> None:
    file = tmp_path / "homes.json"
    file.write_text(content)
    file.chmod(0o600)
    with pytest.raises(CamClassifyError, match="no file of homes"):
        read_homes(file)


def test_the_command_line_makes_lists_and_removes_homes(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "homes.json"
    assert main(["homes", "add", "school", "--cameras", "120", "--homes", str(file)]) == 0
    said = capsys.readouterr().out
    token = said.split("\n\n")[1].strip()
    (school,) = read_homes(file).values()
    assert Homes([school]).of(f"Bearer {token}") == school
    assert school.limits == Limits(cameras=120)
    assert main(["homes", "list", "--homes", str(file), "--json"]) == 0
    listed = json.loads(capsys.readouterr().out)
    assert listed == {"home": "school", "megabytes": 8, "requests_per_second": 100, "cameras": 120}
    assert main(["homes", "list", "--homes", str(file)]) == 0
    assert capsys.readouterr().out.splitlines()[1].split() == ["school", "8", "100", "120"]
    assert main(["homes", "remove", "park", "--homes", str(file)]) == 1
    assert main(["homes", "remove", "school", "--homes", str(file)]) == 0
    assert read_homes(file) == {}


def test_a_home_without_limits_in_the_file_has_the_usual_ones(tmp_path: Path) -> None:
    file = tmp_path / "homes.json"
    file.write_text(json.dumps({"homes": {"a": {"token_sha256": "0" * 64}}}))
    file.chmod(0o600)
    assert read_homes(file) == {"a": Home(name="a", token_sha256="0" * 64)}
