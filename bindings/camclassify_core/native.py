"""Loads the extension module and tells it where the `onnxruntime` package keeps its library.

Import this only where native code may be loaded: in a worker, the command line, a test. Raises
`UnsupportedProcessor` on a processor that cannot run it; import it before NumPy, which ends such a
process.
"""

from importlib.util import find_spec
from pathlib import Path

from . import _core as core

__all__ = ["core"]


def find_onnxruntime_library() -> Path | None:
    """The C library inside the installed `onnxruntime` package, which is not imported for that."""
    spec = find_spec("onnxruntime")
    for folder in (spec.submodule_search_locations or ()) if spec else ():
        if found := sorted(Path(folder, "capi").glob("libonnxruntime.so.1*")):
            return found[-1]
    return None


core.instruction_set()
if library := find_onnxruntime_library():
    core.set_onnxruntime_library(library)
