"""ONNX Runtime leaves nothing behind on the machine."""

import os
import subprocess
import sys
from pathlib import Path

PHOTOGRAPH = Path(__file__).parents[1] / "photographs" / "dog.jpg"

SCRIPT = """
import sys
from pathlib import Path
from camclassify_core import Engine
from camclassify_core.options import EngineOptions, Runner
engine = Engine(EngineOptions(runner=Runner.ONNXRUNTIME, fused=False))
print(len(engine.classify(Path(sys.argv[1]).read_bytes()).detections))
"""


def test_a_run_leaves_no_telemetry_file(tmp_path: Path) -> None:
    # Some releases keep one in the user's cache unless they are told not to before they are loaded.
    folders = {"HOME": tmp_path, "XDG_CACHE_HOME": tmp_path / "cache", "TMPDIR": tmp_path}
    environment = {key: value for key, value in os.environ.items() if not key.startswith("ORT_")}
    environment |= {key: str(folder) for key, folder in folders.items()}
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT, PHOTOGRAPH], env=environment, capture_output=True, check=True
    )
    assert int(done.stdout) > 0
    assert list(tmp_path.rglob("*")) == []
