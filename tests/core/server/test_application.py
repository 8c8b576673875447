"""What the server answers over HTTP, and to whom. Its engine is the fake worker's."""

import asyncio
import gc
import json
import logging
from collections.abc import AsyncIterator
from typing import Any

import pytest
from camclassify_core import Box, Regime, Request
from camclassify_core.open_inference import models
from camclassify_core.open_inference.inference import InferRequest, decode_answer
from camclassify_core.server.home_file import Home, Homes, Limits, hash_of
from camclassify_core.server.usage import Usage
from camclassify_core.worker.jobs import Job

from ..worker.test_client_teaching import example
from . import protocol_schema as schema
from .served import INFER, Client, Served, encoded, question, served

LIMITS = Limits(megabytes=1, requests_per_second=1000, cameras=3)
SCHOOL_TOKEN, PARK_TOKEN = "token-of-the-school", "token-of-the-park"
SCHOOL = Home(name="school", token_sha256=hash_of(SCHOOL_TOKEN), limits=LIMITS)
PARK = Home(name="park", token_sha256=hash_of(PARK_TOKEN), limits=LIMITS)
JPEG = b"\xff\xd8\xff"


@pytest.fixture
async def server() -> AsyncIterator[Served]:
    async with served() as running:
        yield running


@pytest.fixture
async def homes() -> AsyncIterator[Served]:
    async with served(Homes([SCHOOL, PARK])) as running:
        yield running


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/v2/health/live", schema.LIVE),
        ("/v2", schema.SERVER),
        ("/v2/", schema.SERVER),
        ("/v2/models/camclassify", schema.MODEL),
        ("/v2/models/features/versions/1", schema.MODEL),
        ("/v2/models/camclassify/ready", schema.MODEL_READY),
        ("/v2/models/camclassify/versions/1/ready", schema.MODEL_READY),
        ("/v2/models/nothing", schema.ERROR),
        ("/v2/models/camclassify/versions/2", schema.ERROR),
        ("/v3", schema.ERROR),
    ],
)
async def test_says_what_it_is_as_the_protocol_has_it(
    server: Served, path: str, expected: dict[str, Any]
) -> None:
    reply = await server.ask("GET", path)
    assert reply.status == (404 if expected is schema.ERROR else 200)
    schema.check(reply, expected)


async def test_is_ready_while_its_engine_answers(server: Served) -> None:
    assert (await server.ask("GET", "/v2/health/ready")).status == 200
    await server.models.stop()
    await asyncio.sleep(0.6)  # an answer holds for half a second
    for path in ("/v2/health/ready", "/v2/models/camclassify/ready"):
        reply = await server.ask("GET", path)
        assert (reply.status, reply.headers["x-camclassify-error"]) == (503, "EngineUnavailable")
        schema.check(reply, schema.ERROR)
    assert (await server.ask("GET", "/v2/health/live")).status == 200


@pytest.mark.parametrize("path", [INFER, "/v2/models/camclassify/versions/1/infer"])
@pytest.mark.parametrize("binary", [True, False])
async def test_answers_in_either_form(server: Served, path: str, binary: bool) -> None:
    asked = InferRequest(
        id="17",
        parameters={"features": True},
        inputs=models.classify_request(b"123", Request()).inputs,
        binary=binary,
    )
    reply = await server.ask("POST", path, *encoded(asked))
    said = schema.check(reply, schema.INFERENCE)
    assert (said["id"], said["model_name"], said["model_version"]) == ("17", "camclassify", "1")
    length = reply.headers.get("inference-header-content-length")
    result = models.read_result(decode_answer(reply.body, int(length) if length else None))
    (found,) = result.detections
    assert (found.name, found.features, result.width) == ("person", (0.0, 1.0, 2.0, 3.0), 3)
    assert (length is not None) == binary


async def test_a_request_in_json_alone_is_answered(server: Served) -> None:
    snapshot = {"name": "snapshot", "shape": [1], "datatype": "BYTES", "data": ["/9j/"]}
    body = json.dumps({"inputs": [snapshot], "outputs": [{"name": "classes"}]}).encode()
    said = schema.check(await server.ask("POST", INFER, body), schema.INFERENCE)
    (output,) = said["outputs"]
    assert (output["name"], output["data"]) == ("classes", ["person"])
    assert said["parameters"]["width"] == 3


async def test_the_other_models_answer(server: Served) -> None:
    box = Box(x0=0.0, y0=0.0, x1=1.0, y1=1.0)
    for model, asked in (
        ("features", models.features_request(JPEG, box, Regime.DAY)),
        ("cut_out", models.cut_out_request(JPEG, box, 2)),
        ("draw_boxes", models.draw_boxes_request(JPEG, [box, box])),
        ("forget", models.forget_request("drive")),
    ):
        reply = await server.ask("POST", f"/v2/models/{model}/infer", *encoded(asked))
        said = schema.check(reply, schema.INFERENCE)
        assert (reply.status, said["model_name"]) == (200, model)


@pytest.mark.parametrize(
    ("body", "headers", "sentence"),
    [
        (b"", {}, "no JSON"),
        (b"{}", {}, "'inputs' is no list"),
        (b'{"inputs":[]}', {}, "'snapshot' is missing"),
        (b'{"inputs":[]}', {"Inference-Header-Content-Length": "-1"}, "no length"),
        (
            b'{"inputs":[]}',
            {"Inference-Header-Content-Length": "99999999999999999999"},
            "no length",
        ),
        (b'{"inputs":[]}', {"Inference-Header-Content-Length": "14"}, "13 bytes"),
        (b'{"inputs":[]}', {"Content-Encoding": "gzip"}, "'gzip' is not read"),
        (b"[" * 999, {}, "no JSON"),
    ],
)
async def test_what_is_no_request_is_refused_with_a_sentence(
    server: Served, body: bytes, headers: dict[str, str], sentence: str
) -> None:
    reply = await server.ask("POST", INFER, body, headers)
    assert reply.status == 400
    assert sentence in schema.check(reply, schema.ERROR)["error"]


@pytest.mark.parametrize(
    ("snapshot", "status", "name"),
    [
        (b"bad", 400, "SnapshotError"),
        (b"bug", 500, "CamClassifyError"),
        (b"crash", 503, "EngineUnavailable"),
    ],
)
async def test_an_error_never_looks_like_an_empty_answer(
    server: Served, snapshot: bytes, status: int, name: str
) -> None:
    reply = await server.classify(snapshot)
    assert (reply.status, reply.headers["x-camclassify-error"]) == (status, name)
    schema.check(reply, schema.ERROR)


async def test_the_newest_snapshot_of_a_camera_wins(server: Served) -> None:
    busy = [asyncio.create_task(server.classify(b"sleep 0.3")) for _ in range(2)]
    await asyncio.sleep(0.1)
    older = asyncio.create_task(server.classify(b"1", camera="drive"))
    await asyncio.sleep(0.05)
    newer = await server.classify(b"22", camera="drive")
    reply = await older
    assert (reply.status, reply.headers["x-camclassify-error"]) == (409, "Superseded")
    assert newer.json["parameters"]["width"] == 2
    await asyncio.gather(*busy)


@pytest.mark.parametrize(
    ("snapshot", "error"), [(b"sleep 0.3", "Superseded"), (b"bad", "SnapshotError")]
)
async def test_an_error_keeps_no_picture(server: Served, snapshot: bytes, error: str) -> None:
    """Not until a collection of garbage, either: that comes seldom, and pictures are large."""
    gc.collect()
    gc.disable()
    try:
        replies = await asyncio.gather(
            *(server.classify(snapshot, camera="drive") for _ in range(20))
        )
        errors = [each.headers.get("x-camclassify-error") for each in replies]
        assert len([each for each in errors if each]) >= 15
        assert error in errors
        await asyncio.sleep(0)
        kept = [each for each in gc.get_objects() if isinstance(each, Job | InferRequest)]
        assert len(kept) <= 1  # what was done last
    finally:
        gc.enable()


async def test_who_waits_too_long_is_told_so(server: Served) -> None:
    asked = models.classify_request(b"sleep 0.6", Request())
    asked = InferRequest(inputs=asked.inputs, parameters={"timeout": 200_000})
    reply = await server.ask("POST", INFER, *encoded(asked))
    assert (reply.status, reply.headers["x-camclassify-error"]) == (504, "Deadline")


@pytest.mark.parametrize(
    "authorization",
    [
        "",
        "Bearer",
        "Bearer wrong",
        f"Basic {SCHOOL_TOKEN}",
        f"Bearer {SCHOOL.token_sha256}",
        "Bearer \xff",
    ],
)
@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/v2"),
        ("GET", "/v2/models/camclassify"),
        ("GET", "/v2/models/camclassify/ready"),
        ("POST", INFER),
        ("GET", "/camclassify/info"),
        ("GET", "/camclassify/statistics"),
        ("PUT", "/camclassify/lessons"),
    ],
)
async def test_who_is_no_home_is_told_nothing(
    homes: Served, authorization: str, method: str, path: str
) -> None:
    reply = await homes.ask(method, path, b"{}", {"Authorization": authorization})
    assert (reply.status, reply.headers["x-camclassify-error"]) == (401, "Unauthorized")
    assert reply.headers["www-authenticate"] == "Bearer"


async def test_a_home_is_known_by_its_token(homes: Served) -> None:
    for token in (SCHOOL_TOKEN, PARK_TOKEN):
        assert (await homes.ask("GET", "/v2", token=token)).status == 200
    for path in ("/v2/health/live", "/v2/health/ready", "/metrics"):
        assert (await homes.ask("GET", path)).status == 200


async def test_homes_may_change_while_it_runs(homes: Served) -> None:
    homes.application.homes = Homes([PARK])
    assert (await homes.ask("GET", "/v2", token=SCHOOL_TOKEN)).status == 401
    assert (await homes.ask("GET", "/v2", token=PARK_TOKEN)).status == 200


async def test_a_camera_of_another_home_is_another_camera(homes: Served) -> None:
    busy = [asyncio.create_task(homes.classify(b"sleep 0.3", token=SCHOOL_TOKEN)) for _ in range(2)]
    await asyncio.sleep(0.1)
    waiting = asyncio.create_task(homes.classify(b"1", token=SCHOOL_TOKEN, camera="drive"))
    await asyncio.sleep(0.05)
    await homes.classify(b"22", token=PARK_TOKEN, camera="drive")
    await homes.ask(
        "POST",
        "/v2/models/forget/infer",
        *encoded(models.forget_request("drive")),
        token=PARK_TOKEN,
    )
    assert (await waiting).json["parameters"]["width"] == 1
    await asyncio.gather(*busy)


async def test_lessons_are_said_when_they_are_missing(homes: Served) -> None:
    lessons = models.lessons_body([example("postwoman")], [])
    named = models.lessons_id(lessons)
    reply = await homes.classify(b"12345", token=SCHOOL_TOKEN, lessons=named)
    assert (reply.status, reply.headers["x-camclassify-error"]) == (428, "LessonsMissing")
    told = await homes.ask("PUT", "/camclassify/lessons", lessons, token=SCHOOL_TOKEN)
    assert (told.status, told.json["lessons"]) == (200, named)
    reply = await homes.classify(b"12345", token=SCHOOL_TOKEN, lessons=named)
    found = models.read_result(
        decode_answer(reply.body, int(reply.headers["inference-header-content-length"]))
    )
    assert [each.name for each in found.detections] == ["postwoman"]
    assert (await homes.classify(b"12345", token=PARK_TOKEN, lessons=named)).status == 428
    reply = await homes.ask("PUT", "/camclassify/lessons", b"{}", token=SCHOOL_TOKEN)
    assert (reply.status, reply.headers["x-camclassify-error"]) == (400, "ExampleError")


@pytest.mark.parametrize("token", ["", SCHOOL_TOKEN])
async def test_a_gigabyte_that_is_declared_is_not_waited_for(homes: Served, token: str) -> None:
    client = await Client.connect(homes.port)
    client.send("POST", INFER, b"x" * 1000, {"Content-Length": "1000000000"}, token=token)
    reply = await asyncio.wait_for(client.hear(), 0.5)
    assert reply.status == (413 if token else 401)
    assert await client.is_closed(2.0)


@pytest.mark.parametrize("chunked", [True, False])
async def test_a_picture_that_is_too_large_is_refused_and_its_sender_hears_why(
    homes: Served, chunked: bool
) -> None:
    client = await Client.connect(homes.port)
    size = 3_000_000
    headers = {"Transfer-Encoding": "chunked", "Content-Length": ""} if chunked else {}
    head = "\r\n".join(
        (
            f"POST {INFER} HTTP/1.1",
            f"Authorization: Bearer {SCHOOL_TOKEN}",
            "Transfer-Encoding: chunked" if headers else f"Content-Length: {size}",
            "",
            "",
        )
    )
    client.writer.write(head.encode())
    if chunked:
        client.writer.write(f"{size:x}\r\n".encode())
    client.writer.write(bytes(size))
    await client.writer.drain()
    reply = await client.hear()
    assert (reply.status, reply.headers["x-camclassify-error"]) == (413, "TooLarge")
    assert "1 MB" in reply.json["error"]


async def test_a_home_may_ask_so_often_and_no_more() -> None:
    slow = Home(name="slow", token_sha256=SCHOOL.token_sha256, limits=Limits(requests_per_second=2))
    async with served(Homes([slow, PARK])) as server:
        statuses = [(await server.classify(b"1", token=SCHOOL_TOKEN)).status for _ in range(6)]
        assert statuses == [200] * 4 + [429] * 2
        for path in ("/v2/models/camclassify", "/camclassify/info"):
            assert (await server.ask("GET", path, token=SCHOOL_TOKEN)).status == 429
        assert (await server.classify(b"1", token=PARK_TOKEN)).status == 200
        await asyncio.sleep(0.6)
        assert (await server.classify(b"1", token=SCHOOL_TOKEN)).status == 200


async def test_a_home_has_so_many_cameras_and_no_more(homes: Served) -> None:
    for camera, status in (("a", 200), ("b", 200), ("c", 200), ("d", 429), ("a", 200)):
        reply = await homes.classify(b"1", token=SCHOOL_TOKEN, camera=camera)
        assert reply.status == status
    assert "3 cameras" in (await homes.classify(b"1", token=SCHOOL_TOKEN, camera="d")).json["error"]
    assert (await homes.classify(b"1", token=PARK_TOKEN, camera="d")).status == 200


async def test_what_waits_takes_so_much_memory_and_no_more() -> None:
    usage = Usage(most_bytes=4_000_000)
    async with served(Homes([SCHOOL, PARK]), usage=usage, lanes=1) as server:
        waiting = [
            asyncio.create_task(
                server.classify(
                    b"sleep 0.05 ".ljust(600_000), token=SCHOOL_TOKEN, camera=str(n % 3)
                )
            )
            for n in range(4)
        ]
        replies = await asyncio.gather(*waiting)
        assert {each.status for each in replies} <= {200, 409, 429}
        assert 429 in {each.status for each in replies}
        assert usage.bytes == 0


async def test_counts_what_it_does(server: Served) -> None:
    await server.classify(b"1", camera="drive")
    await server.classify(b"bad", camera="garden")
    await server.ask("POST", "/v2/models/made_up/infer", *question(b"1"))
    reply = await server.ask("GET", "/metrics")
    assert reply.headers["content-type"].startswith("text/plain")
    lines = reply.body.decode().splitlines()
    for line in (
        'camclassify_requests_total{model="camclassify",outcome="ok"} 1',
        'camclassify_requests_total{model="camclassify",outcome="SnapshotError"} 1',
        'camclassify_requests_total{model="network",outcome="UnknownModel"} 1',
        'camclassify_stage_seconds_count{stage="total"} 1',
        'camclassify_stage_seconds_bucket{stage="scene",le="0.0025"} 1',
        "camclassify_waiting 0",
        "camclassify_cameras 2",
        "camclassify_ready 1",
        "camclassify_engine_restarts_total 0",
        "camclassify_engine_cameras 2",
        "camclassify_held_bytes 0",
    ):
        assert line in lines
    assert "drive" not in reply.body.decode()


async def test_the_log_tells_what_failed_and_neither_token_nor_picture(
    homes: Served, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    await homes.classify(b"bad", token=SCHOOL_TOKEN, request_id="from-home\n17")
    await homes.ask("GET", "/v2/models/camclassify", token="wrong-token")
    text = caplog.text
    assert "Home 'school', request 'from-home\\n17'" in text
    assert "SnapshotError" in text
    assert "Home unknown" in text
    for secret in (SCHOOL_TOKEN, SCHOOL.token_sha256, "wrong-token"):
        assert secret not in text


async def test_nobody_fills_a_disk_by_asking(
    homes: Served, caplog: pytest.LogCaptureFixture
) -> None:
    client = await Client.connect(homes.port)
    for _ in range(100):
        await client.ask("GET", "/v2")
        client.close()
        client = await Client.connect(homes.port)
    client.close()
    assert 10 <= caplog.text.count("Unauthorized") < 40
