"""A process that is to see a lesser processor sees it, also where CPUID cannot fault."""

import os
import platform
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from camclassify_core.errors import CamClassifyError
from camclassify_core.native import core

from benchmarks.peers import __main__ as program
from benchmarks.peers import entries, lesser_processor
from benchmarks.peers.lesser_processor import cpuid_instructions, seeing

pytestmark = [
    pytest.mark.skipif(platform.machine() != "x86_64", reason="CPUID is an instruction of x86"),
    pytest.mark.skipif(
        not (shutil.which("cc") and shutil.which("objdump")), reason="needs cc and objdump"
    ),
]

LIBRARY = r"""
#include <cpuid.h>
const unsigned char looks_like_one[] = {0x0f, 0xa2, 0x0f, 0xa2};
void ask(unsigned leaf, unsigned subleaf, unsigned* r) {
  __cpuid_count(leaf, subleaf, r[0], r[1], r[2], r[3]);
}
void fail(void) { __builtin_trap(); }
"""

ASK = """
import ctypes, sys
import asking
library = ctypes.CDLL(asking.__file__.replace("__init__.py", "asking.so"))
registers = (ctypes.c_uint32 * 4)()
for leaf, subleaf in (0, 0), (7, 0), (7, 1):
    library.ask(leaf, subleaf, registers)
    print(*registers)
if sys.argv[1:]:
    library.fail()
"""

AVX512 = 1 << 16  # in EBX of leaf 7
AVX2 = 1 << 5  # there too
AVX_VNNI = 1 << 4  # in EAX of leaf 7, subleaf 1


@pytest.fixture
def packages(tmp_path: Path) -> Path:
    """A folder as Python installs packages into, with one that has a library."""
    package = tmp_path / "installed" / "asking"
    package.mkdir(parents=True)
    (package / "__init__.py").touch()
    source = tmp_path / "asking.c"
    source.write_text(LIBRARY)
    subprocess.run(["cc", "-shared", "-fPIC", "-o", package / "asking.so", source], check=True)
    return package.parent


@pytest.fixture
def mirror(tmp_path: Path) -> Path:
    """Where changed copies go."""
    folder = tmp_path / "mirror"
    folder.mkdir()
    return folder


def ask(environment: dict[str, str], *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", ASK, *arguments], env=environment, capture_output=True, text=True
    )


def registers(environment: dict[str, str]) -> list[list[int]]:
    done = ask(environment)
    assert done.returncode == 0, done.stderr
    return [[int(word) for word in line.split()] for line in done.stdout.splitlines()]


@pytest.mark.parametrize("processor", lesser_processor.PROCESSORS)
def test_avx512_is_hidden_from_a_library_and_what_a_lesser_processor_has_is_not(
    processor: str, packages: Path, mirror: Path
) -> None:
    vendor, features, more = registers(os.environ | {"PYTHONPATH": str(packages)})
    environment = seeing(processor, packages, mirror)
    seen_vendor, seen, seen_more = registers(environment)
    assert seen_vendor == vendor
    assert seen[1] & AVX512 == 0
    assert seen[1] & AVX2 == features[1] & AVX2
    hidden = processor == "avx2"
    assert seen_more[0] & AVX_VNNI == (0 if hidden else more[0] & AVX_VNNI)


def test_only_instructions_count_and_not_data_that_looks_like_them(packages: Path) -> None:
    library = packages / "asking" / "asking.so"
    assert len(cpuid_instructions(library)) == 1
    assert library.read_bytes().count(b"\x0f\xa2") >= 3


def test_the_installed_libraries_stay_as_they_are(packages: Path, mirror: Path) -> None:
    library = packages / "asking" / "asking.so"
    before = library.read_bytes()
    seeing("avx2", packages, mirror)
    assert library.read_bytes() == before
    assert not library.is_symlink()


def test_a_crash_in_a_library_is_still_one(packages: Path, mirror: Path) -> None:
    done = ask(seeing("avx2", packages, mirror), "fail")
    assert done.returncode == -signal.SIGILL


def test_our_own_kernels_are_those_of_the_lesser_processor(tmp_path: Path, mirror: Path) -> None:
    if core.instruction_set() not in ("avx2", "avxvnni", "avx512", "vnni"):
        pytest.skip("this processor has no AVX2")
    installed = tmp_path / "installed"
    package = Path(core.__file__ or "").parent
    shutil.copytree(package, installed / package.name)
    environment = seeing("avx2", installed, mirror)
    # Nor is how much of this copy is run part of the package's coverage.
    for name in ("CAMCLASSIFY_TARGET", "COVERAGE_PROCESS_CONFIG", "COVERAGE_PROCESS_START"):
        environment.pop(name, None)
    code = "from camclassify_core.native import core; print(core.instruction_set())"
    done = subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, text=True
    )
    assert done.stdout == "avx2\n", done.stderr


def test_what_is_needed_to_see_one_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(CamClassifyError, match="cc is missing"):
        seeing("avx2", tmp_path, tmp_path)


def test_the_comparison_runs_again_where_the_lesser_processor_is_seen(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    runs: list[tuple[str, list[str]]] = []

    def run(processor: str, argv: list[str]) -> int:
        runs.append((processor, argv))
        return 7

    monkeypatch.setattr(lesser_processor, "run", run)
    for module in (program, entries):
        monkeypatch.setattr(module, "installed", lambda: ["onnxruntime"])
    assert program.main(["--as", "avx2", "model.onnx"]) == 7
    assert runs == [("avx2", ["-m", "benchmarks.peers", "--as", "avx2", "model.onnx"])]


def test_a_processor_that_cannot_be_shown_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CAMCLASSIFY_AS", "avxvnni")
    monkeypatch.setattr(core, "instruction_set", lambda: "sse4")
    with pytest.raises(CamClassifyError, match="cannot be seen as one with avxvnni"):
        lesser_processor.is_seen("avxvnni")
