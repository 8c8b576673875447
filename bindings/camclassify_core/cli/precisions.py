"""In which precision networks run here, how fast, and how fast they are, or would be, in the other."""

from pathlib import Path

from camclassify_core.bench.twins import speeds_with_twin
from camclassify_core.bundle.manifest import Manifest
from camclassify_core.bundle.places import default_bundle
from camclassify_core.engine import Engine
from camclassify_core.info import NetworkInfo
from camclassify_core.options import EngineOptions, Precision, Runner

_REMEDY = (
    "fp32 would be faster here, and the bundle has none:"
    " with `camclassify bundle build DIR` and --bundle DIR the default one has"
)


def describe(options: EngineOptions) -> str:
    """One sentence a network. Raises BundleError."""
    networks = Engine(options).info().networks
    return "; ".join(_describe_network(each, options) for each in networks)


def _describe_network(network: NetworkInfo, options: EngineOptions) -> str:
    own, other = network.precision, _OTHER[network.precision]
    if network.speeds:
        return f"{network.name} in {own} {network.speeds[own]:.2f} ms, {other} {network.speeds[other]:.2f}"
    if (file := _only_file(network, options)) is None:
        return f"{network.name} in {own}"
    speeds = speeds_with_twin(file, options.threads)
    told = f"{network.name} in {own} {speeds[own]:.2f} ms, {other} would take {speeds[other]:.2f}"
    return f"{told} ({_REMEDY})" if speeds[other] < speeds[own] else told


_OTHER = {Precision.INT8: Precision.FP32, Precision.FP32: Precision.INT8}


def _only_file(network: NetworkInfo, options: EngineOptions) -> Path | None:
    """Its file if it runs on our runner and the bundle has it in int8 alone."""
    directory = options.bundle or default_bundle()
    fused = [file for file in Manifest.read(directory).files_of(network.name) if file.fused]
    if network.runner is not Runner.DIRECT or [file.precision for file in fused] != ["int8"]:
        return None
    return directory / fused[0].path
