"""ONNX Runtime leaves nothing behind on the machine, whoever loads it."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from .whole_bundle import WHOLE_BUNDLE

PHOTOGRAPH = Path(__file__).parents[1] / "photographs" / "dog.jpg"

ENGINE = """
import sys
from pathlib import Path
from camclassify_core import Engine
from camclassify_core.options import EngineOptions, Runner
engine = Engine(EngineOptions(bundle=Path(sys.argv[2]), runner=Runner.ONNXRUNTIME, fused=False))
assert engine.classify(Path(sys.argv[1]).read_bytes()).detections
"""

IMPORTER = """
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from onnx import TensorProto, helper
from camclassify_core.bundle.importing import ImportOptions, import_model
image = helper.make_tensor_value_info("image", TensorProto.FLOAT, [1, 3, 32, 32])
colours = helper.make_tensor_value_info("colours", TensorProto.FLOAT, [1, 3])
pool = helper.make_node("ReduceMean", ["image"], ["colours"], axes=[2, 3], keepdims=0)
graph = helper.make_graph([pool], "model", [image], [colours])
model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
with TemporaryDirectory() as folder:
    file, names = Path(folder, "colours.onnx"), Path(folder, "names.txt")
    file.write_bytes(model.SerializeToString())
    names.write_text("red\\ngreen\\nblue\\n")
    options = ImportOptions(classes=names)
    import_model(file, Path(folder, "bundle"), options, progress=lambda step, share: None)
"""

PLANNER = """
import sys
from camclassify_core.planner.plain_times import main
main(1, 0.0, 1, 0.0, [sys.argv[2] + "/object.onnx"])
"""


@pytest.mark.parametrize(
    "script",
    [
        pytest.param(ENGINE, id="engine"),
        pytest.param(IMPORTER, id="importer"),
        pytest.param(PLANNER, id="planner"),
    ],
)
def test_a_run_leaves_no_telemetry_file(tmp_path: Path, script: str) -> None:
    # Some releases keep one in the user's cache unless they are told not to before they are loaded.
    folders = {"HOME": tmp_path, "XDG_CACHE_HOME": tmp_path / "cache", "TMPDIR": tmp_path}
    environment = {key: value for key, value in os.environ.items() if not key.startswith("ORT_")}
    environment |= {key: str(folder) for key, folder in folders.items()}
    done = subprocess.run(
        [sys.executable, "-c", script, PHOTOGRAPH, str(WHOLE_BUNDLE)],
        env=environment,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    assert list(tmp_path.rglob("*")) == []
