"""The built wheel in an environment that has nothing else."""

import os
import re
import shutil
import subprocess
import sys
import zipfile
from email import message_from_bytes
from email.message import Message
from pathlib import Path

import pytest

from .conftest import PHOTOGRAPHS

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def wheel() -> Path:
    built = sorted((ROOT / "build" / "wheel").glob("*.whl"))
    if not built:
        pytest.skip("no wheel in build/wheel: script/setup builds it")
    return built[-1]


@pytest.fixture(scope="module")
def python(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The Python of a new environment with the wheel and its plain requirements."""
    uv = shutil.which("uv")
    if not uv:
        pytest.skip("uv is not on PATH: script/test puts it there")
    folder = tmp_path_factory.mktemp("clean")
    subprocess.run([uv, "venv", "-q", "--python", sys.executable, folder], check=True)
    python = folder / "bin" / "python"
    subprocess.run([uv, "pip", "install", "-q", "--python", python, wheel], check=True)
    return python


def test_classifies_without_onnxruntime(python: Path) -> None:
    """The direct runner is all that Alpine has."""
    environment = {"PATH": os.environ["PATH"]}
    camclassify, picture = python.with_name("camclassify"), PHOTOGRAPHS / "person.jpg"
    command = [str(camclassify), "classify", "--json", str(picture)]
    done = subprocess.run(command, capture_output=True, text=True, env=environment)
    assert done.returncode == 0, done.stderr
    assert '"person"' in done.stdout
    listed = subprocess.run(
        [python, "-c", "import importlib.util as u; print(u.find_spec('onnxruntime'))"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert listed.stdout.strip() == "None"


@pytest.fixture
def metadata(wheel: Path) -> Message:
    with zipfile.ZipFile(wheel) as content:
        name = next(name for name in content.namelist() if name.endswith("METADATA"))
        return message_from_bytes(content.read(name))


def test_plain_requirements_have_wheels_on_musl(metadata: Message) -> None:
    required = metadata.get_all("Requires-Dist", [])
    assert [each for each in required if "extra ==" not in each] == ["numpy>=2.3"]


def test_every_link_in_the_description_leads_somewhere_from_a_package_index(
    metadata: Message,
) -> None:
    links = re.findall(r"\]\(([^)]+)\)", str(metadata.get_payload()))
    assert links
    assert [link for link in links if not link.startswith("https://")] == []


def test_a_home_downloads_and_keeps_little(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as content:
        installed = sum(file.file_size for file in content.infolist())
    assert wheel.stat().st_size <= 10e6
    assert installed <= 16e6


@pytest.mark.parametrize(
    ("library", "own"), [("_core.", {"libcamclassify_ops.so"}), ("libcamclassify_ops.", set())]
)
def test_native_code_needs_only_the_systems_own_libraries(
    wheel: Path, tmp_path: Path, library: str, own: set[str]
) -> None:
    with zipfile.ZipFile(wheel) as content:
        name = next(
            name for name in content.namelist() if f"/{library}" in name and name.endswith(".so")
        )
        extension = content.extract(name, tmp_path)
    done = subprocess.run(
        ["readelf", "--dynamic", extension], capture_output=True, text=True, check=True
    )
    needed = {
        line.split("[")[1].rstrip("]") for line in done.stdout.splitlines() if "NEEDED" in line
    }
    assert needed - own <= {
        "libc.so.6",
        "libm.so.6",
        "libdl.so.2",
        "libpthread.so.0",
        "ld-linux-x86-64.so.2",
    }
