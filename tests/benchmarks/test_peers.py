"""Other engines are given the same work, or it is said why they are not."""

import ast
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from importlib.metadata import requires
from pathlib import Path

import onnx
import pytest
from camclassify_core.bundle.places import default_bundle
from camclassify_core.network import onnx_file

from benchmarks.peers import __main__ as program
from benchmarks.peers import entries
from benchmarks.peers.lowering import not_lowered
from tests.core.whole_bundle import WHOLE_BUNDLE

PEERS = Path(program.__file__).parent

PEER = """
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from benchmarks.peers.onnxruntime import open_network
from benchmarks.peers.peer_files import write_peer_files
from camclassify_core.bench.networks import file_network
file = Path(sys.argv[1])
with TemporaryDirectory() as folder:
    files = write_peer_files(file, file_network(file).feeds, Path(folder))
    open_network(files.int8, files.feed, 1, "int8").run()
"""


def test_a_network_that_an_engine_cannot_be_given_says_which_operators_are_to_blame(
    tmp_path: Path,
) -> None:
    image = onnx.helper.make_tensor_value_info("image", onnx.TensorProto.FLOAT, [1, 3, 8, 8])
    result = onnx.helper.make_tensor_value_info("result", onnx.TensorProto.FLOAT, [1, 3, 8, 8])
    node = onnx.helper.make_node("Erf", ["image"], ["result"])
    graph = onnx.helper.make_graph([node], "unusual", [image], [result])
    file = tmp_path / "unusual.onnx"
    onnx.save(onnx.helper.make_model(graph), file)
    assert not_lowered(onnx_file.read(file)) == ["Erf"]


def test_networks_of_the_bundle_can_be_given_to_every_engine() -> None:
    for name in ("scene.onnx", "object.onnx"):
        assert not_lowered(onnx_file.read(WHOLE_BUNDLE / name)) == []


def pretend_installed(monkeypatch: pytest.MonkeyPatch, *names: str) -> None:
    for module in (program, entries):
        monkeypatch.setattr(module, "installed", lambda: list(names))


def test_peers_say_what_to_do_where_the_bundle_lacks_the_original_networks(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    pretend_installed(monkeypatch, "onnxruntime")
    monkeypatch.setattr(program, "find_spec", lambda _name: True)
    assert program.main(["--bundle", str(default_bundle())]) == 1
    assert "camclassify bundle build DIR" in capsys.readouterr().err


@pytest.mark.parametrize("missing", ["cv2", "every engine"])
def test_what_is_missing_is_named_with_its_remedy(
    missing: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    pretend_installed(monkeypatch, *["onnxruntime"] * (missing == "cv2"))
    monkeypatch.setitem(sys.modules, "cv2", None)
    assert program.main([]) == 1
    assert "pip install -r benchmarks/peers/requirements.txt" in capsys.readouterr().err


def test_onnx_runtime_agrees_with_us_on_a_network_and_is_weighed_beside_us(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(program, "_ROUNDS", 1)
    pretend_installed(monkeypatch, "onnxruntime")
    assert program.main([str(WHOLE_BUNDLE / "object.onnx"), "--json"]) == 0
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    engines = [line["name"] for line in lines if "comparison" in line]
    assert engines[1:] == ["ONNX Runtime", "ONNX Runtime"]
    assert engines[0].startswith("CamClassify")
    weighed = {line["engine"]: line for line in lines if "loading" in line}
    assert weighed.keys() == {"ours", "onnxruntime"}
    assert min(each["load_ms"] for each in weighed.values()) > 0


def test_disagreement_in_fp32_fails(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(program, "_ROUNDS", 1)
    pretend_installed(monkeypatch, "onnxruntime")
    monkeypatch.setattr("camclassify_core.bench.comparison.MAX_DIFFERENCE", -1.0)
    assert program.main([str(WHOLE_BUNDLE / "object.onnx")]) == 1
    assert "ONNX Runtime in network object" in capsys.readouterr().err


def test_a_peer_leaves_no_telemetry_file(tmp_path: Path) -> None:
    # Some releases of ONNX Runtime keep one unless they are told not to before they are loaded.
    folders = {"HOME": tmp_path, "XDG_CACHE_HOME": tmp_path / "cache", "TMPDIR": tmp_path}
    environment = {key: value for key, value in os.environ.items() if not key.startswith("ORT_")}
    environment |= {key: str(folder) for key, folder in folders.items()}
    done = subprocess.run(
        [sys.executable, "-c", PEER, WHOLE_BUNDLE / "object.onnx"],
        cwd=PEERS.parents[1],
        env=environment,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    assert list(tmp_path.rglob("*")) == []


def imports_of(file: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
            yield node.module.partition(".")[0]


DISTRIBUTION_OF = {
    "ai_edge_litert": "ai-edge-litert",
    "cv2": "opencv-python-headless",
    "flatbuffers": "ai-edge-litert",
    "PIL": "pillow",
}
"""The requirement that brings a package of another name."""


def test_requirements_bring_what_is_imported_and_nothing_else() -> None:
    imported = {name for file in PEERS.glob("*.py") for name in imports_of(file)}
    used = {
        DISTRIBUTION_OF.get(name, name)
        for name in imported - sys.stdlib_module_names - {"camclassify_core"}
    }
    of_the_wheel = {line.split(">")[0].lower() for line in requires("camclassify") or []}
    lines = (PEERS / "requirements.txt").read_text().splitlines()
    required = {line for line in lines if not line.startswith("#")}
    assert required == used - of_the_wheel
