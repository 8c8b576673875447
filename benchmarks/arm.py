"""What a Raspberry Pi 4 and 5 execute for one run of a network, without one (docs/performance.md).

    script/count-arm

gets an ARM64 system with the engines in it and starts this there, for an emulator that counts
instructions. llvm-mca says what these take on such a processor where nothing waits for memory. Both
are the same each time.
"""

import argparse
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from tempfile import TemporaryDirectory

from .emulation.blocks import instructions_of, read_blocks
from .emulation.cycles import cycles_of

_ROOT = Path(__file__).parents[1]
_FOLDER = Path("models", "default")
NETWORKS = ("scene", "object")
_OURS = "camclassify_core.bench.ours"
_RUNS = 2


@dataclass(frozen=True, slots=True)
class Processor:
    """A processor as qemu and llvm-mca name it, what is usual to call it, and what Linux says of it."""

    name: str
    title: str
    part: int
    features: str


@dataclass(frozen=True, slots=True)
class Engine:
    """An engine with the adapter that opens its network and the ending of that one's file."""

    title: str
    precision: str
    adapter: str
    ending: str


_OLDER = "fp asimd evtstrm crc32 cpuid"
_NEWER = f"{_OLDER} aes pmull sha1 sha2 atomics fphp asimdhp asimdrdm lrcpc dcpop asimddp"
PROCESSORS = (
    Processor("cortex-a72", "Cortex-A72 (Raspberry Pi 4)", 0xD08, _OLDER),
    Processor("cortex-a76", "Cortex-A76 (Raspberry Pi 5)", 0xD0B, _NEWER),
)
ENGINES = (
    Engine("CamClassify", "int8", _OURS, ".int8.onnx"),
    Engine("CamClassify", "fp32", _OURS, ".fused.onnx"),
    Engine("ncnn", "fp32", "benchmarks.peers.ncnn", ".onnx"),
    Engine("LiteRT", "fp32", "benchmarks.peers.litert", ".onnx"),
)


@dataclass(frozen=True, slots=True)
class Emulator:
    """`system`: the folder of an ARM64 system with Python and the engines; `plugin`: the one that counts."""

    system: Path
    plugin: Path

    def count(self, processor: Processor, network: str, engine: Engine) -> tuple[float, float]:
        """Instructions and cycles of one run of the network. Raises CalledProcessError."""
        with TemporaryDirectory() as folder:
            root, counts = Path(folder, "root"), Path(folder, "counts")
            self._write_root(processor, root)
            file = _FOLDER / f"{network}{engine.ending}"
            subprocess.run(
                [
                    *("qemu-aarch64", "-cpu", processor.name, "-L", root),
                    *("-plugin", f"{self.plugin.resolve()},out={counts}"),
                    self.system / "usr/bin/python3.14",
                    *("-m", "benchmarks.emulation.contestant"),
                    *(engine.adapter, file, engine.precision, str(_RUNS)),
                ],
                cwd=_ROOT,
                env=os.environ | {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"},
                check=True,
            )
            with counts.open() as lines:
                executions = read_blocks(lines)
        instructions = instructions_of(executions)
        return instructions / _RUNS, cycles_of(executions, processor.name) / _RUNS

    def _write_root(self, processor: Processor, root: Path) -> None:
        """What programs find below `/` before the real files: LiteRT chooses its kernels by these."""
        (root / "proc").mkdir(parents=True)
        for name in ("usr", "lib"):
            (root / name).symlink_to(self.system / name)
        lines = {
            "processor": "0",
            "Features": processor.features,
            "CPU implementer": "0x41",
            "CPU architecture": "8",
            "CPU variant": "0x0",
            "CPU part": f"{processor.part:#x}",
            "CPU revision": "3",
        }
        text = "".join(f"{name}\t: {value}\n" for name, value in lines.items())
        (root / "proc/cpuinfo").write_text(f"{text}\n")
        processors = root / "sys/devices/system/cpu"
        processors.mkdir(parents=True)
        for name in ("possible", "present"):
            (processors / name).write_text("0\n")


def main(argv: list[str] | None = None) -> int:
    """Counts and prints one row after the other, as many at once as there are processors."""
    arguments = _parser().parse_args(argv)
    emulator = Emulator(arguments.system.resolve(), arguments.plugin)
    work = list(product(PROCESSORS, NETWORKS, ENGINES))
    print(f"{'millions of one run':<26}{'instructions':>13}{'cycles':>9}")
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        counts = pool.map(lambda each: emulator.count(*each), work)
        for (processor, network, engine), (instructions, cycles) in zip(work, counts, strict=True):
            if engine is ENGINES[0]:
                print(f"\n{processor.title}, {network} network")
            row = f"{instructions / 1e6:13.1f}{cycles / 1e6:9.1f}"
            print(f"{engine.title:<14}{engine.precision:<12}{row}", flush=True)
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.arm",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("system", type=Path, help="folder of an ARM64 system with the engines")
    parser.add_argument("plugin", type=Path, help="executed_blocks.c, compiled")
    return parser


if __name__ == "__main__":
    sys.exit(main())
