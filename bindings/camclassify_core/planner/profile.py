"""What calibration measured on this machine, kept in a file."""

import json
import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from camclassify_core.cache_folder import cache_folder
from camclassify_core.errors import CamClassifyError
from camclassify_core.machine import Caches, Machine
from camclassify_core.options import Precision

from .cost_model import CostModel, GroupModel, Overhead
from .designs import DesignRunner
from .fingerprint import work_fingerprint
from .fused_work import FusedWork
from .plain_work import PlainWork

VERSION = 4
TWO_SIDED_90 = 1.645  # standard deviations that hold 90% of the cases
_REMEDY = "run `camclassify calibrate` on this machine (a few minutes; --quick: under one)"


class ProfileError(CamClassifyError):
    """There is no profile that can be used here; the message says what to do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Memory:
    """Resident memory in MB: of the process, of each network, per MB of weights and of activations."""

    process: float
    network: float
    weights: float
    activations: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """How a network is run; costs are modelled for each separately."""

    runner: DesignRunner
    precision: Precision
    threads: int

    def __str__(self) -> str:
        return f"{self.runner}/{self.precision}/{self.threads}"

    @classmethod
    def parse(cls, text: str) -> Setting:
        """Back from the text."""
        runner, precision, threads = text.split("/")
        return cls(
            runner=DesignRunner(runner), precision=Precision(precision), threads=int(threads)
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Costs:
    """What was learnt about one setting.

    `error` is the relative standard deviation of predicted over measured latency on networks that
    were left out, `tail` p95 over median latency, `load_ms` a network's load time in milliseconds
    as a constant and per million weights.
    """

    model: CostModel
    memory: Memory
    error: float
    tail: float
    load_ms: tuple[float, float]

    def interval(self, latency: float) -> tuple[float, float]:
        """What holds 90% of the cases, around a latency that was predicted."""
        factor = math.exp(TWO_SIDED_90 * self.error)
        return latency / factor, latency * factor


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """One machine's costs.

    Costs are in runs of the reference network, which takes `reference_ms`; a run after a pause takes
    `pause` times as long as one in a tight loop. A 1080p snapshot takes `decode_ms` until a network
    can see it and `gate_ms` if the change gate stops it, `gate_look_ms` of which is the gate itself.
    """

    machine: Machine
    quick: bool
    reference_ms: float
    pause: float
    decode_ms: float
    gate_ms: float
    gate_look_ms: float
    caches: Caches
    costs: dict[Setting, Costs]

    def of(self, setting: Setting) -> Costs:
        """The costs of a setting. Raises ProfileError if it was not measured."""
        if setting not in self.costs:
            known = ", ".join(str(each) for each in self.costs)
            raise ProfileError(
                f"the profile knows nothing of {setting} (but of {known}): {_REMEDY}"
            )
        return self.costs[setting]


def default_path() -> Path:
    """The profile's file: below the user's cache folder.

    Raises `CamClassifyError` if there is none, as for a user without a home.
    """
    if (folder := cache_folder()) is None:
        raise CamClassifyError(
            "There is no home folder to keep this machine's measurements in: name a file with"
            " --profile, or set XDG_CACHE_HOME."
        )
    return folder / "profile.json"


def save(profile: Profile, path: Path) -> None:
    """Writes the profile in one step: a reader sees the old or the new one."""
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_suffix(".partial")
    partial.write_text(json.dumps(_to_json(profile)), encoding="utf-8")
    partial.replace(path)


def load(path: Path, machine: Machine, *, force: bool = False) -> Profile:
    """Reads a profile.

    Raises ProfileError if it was learnt from other counts of the work, or is another machine's, which
    `force` allows.
    """
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise ProfileError(f"this machine has no profile yet: {_REMEDY}") from None
    except (OSError, ValueError) as error:
        raise ProfileError(f"{path} cannot be read ({error}): {_REMEDY}") from error
    version = content.get("version") if isinstance(content, dict) else None
    if version != VERSION:
        raise ProfileError(f"{path} has version {version}, this program needs {VERSION}: {_REMEDY}")
    try:
        profile = _from_json(content)
    except (KeyError, TypeError, ValueError) as error:
        raise ProfileError(f"{path} is damaged ({error!r}): {_REMEDY}") from error
    if content.get("work") != work_fingerprint(profile.machine.instruction_set):
        raise ProfileError(f"{path} was learnt from what the kernels did before: {_REMEDY}")
    if profile.machine != machine and not force:
        raise ProfileError(
            f"{path} was made on another machine ({profile.machine}; this is {machine}):"
            f" {_REMEDY}, or use it all the same with --force"
        )
    return profile


def _to_json(profile: Profile) -> dict[str, Any]:
    return {
        "version": VERSION,
        "work": work_fingerprint(profile.machine.instruction_set),
        "machine": asdict(profile.machine),
        "quick": profile.quick,
        "reference_ms": profile.reference_ms,
        "pause": profile.pause,
        "decode_ms": profile.decode_ms,
        "gate_ms": profile.gate_ms,
        "gate_look_ms": profile.gate_look_ms,
        "caches": asdict(profile.caches),
        "costs": {str(setting): _costs_to_json(costs) for setting, costs in profile.costs.items()},
    }


def _costs_to_json(costs: Costs) -> dict[str, Any]:
    return {
        "groups": {name: model.to_json() for name, model in costs.model.groups.items()},
        "overhead": asdict(costs.model.overhead),
        "memory": asdict(costs.memory),
        "error": costs.error,
        "tail": costs.tail,
        "load_ms": costs.load_ms,
    }


def _from_json(content: Mapping[str, Any]) -> Profile:
    machine, caches = Machine(**content["machine"]), Caches(**content["caches"])
    return Profile(
        machine=machine,
        quick=bool(content["quick"]),
        reference_ms=float(content["reference_ms"]),
        pause=float(content["pause"]),
        decode_ms=float(content["decode_ms"]),
        gate_ms=float(content["gate_ms"]),
        gate_look_ms=float(content["gate_look_ms"]),
        caches=caches,
        costs={
            setting: _costs_from_json(costs, setting, machine, caches)
            for setting, costs in ((Setting.parse(key), it) for key, it in content["costs"].items())
        },
    )


def _costs_from_json(
    content: Mapping[str, Any], setting: Setting, machine: Machine, caches: Caches
) -> Costs:
    counter = PlainWork if setting.runner is DesignRunner.ONNXRUNTIME else FusedWork
    constant, slope = content["load_ms"]
    return Costs(
        model=CostModel(
            counter=counter(machine.instruction_set, setting.precision, caches),
            groups={name: GroupModel.from_json(it) for name, it in content["groups"].items()},
            overhead=Overhead(**content["overhead"]),
        ),
        memory=Memory(**content["memory"]),
        error=float(content["error"]),
        tail=float(content["tail"]),
        load_ms=(float(constant), float(slope)),
    )
