"""This program again, in a process in which it and every peer see a lesser processor.

So all choose the code that they would run on a home's mini PC. Clock, caches and ports stay those of this
machine: only ratios mean something. `lesser_processor.c` answers for the processor.
"""

import os
import shutil
import struct
import subprocess
import sys
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from sysconfig import get_path
from tempfile import TemporaryDirectory

from camclassify_core.errors import CamClassifyError
from camclassify_core.native import core

PROCESSORS = ("avx2", "avxvnni")
"""Those that can be seen, named as our kernels for them."""

_VARIABLE = "CAMCLASSIFY_AS"
_CPUID, _PATCHED = b"\x0f\xa2", b"\x0e\xa2"
# What the C library asks before anything can be preloaded.
_TUNABLES = "glibc.cpu.hwcaps=-AVX512F,-AVX512VL,-AVX512BW,-AVX512CD,-AVX512DQ,-AVX512ER,-AVX512PF"


def is_seen(processor: str) -> bool:
    """Whether this process sees that processor already.

    Raises CamClassifyError if it should, but our own kernels are others.
    """
    if os.environ.get(_VARIABLE) != processor:
        return False
    if core.instruction_set() != processor:
        raise CamClassifyError(
            f"This machine cannot be seen as one with {processor} at most: CamClassify chooses"
            f" {core.instruction_set()}."
        )
    return True


def run(processor: str, argv: Sequence[str]) -> int:
    """Runs this interpreter with these arguments where that processor is seen; gives its exit status."""
    with TemporaryDirectory() as folder:
        environment = seeing(processor, Path(get_path("platlib")), Path(folder))
        return subprocess.run([sys.executable, *argv], env=environment).returncode


def seeing(processor: str, packages: Path, folder: Path) -> dict[str, str]:
    """The environment of such a process, with what it needs of `packages` in `folder`.

    Raises CamClassifyError without a C compiler and a disassembler.
    """
    for tool in ("cc", "objdump"):
        if not shutil.which(tool):
            raise CamClassifyError(f"{tool} is missing. Install a C compiler with its binutils.")
    library = folder / "lesser_processor.so"
    source = Path(__file__).with_suffix(".c")
    subprocess.run(["cc", "-O2", "-shared", "-fPIC", "-o", library, source], check=True)
    patched = folder / "packages"
    if not _can_fault():
        _mirror(packages, patched)
    return os.environ | {
        _VARIABLE: processor,
        "LD_PRELOAD": str(library),
        "GLIBC_TUNABLES": _TUNABLES,
        "PYTHONPATH": os.pathsep.join(filter(None, (str(patched), os.environ.get("PYTHONPATH")))),
    }


def _can_fault() -> bool:
    """Whether the processor can be told to fault at CPUID."""
    return " cpuid_fault" in Path("/proc/cpuinfo").read_text()


def _mirror(packages: Path, mirror: Path) -> None:
    """Links to everything in a folder, but copies without CPUID of the libraries that execute it."""
    libraries = [
        file
        for file in packages.rglob("*.so*")
        if file.is_file() and not file.is_symlink() and _CPUID in file.read_bytes()
    ]
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        found = zip(libraries, pool.map(cpuid_instructions, libraries), strict=True)
        patched = {file: places for file, places in found if places}
    apart = {folder for file in patched for folder in file.parents}

    def link(folder: Path, to: Path) -> None:
        to.mkdir()
        for entry in folder.iterdir():
            if entry in patched:
                (to / entry.name).write_bytes(_without_cpuid(entry.read_bytes(), patched[entry]))
            elif entry in apart:
                link(entry, to / entry.name)
            else:
                (to / entry.name).symlink_to(entry)

    link(packages, mirror)


def _without_cpuid(content: bytes, places: Sequence[int]) -> bytes:
    changed = bytearray(content)
    for place in places:
        changed[place : place + len(_PATCHED)] = _PATCHED
    return bytes(changed)


def cpuid_instructions(library: Path) -> list[int]:
    """Offsets in an ELF file of its CPUID instructions.

    A disassembler finds them, so that no data with the same bytes is taken for one.
    """
    disassembled = subprocess.Popen(
        ["objdump", "--disassemble", "--no-show-raw-insn", library], stdout=subprocess.PIPE
    )
    with disassembled:
        assert disassembled.stdout
        addresses = [
            int(line.partition(b":")[0], 16)
            for line in disassembled.stdout
            if line.rstrip().endswith(b"\tcpuid")
        ]
    content = library.read_bytes()
    places = [_offset(content, address) for address in addresses]
    assert all(content[place : place + len(_CPUID)] == _CPUID for place in places), library
    return places


def _offset(content: bytes, address: int) -> int:
    for start, begin, size in _loaded(content):
        if begin <= address < begin + size:
            return address - begin + start
    raise AssertionError("code is not in any segment of the file")


def _loaded(content: bytes) -> Iterator[tuple[int, int, int]]:
    """Offset, address and size of each segment of an ELF file that is loaded."""
    load = 1
    first, size, count = (
        *struct.unpack_from("<Q", content, 32),
        *struct.unpack_from("<HH", content, 54),
    )
    for number in range(count):
        kind, _, start, address, _, length = struct.unpack_from(
            "<IIQQQQ", content, first + number * size
        )
        if kind == load:
            yield start, address, length
