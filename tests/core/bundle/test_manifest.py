"""bundle.json is read as it was written, and anything else is refused with a reason."""

import json
import shutil
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from camclassify_core import Engine, EngineOptions
from camclassify_core.bundle.manifest import FILE_NAME, Manifest
from camclassify_core.bundle.places import default_bundle
from camclassify_core.errors import BundleError
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

SCALARS = st.none() | st.booleans() | st.integers() | st.text(max_size=5)
KEYS = st.sampled_from(["format", "name", "version", "classes", "scenes", "objects", "files"])
ANYTHING = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=5)
)


def test_survives_writing_and_reading(tmp_path: Path) -> None:
    manifest = Manifest.read(default_bundle())
    manifest.write(tmp_path)
    assert (tmp_path / FILE_NAME).read_text() == (default_bundle() / FILE_NAME).read_text()


@pytest.mark.parametrize("key", ["name", "version", "classes", "scenes"])
def test_missing_key_is_named(key: str, tmp_path: Path) -> None:
    content = json.loads((default_bundle() / FILE_NAME).read_text())
    del content[key]
    (tmp_path / FILE_NAME).write_text(json.dumps(content))
    with pytest.raises(BundleError, match=f"no key '{key}'"):
        Manifest.read(tmp_path)


@pytest.mark.parametrize("path", ["../secret.onnx", "/etc/hostname", "link.onnx", "linked/x.onnx"])
def test_a_path_out_of_the_bundle_is_refused_by_python_and_by_the_engine(
    path: str, tmp_path: Path
) -> None:
    bundle = tmp_path / "bundle"
    shutil.copytree(default_bundle(), bundle)
    secret = tmp_path / "secret.onnx"
    secret.write_bytes((bundle / "scene.int8.onnx").read_bytes())
    (bundle / "link.onnx").symlink_to(secret)
    (bundle / "linked").symlink_to(tmp_path)
    (tmp_path / "x.onnx").write_bytes(secret.read_bytes())
    content = json.loads((bundle / FILE_NAME).read_text())
    content["scenes"][0]["files"][0]["path"] = path
    (bundle / FILE_NAME).write_text(json.dumps(content))
    with pytest.raises(BundleError, match="outside the bundle"):
        Manifest.read(bundle)
    with pytest.raises(BundleError, match="inside the bundle"):
        Engine(EngineOptions(bundle=bundle))


def test_a_bundle_may_itself_be_a_link_and_hold_links_to_its_own_files(tmp_path: Path) -> None:
    bundle = tmp_path / "bundle"
    shutil.copytree(default_bundle(), bundle)
    (bundle / "real.onnx").write_bytes((bundle / "scene.int8.onnx").read_bytes())
    (bundle / "scene.int8.onnx").unlink()
    (bundle / "scene.int8.onnx").symlink_to("real.onnx")
    (tmp_path / "link").symlink_to(bundle)
    assert Manifest.read(tmp_path / "link").scenes
    assert Engine(EngineOptions(bundle=tmp_path / "link")).info().classes


def test_newer_format_is_refused(tmp_path: Path) -> None:
    (tmp_path / FILE_NAME).write_text('{"format": 2}')
    with pytest.raises(BundleError, match="format 2, known is 1"):
        Manifest.read(tmp_path)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(content=ANYTHING)
def test_any_json_is_refused_or_read(content: Any, tmp_path: Path) -> None:
    if isinstance(content, dict):
        content["format"] = 1
    (tmp_path / FILE_NAME).write_text(json.dumps(content))
    with suppress(BundleError):
        Manifest.read(tmp_path)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(content=st.binary(max_size=100))
def test_any_bytes_are_refused(content: bytes, tmp_path: Path) -> None:
    (tmp_path / FILE_NAME).write_bytes(content)
    with pytest.raises(BundleError):
        Manifest.read(tmp_path)
