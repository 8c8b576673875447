"""What a server and its clients make of any bytes from each other; `script/fuzz serving` runs it.

Each must read a message or raise a `ProtocolViolation`; what was read is written and read again as it was.
"""

import sys
from contextlib import suppress
from importlib import import_module
from pathlib import Path
from typing import Any

# Not among the requirements: `script/fuzz` installs it. It sees what runs only of what it imports.
atheris: Any = import_module("atheris")
with atheris.instrument_imports(include=["camclassify_core"]):
    from camclassify_core.errors import ProtocolViolation
    from camclassify_core.open_inference import models
    from camclassify_core.open_inference.inference import (
        InferAnswer,
        InferRequest,
        decode_answer,
        decode_request,
        encode_answer,
        encode_request,
        read_json_length,
    )

REQUEST_READERS = (
    models.read_question,
    models.read_features_request,
    models.read_draw_boxes_request,
    models.read_cut_out_request,
    models.read_forget_request,
)
ANSWER_READERS = (models.read_result, models.read_features, models.read_picture)


def try_bytes(data: bytes) -> None:
    """One input of the fuzzer: a body, and where its JSON ends."""
    said, _, body = data.partition(b"\n")
    with suppress(ProtocolViolation):
        length = read_json_length(said.decode("latin-1") if said else None)
        _try_request(body, length)
        _try_answer(body, length)


def _try_request(body: bytes, length: int | None) -> None:
    request = InferRequest()
    with suppress(ProtocolViolation):
        request = decode_request(body, length)
    again = encode_request(request)
    assert decode_request(again.body, again.json_length) == request
    for read in REQUEST_READERS:
        with suppress(ProtocolViolation):
            read(request)


def _try_answer(body: bytes, length: int | None) -> None:
    answer = InferAnswer(model_name="m")
    with suppress(ProtocolViolation):
        answer = decode_answer(body, length)
    again = encode_answer(answer, InferRequest(binary=True))
    assert repr(decode_answer(again.body, again.json_length)) == repr(answer)
    for read in ANSWER_READERS:
        with suppress(ProtocolViolation):
            read(answer)


def main() -> None:
    """Fuzzes, with libFuzzer's options; `--replay FOLDER` only tries what was learnt."""
    match sys.argv[1:]:
        case ["--replay", folder]:
            for file in sorted(Path(folder).iterdir()):
                try_bytes(file.read_bytes())
        case _:
            atheris.Setup(sys.argv, try_bytes)
            atheris.Fuzz()


if __name__ == "__main__":
    main()
