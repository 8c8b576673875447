"""Messages between client and worker, whole and broken."""

import io
import json

import pytest
from camclassify_core.worker.host import read_message
from camclassify_core.worker.protocol import (
    MAX_BODY,
    MAX_HEADER,
    PREFIX,
    Message,
    ProtocolError,
    decode_header,
    decode_prefix,
    encode_head,
)
from hypothesis import given
from hypothesis import strategies as st

values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=20,
)
headers = st.dictionaries(st.text(), values)


@given(st.lists(st.tuples(headers, st.binary())))
def test_messages_come_out_as_they_went_in(sent: list[tuple[dict[str, object], bytes]]) -> None:
    stream = io.BytesIO(
        b"".join(encode_head(Message(header, body)) + body for header, body in sent)
    )
    received = [read_message(stream) for _ in sent]
    assert [(one.header, one.body) for one in received if one] == sent
    assert read_message(stream) is None


@given(headers, st.binary(), st.data())
def test_a_message_that_breaks_off_is_the_end(
    header: dict[str, object], body: bytes, data: st.DataObject
) -> None:
    whole = encode_head(Message(header, body)) + body
    part = whole[: data.draw(st.integers(0, len(whole) - 1))]
    assert read_message(io.BytesIO(part)) is None


@given(st.binary())
def test_any_bytes_are_a_message_the_end_or_a_protocol_error(garbage: bytes) -> None:
    try:
        message = read_message(io.BytesIO(garbage))
    except ProtocolError:
        return
    assert message is None or isinstance(message.header, dict)


@given(st.binary())
def test_any_header_is_an_object_or_a_protocol_error(garbage: bytes) -> None:
    try:
        assert decode_header(garbage) == json.loads(garbage)
    except ProtocolError:
        return


@pytest.mark.parametrize(("header", "body"), [(MAX_HEADER + 1, 0), (0, MAX_BODY + 1)])
def test_an_announcement_beyond_the_limits_is_refused(header: int, body: int) -> None:
    with pytest.raises(ProtocolError, match="announced"):
        decode_prefix(PREFIX.pack(header, body))


def test_a_header_beyond_the_limit_is_not_sent() -> None:
    with pytest.raises(ProtocolError, match="too long"):
        encode_head(Message({"text": "x" * MAX_HEADER}))


def test_a_deeply_nested_header_is_a_protocol_error() -> None:
    with pytest.raises(ProtocolError):
        decode_header(b"[" * 100_000)
