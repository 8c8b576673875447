"""Whatever is wrong with a bundle, it loads or the error says what is wrong and where."""

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import onnx
import pytest
from camclassify_core.bundle.places import default_bundle
from camclassify_core.errors import BundleError
from camclassify_core.native import core
from camclassify_core.network import onnx_writer
from camclassify_core.network.fusion import fuse
from hypothesis import given, settings
from hypothesis import strategies as st

from ..sketch import Sketch

type Place = tuple[str | int, ...]

ANY_VALUE = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(allow_nan=False, allow_infinity=False),
    st.text(max_size=300),
    st.just([]),
    st.just({}),
    st.just(["vehicle"]),
    st.just("x" * 5000),
)


def small_network() -> bytes:
    """A fused network of a few kilobytes."""
    sketch = Sketch((16, 16))
    value = sketch.conv("image", 8, kernel=3, stride=2, pads=[1] * 4)
    value = sketch.activation(value, "relu")
    value = sketch.activation(sketch.depthwise(value, 3, 1, [1] * 4), "relu")
    pooled = sketch.node("Flatten", sketch.node("GlobalAveragePool", sketch.conv(value, 8)), axis=1)
    return onnx_writer.to_bytes(fuse(sketch.finish(pooled))[0])


NETWORK = small_network()
# Behind it are only the versions of operator sets: without these it is still whole.
END_OF_GRAPH = len(NETWORK) - len(
    onnx.ModelProto(opset_import=onnx.load_from_string(NETWORK).opset_import).SerializeToString()
)
MANIFEST = (default_bundle() / "bundle.json").read_text()


def places(value: Any, place: Place = ()) -> Iterator[Place]:
    """Where a JSON document holds values."""
    keys: list[str | int] = []
    if isinstance(value, dict):
        keys = list(value)
    elif isinstance(value, list):
        keys = list(range(len(value)))
    for key in keys:
        yield (*place, key)
        yield from places(value[key], (*place, key))


def refusal(load: Callable[[], object]) -> str | None:
    """What the error says, if it does not load."""
    try:
        load()
    except BundleError as error:
        return str(error)
    return None


@pytest.fixture(scope="module")
def directory(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A bundle's directory with empty files for its networks."""
    folder = tmp_path_factory.mktemp("bundle")
    for network in default_bundle().glob("*.onnx"):
        (folder / network.name).touch()
    return folder


@settings(max_examples=400, deadline=None)
@given(
    edits=st.lists(
        st.tuples(st.integers(0, len(NETWORK) - 1), st.integers(0, 3), st.binary(max_size=4)),
        min_size=1,
        max_size=4,
    )
)
def test_a_damaged_network_opens_or_is_refused_with_a_sentence(
    edits: list[tuple[int, int, bytes]],
) -> None:
    damaged = bytearray(NETWORK)
    for position, removed, inserted in edits:
        damaged[position : position + removed] = inserted
    message = refusal(lambda: core.Network(bytes(damaged), runner="direct"))
    assert message is None or re.fullmatch(r"(?s)[A-Z].{20,}\.", message)


@settings(max_examples=100, deadline=None)
@given(length=st.integers(0, END_OF_GRAPH - 1))
def test_a_network_that_is_cut_off_is_refused(length: int) -> None:
    with pytest.raises(BundleError):
        core.Network(NETWORK[:length], runner="direct")


def test_a_name_that_is_no_text_can_still_be_shown() -> None:
    node = re.search(rb"(?s)Pointwise", NETWORK)
    assert node
    with pytest.raises(BundleError, match=r"\\xffointwise"):
        core.Network(NETWORK.replace(b"Pointwise", b"\xffointwise"), runner="direct")


@settings(max_examples=400, deadline=None)
@given(place=st.sampled_from(list(places(json.loads(MANIFEST)))), value=ANY_VALUE | st.just(...))
def test_a_wrong_value_loads_or_is_reported_with_its_key(
    directory: Path, place: Place, value: object
) -> None:
    document = json.loads(MANIFEST)
    parent = document
    for key in place[:-1]:
        parent = parent[key]
    if value is ...:
        del parent[place[-1]]
    else:
        parent[place[-1]] = value
    (directory / "bundle.json").write_text(json.dumps(document))
    message = refusal(lambda: core.load_bundle(directory))
    assert message is None or re.search(r"(?s)bundle\.json: (the key )?'[\w.\[\]]+' .+\.$", message)
