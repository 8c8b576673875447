"""How fast a bundle's networks are here in each precision: what `auto` measured, remembered in a file.

It is a cache: what cannot be read is measured anew, what cannot be written is forgotten.
"""

import json
import os
from collections.abc import Mapping
from contextlib import suppress
from hashlib import sha256
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any

from ._version import VERSION
from .bundle.places import default_bundle
from .cache_folder import cache_folder
from .info import EngineInfo
from .machine import this_machine
from .options import EngineOptions, Precision
from .strict_json import json_object

type Speeds = Mapping[Precision, float]
"""Milliseconds of one run of a network."""

_MOST = 32  # bundles, versions and options that are remembered


def recall(options: EngineOptions) -> dict[str, Speeds]:
    """What is remembered of networks, by name, where they run here with these options; often nothing."""
    from .native import core

    if options.precision is not Precision.AUTO or not (known := _read()):
        return {}
    return known.get(_key(options, core.instruction_set(), core.onnxruntime_status().version), {})


def remember(options: EngineOptions, info: EngineInfo) -> None:
    """Keeps what was measured of an engine's networks, beside what is remembered of others."""
    measured = {each.name: dict(each.speeds) for each in info.networks if each.speeds}
    if not measured:
        return
    known, key = _read(), _key(options, info.instruction_set, info.onnxruntime)
    before = known.pop(key, {})
    if measured.items() <= before.items():
        return
    with suppress(OSError):
        _write(dict([*known.items(), (key, before | measured)][-_MOST:]))


def _file() -> Path | None:
    folder = cache_folder()
    return folder / "speeds.json" if folder else None


def _key(options: EngineOptions, instruction_set: str, onnxruntime: str) -> str:
    """What speeds hold for: the machine, what runs there, and the bundle, whose files are not read for it."""
    bundle = options.bundle or default_bundle()
    files = []
    for file in sorted(bundle.rglob("*")):
        with suppress(OSError):  # it has just been taken away
            status = file.stat()
            files.append((str(file), status.st_size, status.st_mtime_ns))
    what = (
        str(this_machine(instruction_set)),
        VERSION,
        onnxruntime,
        options.runner,
        options.fused,
        options.threads,
        sorted(options.classes),
        files,
    )
    return sha256(json.dumps(what).encode()).hexdigest()


def _read() -> dict[str, dict[str, Speeds]]:
    if (file := _file()) is None:
        return {}
    try:
        return {
            str(key): {str(name): _speeds(each) for name, each in networks.items()}
            for key, networks in json_object(file.read_bytes()).items()
        }
    except OSError, ValueError, TypeError, AttributeError, ArithmeticError:
        return {}


def _speeds(data: Any) -> Speeds:
    speeds = {Precision(name): float(milliseconds) for name, milliseconds in data.items()}
    if not all(milliseconds > 0 for milliseconds in speeds.values()):
        raise ValueError("nothing takes no time")
    return speeds


def _write(known: Mapping[str, Mapping[str, Speeds]]) -> None:
    """In one step: a reader sees the old or the new file, whoever else writes."""
    if (file := _file()) is None:
        return
    file.parent.mkdir(parents=True, exist_ok=True)
    with NamedTemporaryFile("w", dir=file.parent, suffix=".partial", delete=False) as partial:
        try:
            json.dump(known, partial)
            partial.close()
            Path(partial.name).replace(file)
        except BaseException:
            os.unlink(partial.name)
            raise
