"""The reader of PyTorch state dicts never runs what a file says."""

import pickle

import pytest
from camclassify_core.bundle import state_dict
from camclassify_core.errors import BundleError
from hypothesis import example, given
from hypothesis import strategies as st

HEADER = pickle.dumps(state_dict.MAGIC) + pickle.dumps(1001) + pickle.dumps({})


class Malicious:
    """Unpickled carelessly, it calls a function."""

    def __reduce__(self) -> tuple[object, tuple[str]]:
        return exec, ("raise SystemExit",)


def test_functions_in_the_file_are_refused() -> None:
    content = HEADER + pickle.dumps(Malicious())
    with pytest.raises(BundleError, match="exec is not allowed"):
        state_dict.read(content)


@given(st.binary(max_size=200))
def test_any_bytes_are_refused(content: bytes) -> None:
    with pytest.raises(BundleError):
        state_dict.read(content)


@example(b"\x96" + bytes(7) + b"\x01")  # a length that no memory has room for
@given(st.binary(max_size=200))
def test_any_bytes_behind_a_valid_header_are_refused(content: bytes) -> None:
    with pytest.raises(BundleError):
        state_dict.read(HEADER + content)
