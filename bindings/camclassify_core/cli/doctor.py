"""`camclassify doctor`: what this machine is, and whether CamClassify works on it."""

import os
import platform
from argparse import Namespace
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, replace
from importlib.metadata import version
from importlib.util import find_spec

from camclassify_core._version import VERSION
from camclassify_core.cores import default_lanes, usable_cores
from camclassify_core.engine import Engine
from camclassify_core.errors import CamClassifyError
from camclassify_core.info import Confinement
from camclassify_core.options import EngineOptions, Request

from .arguments import add_engine_arguments, add_json_argument, engine_options
from .output import print_json, print_table
from .parser import Parser

_EXAMPLES = """
camclassify doctor                     what is here, and whether it works
camclassify doctor --bundle mine       with a bundle of your own
camclassify doctor --json | jq .ok     for programs
"""


@dataclass(frozen=True, slots=True)
class Check:
    """One finding; `ok` is false only for what keeps CamClassify from working."""

    check: str
    ok: bool
    detail: str


def add_arguments(parser: Parser) -> None:
    """Gives the command its arguments."""
    parser.does(run, examples=_EXAMPLES)
    add_engine_arguments(parser)
    add_json_argument(parser)


def run(arguments: Namespace) -> int:
    """Prints all findings; fails if one of them is not ok."""
    checks = list(_examine(engine_options(arguments)))
    if arguments.json:
        for check in checks:
            print_json(asdict(check))
    else:
        print_table([["ok" if one.ok else "FAILED", one.check, one.detail] for one in checks])
    return int(not all(one.ok for one in checks))


def _examine(options: EngineOptions) -> Iterator[Check]:
    yield Check("version", True, f"{VERSION}, Python {platform.python_version()}")
    yield Check("machine", True, _machine())
    yield Check("streams", True, _streams())
    works = True
    for name, examine in (
        ("instruction set", _instruction_set),
        ("onnxruntime", _onnxruntime),
        ("bundle", lambda: _bundle(options)),
        ("precision", lambda: _precisions(options)),
        ("self-test", lambda: _self_test(options)),
        ("worker", lambda: _ask_worker(options)),
    ):
        check = _check(name, examine)
        yield check
        works &= check.ok
        if name == "self-test" and not works:
            return  # a worker could not do what this process cannot


def _check(name: str, examine: Callable[[], str]) -> Check:
    try:
        return Check(name, True, examine())
    except (CamClassifyError, ImportError) as error:
        return Check(name, False, str(error))


def _machine() -> str:
    from camclassify_core.machine import this_machine

    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    libc = " ".join(platform.libc_ver()).strip() or "musl"
    machine = this_machine("")
    return (
        f"{machine.processor}, {machine.cores} cores ({usable_cores()} usable), {memory:.0f} GiB, "
        f"{platform.system()} {platform.machine()}, {libc}"
    )


def _streams() -> str:
    if find_spec("av") is None:
        return "cannot be read, snapshots do without them (PyAV is not installed)"
    return f"PyAV {version('av')}"


def _instruction_set() -> str:
    from camclassify_core.native import core

    return core.instruction_set()


def _onnxruntime() -> str:
    from camclassify_core.native import core

    status = core.onnxruntime_status()
    if status.available:
        return f"{status.version}, {status.path}"
    return f"not in use, the direct runner does without it ({status.problem})"


def _bundle(options: EngineOptions) -> str:
    info = Engine(options).info()
    networks = ", ".join(f"{one.name} ({one.precision}, {one.runner})" for one in info.networks)
    return f"{info.bundle_name} {info.bundle_version}, {len(info.classes)} classes; {networks}"


def _precisions(options: EngineOptions) -> str:
    from .precisions import describe

    return describe(options)


def _self_test(options: EngineOptions) -> str:
    engine = Engine(options)
    snapshot = _sample()
    engine.classify(snapshot)
    timing = engine.classify(snapshot, Request(use_gate=False)).timing
    return f"a picture takes {timing.total:.1f} ms, {timing.scene:.1f} of them in the network"


def _sample() -> bytes:
    from camclassify_core.sample import sample_snapshot  # NumPy ends a process on an old processor

    return sample_snapshot(640, 360)


def _ask_worker(options: EngineOptions) -> str:
    import asyncio

    return asyncio.run(_worker(options))


async def _worker(options: EngineOptions) -> str:
    import asyncio

    from camclassify_core import EngineClient

    lanes = default_lanes()
    client = EngineClient(replace(options, lanes=lanes))
    await client.start()
    try:
        cameras = [Request(camera=str(number)) for number in range(lanes)]
        await asyncio.gather(*(client.classify(_sample(), each) for each in cameras))
        confinement = (await client.info()).confinement
    finally:
        await client.stop()
    answers = f"starts and answers in {lanes} {'lane' if lanes == 1 else 'lanes'}"
    return f"{answers}; {_describe(confinement)}" if confinement else answers


def _describe(confinement: Confinement) -> str:
    """What the worker cannot do, and what it could because the kernel does not keep it from it."""
    can = {
        "gain privileges": not confinement.privileges,
        "start programs": not confinement.programs,
        "open connections": not confinement.network,
        "write files": not confinement.writing,
    }
    words = [f"cannot {', '.join(each for each in can if not can[each])}"]
    if allowed := [each for each in can if can[each]]:
        words.append(f"could {', '.join(allowed)} (this kernel has no means against it)")
    if confinement.memory_bytes:
        words.append(f"memory at most {confinement.memory_bytes / 2**30:.1f} GiB")
    return "; ".join(words)
