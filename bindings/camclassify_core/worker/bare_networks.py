"""The networks of a bundle by themselves, for tools: tensors in, tensors out, no attention and no memory."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING

from camclassify_core.bundle.manifest import Manifest
from camclassify_core.bundle.places import default_bundle
from camclassify_core.errors import RequestError
from camclassify_core.info import NetworkInfo, TensorInfo
from camclassify_core.options import EngineOptions

if TYPE_CHECKING:
    from camclassify_core._core import Network

MOST_PICTURES = 16  # of a batch: nobody else gets the lane meanwhile


@dataclass(slots=True)
class _Opened:
    """It does one thing at a time."""

    network: Network
    lock: Lock = field(default_factory=Lock)


class BareNetworks:
    """Opens a network when it is first asked for, as the engine runs it. Any thread may ask."""

    def __init__(self, options: EngineOptions, networks: Mapping[str, NetworkInfo]) -> None:
        self._options = options
        self._infos = networks
        self._opened: dict[str, _Opened] = {}
        self._lock = Lock()

    def describe(self, name: str) -> tuple[TensorInfo, tuple[TensorInfo, ...]]:
        """What goes in and what comes out of a batch, whose size is -1. Raises `RequestError`."""
        network = self._open(name).network
        outputs = (_info(*each) for each in network.outputs)
        return _info(*network.inputs[0]), tuple(outputs)

    def run(self, name: str, batch: bytes) -> tuple[list[TensorInfo], bytes]:
        """What comes out, one output after the other. Raises `RequestError`."""
        import numpy as np

        opened = self._open(name)
        network = opened.network
        with opened.lock:
            given = network.input(0)
            count, rest = divmod(len(batch), given.nbytes)
            if rest or not 1 <= count <= MOST_PICTURES:
                raise RequestError(
                    f"{name} takes 1 to {MOST_PICTURES} pictures of {given.nbytes:,} bytes."
                )
            batches: list[list[bytes]] = [[] for _ in network.outputs]
            for each in np.frombuffer(batch, given.dtype).reshape(count, *given.shape):
                given[...] = each
                network.run()
                for index, parts in enumerate(batches):
                    parts.append(network.output(index).tobytes())
            outputs = [
                TensorInfo(name=out, kind=kind.name, shape=(count, *shape[1:]))
                for out, kind, shape in network.outputs
            ]
        return outputs, b"".join(part for parts in batches for part in parts)

    def _open(self, name: str) -> _Opened:
        from camclassify_core.native import core

        with self._lock:
            if name not in self._opened:
                if (info := self._infos.get(name)) is None:
                    raise RequestError(f"There is no network {name!r}.")
                network = core.Network(self._file_of(info), runner=info.runner)
                if len(network.inputs) != 1 or any(
                    shape[:1] != (1,) for _, _, shape in (*network.inputs, *network.outputs)
                ):
                    raise RequestError(f"{name} takes no batches of pictures.")
                self._opened[name] = _Opened(network)
            return self._opened[name]

    def _file_of(self, info: NetworkInfo) -> Path:
        directory = self._options.bundle or default_bundle()
        for file in Manifest.read(directory).files_of(info.name):
            if (file.precision, file.fused) == (info.precision, info.fused):
                return directory / file.path
        raise RequestError(f"The bundle has no network {info.name!r} any more.")


def _info(name: str, kind: object, shape: tuple[int, ...]) -> TensorInfo:
    return TensorInfo(name=name, kind=str(kind), shape=(-1, *shape[1:]))
