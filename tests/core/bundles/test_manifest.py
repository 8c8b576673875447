"""bundle.json is read as it was written, and anything else is refused with a reason."""

import json
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from camclassify_core.bundles import default_bundle
from camclassify_core.bundles.manifest import FILE_NAME, Manifest
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
