"""The models of a server answer as the engine does, each home for itself. No HTTP."""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from camclassify_core import (
    CamClassifyError,
    Engine,
    EngineOptions,
    EngineUnavailable,
    ExampleError,
    Regime,
    Request,
    RequestError,
    SnapshotError,
    Superseded,
)
from camclassify_core.bundle.places import default_bundle
from camclassify_core.errors import Deadline, LessonsMissing, UnknownModel
from camclassify_core.open_inference import models
from camclassify_core.open_inference.inference import InferRequest
from camclassify_core.open_inference.tensor import Tensor
from camclassify_core.server.models_here import ModelCall, ModelsHere

from ..worker.test_client_teaching import example

FAKE = (sys.executable, str(Path(__file__).parents[1] / "worker" / "fake_worker.py"))


@pytest.fixture
async def here() -> AsyncIterator[ModelsHere]:
    here = ModelsHere(EngineOptions(lanes=2), command=FAKE)
    await here.start()
    yield here
    await here.stop()


def classify(
    snapshot: bytes, *, home: str = "a", camera: str = "", lessons: str = "", timeout: float = 2.0
) -> ModelCall:
    asked = models.classify_request(snapshot, Request(camera=camera), lessons=lessons)
    asked = replace(asked, parameters={**asked.parameters, "timeout": round(timeout * 1e6)})
    return ModelCall(home=home, model="camclassify", camera=camera, asked=asked)


async def ready(here: ModelsHere) -> None:
    async with asyncio.timeout(10):
        while not await here.is_ready():
            await asyncio.sleep(0.01)


async def names(here: ModelsHere, call: ModelCall) -> list[str]:
    return [each.name for each in models.read_result(await here.infer(call)).detections]


async def test_the_real_engine_says_the_same_here(engine: Engine, dog: bytes) -> None:
    here = ModelsHere(EngineOptions())
    await here.start()
    try:
        asked = models.classify_request(dog, Request(features=True), request_id="7")
        answer = await here.infer(ModelCall(home="a", model="camclassify", asked=asked))
        expected = engine.classify(dog, Request(features=True))
        assert models.read_result(answer).detections == expected.detections
        assert (answer.id, answer.model_version) == ("7", engine.info().bundle_version)
        box = expected.detections[0].box
        for model, question in (
            ("features", models.features_request(dog, box, Regime.DAY)),
            ("cut_out", models.cut_out_request(dog, box, 64)),
            ("draw_boxes", models.draw_boxes_request(dog, [box])),
        ):
            (output,) = (await here.infer(ModelCall(home="a", model=model, asked=question))).outputs
            match model:
                case "features":
                    assert output.numbers() == engine.features(dog, box, Regime.DAY)
                case "cut_out":
                    assert output.elements() == (engine.cut_out(dog, box, 64),)
                case _:
                    assert output.elements() == (engine.draw_boxes(dog, [box]),)
    finally:
        await here.stop()


async def test_the_networks_of_the_bundle_take_batches_of_tensors(dog: bytes) -> None:
    from camclassify_core.native import core

    here = ModelsHere(EngineOptions())
    await here.start()
    try:
        for name, side in (("scene", 416), ("object", 224)):
            said = await here.metadata(name, "")
            (given,) = said["inputs"]
            assert given == {"name": "picture", "datatype": "UINT8", "shape": (-1, side, side, 3)}
            pictures = np.stack(
                [core.decode(dog, (side, side))[:side, :side], np.full((side, side, 3), 99)]
            ).astype(np.uint8)
            batch = Tensor("picture", "UINT8", pictures.shape, pictures.tobytes())
            answer = await here.infer(
                ModelCall(home="a", model=name, asked=InferRequest(inputs=(batch,)))
            )
            network = core.Network(default_bundle() / f"{name}.int8.onnx")
            for index, output in enumerate(answer.outputs):
                shape = said["outputs"][index]["shape"]
                assert (output.shape[0], output.shape[1:]) == (2, shape[1:])
                found = np.frombuffer(output.content, np.float32).reshape(output.shape)
                for picture, values in zip(pictures, found, strict=True):
                    network.input(0)[...] = picture
                    network.run()
                    np.testing.assert_array_equal(values, network.output(index)[0])
            for wrong in (
                Tensor("picture", "UINT8", (1, side, side, 1), bytes(side * side)),
                Tensor("picture", "UINT8", (17, side, side, 3), bytes(17 * side * side * 3)),
                Tensor("picture", "UINT8", (0, side, side, 3), b""),
                Tensor("pixels", "UINT8", (1, side, side, 3), bytes(side * side * 3)),
            ):
                with pytest.raises(RequestError, match=r"picture"):
                    await here.infer(
                        ModelCall(home="a", model=name, asked=InferRequest(inputs=(wrong,)))
                    )
    finally:
        await here.stop()


async def test_the_newest_snapshot_of_a_camera_wins_in_its_own_home_only(here: ModelsHere) -> None:
    busy = [asyncio.create_task(here.infer(classify(b"sleep 0.3"))) for _ in range(2)]
    await asyncio.sleep(0.05)
    older = asyncio.create_task(here.infer(classify(b"1", camera="drive")))
    other = asyncio.create_task(here.infer(classify(b"22", home="b", camera="drive")))
    await asyncio.sleep(0)
    newer = await here.infer(classify(b"333", camera="drive"))
    with pytest.raises(Superseded, match="a/drive"):
        await older
    assert (newer.parameters["width"], (await other).parameters["width"]) == (3, 2)
    await asyncio.gather(*busy)


async def test_a_home_that_asks_too_much_waits_for_itself(here: ModelsHere) -> None:
    crowd = [
        asyncio.create_task(here.infer(classify(b"sleep 0.05", camera=str(number))))
        for number in range(30)
    ]
    await asyncio.sleep(0.01)
    await here.infer(classify(b"1", home="b", camera="drive", timeout=0.3))
    assert sum(each.done() for each in crowd) < 15
    await asyncio.gather(*crowd)


async def test_who_waits_too_long_is_told_so(here: ModelsHere) -> None:
    with pytest.raises(Deadline, match=r"0\.1 s"):
        await here.infer(classify(b"sleep 0.5", timeout=0.1))


async def test_what_a_home_taught_is_recognised_in_that_home_alone(here: ModelsHere) -> None:
    lessons = models.lessons_body([example("postwoman")], [])
    with pytest.raises(LessonsMissing):
        await here.infer(classify(b"12345", lessons=models.lessons_id(lessons)))
    told = await here.learn("a", "drive", lessons)
    assert told["lessons"] == models.lessons_id(lessons)
    assert [each["info"]["name"] for each in told["classes"]] == ["postwoman"]
    assert await names(here, classify(b"12345", lessons=told["lessons"])) == ["postwoman"]
    assert await names(here, classify(b"12345")) == ["person"]
    with pytest.raises(LessonsMissing):
        await here.infer(classify(b"12345", home="b", lessons=told["lessons"]))
    other = await here.learn("b", "", models.lessons_body([example("neighbour")], []))
    assert await names(here, classify(b"12345", home="b", lessons=other["lessons"])) == [
        "neighbour"
    ]
    assert await names(here, classify(b"12345", lessons=told["lessons"])) == ["postwoman"]


async def test_what_is_nothing_is_so_at_the_camera_that_showed_it(here: ModelsHere) -> None:
    nothing = replace(example(None), camera="drive")
    told = await here.learn("a", "", models.lessons_body([nothing], []))
    for camera, seen in (("drive", []), ("garden", ["person"])):
        assert await names(here, classify(b"12345", camera=camera, lessons=told["lessons"])) == seen


async def test_a_new_worker_has_to_be_told_again(here: ModelsHere) -> None:
    lessons = models.lessons_body([example("postwoman")], [])
    told = await here.learn("a", "", lessons)
    os.kill((await here.info())["pid"], signal.SIGKILL)
    async with asyncio.timeout(10):
        while True:
            try:
                await here.infer(classify(b"12345", lessons=told["lessons"]))
            except LessonsMissing:
                await here.learn("a", "", lessons)
                break
            except EngineUnavailable:
                await asyncio.sleep(0.05)
    assert await names(here, classify(b"12345", lessons=told["lessons"])) == ["postwoman"]


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b"{}",
        b'{"examples":1,"background":[]}',
        b'{"examples":[{}],"background":[]}',
        b"[" * 99_999,
    ],
)
async def test_lessons_that_are_none_are_refused(here: ModelsHere, body: bytes) -> None:
    with pytest.raises(ExampleError):
        await here.learn("a", "", body)


async def test_a_picture_that_ends_the_worker_costs_its_home_that_picture(here: ModelsHere) -> None:
    bad = asyncio.create_task(here.infer(classify(b"crash 0.2", camera="drive")))
    await asyncio.sleep(0.05)
    good = asyncio.create_task(here.infer(classify(b"sleep 0.5", home="b", camera="drive")))
    with pytest.raises(EngineUnavailable):
        await bad
    with suppress(Deadline):  # the worker had to start twice to know which picture it was
        await good
    await ready(here)
    assert await names(here, classify(b"1", home="b", camera="drive")) == ["person"]


async def test_says_what_its_models_take_and_which_there_are(here: ModelsHere) -> None:
    assert await here.metadata("cut_out", "1") == {
        "name": "cut_out",
        "versions": ["1"],
        "platform": "camclassify",
        "inputs": [
            {"name": "snapshot", "datatype": "BYTES", "shape": (1,)},
            {"name": "box", "datatype": "FP32", "shape": (4,)},
        ],
        "outputs": [{"name": "picture", "datatype": "BYTES", "shape": (1,)}],
    }
    for model, version in (("nothing", ""), ("camclassify", "2")):
        with pytest.raises(UnknownModel, match=r"camclassify"):
            await here.metadata(model, version)
        with pytest.raises(UnknownModel):
            await here.infer(
                ModelCall(home="a", model=model, version=version, asked=InferRequest())
            )


async def test_errors_are_those_of_the_engine(here: ModelsHere) -> None:
    with pytest.raises(SnapshotError):
        await here.infer(classify(b"bad"))
    with pytest.raises(CamClassifyError):
        await here.infer(classify(b"bug"))


async def test_is_ready_while_its_worker_runs(here: ModelsHere) -> None:
    assert await here.is_ready()
    pid = (await here.info())["pid"]
    os.kill(pid, signal.SIGKILL)
    async with asyncio.timeout(10):
        while await here.is_ready():
            await asyncio.sleep(0.01)
    await ready(here)
    assert (await here.statistics())["restarts"] == 1


async def test_forgets_a_camera_of_one_home(here: ModelsHere) -> None:
    asked = models.forget_request("drive")
    answer = await here.infer(ModelCall(home="a", model="forget", asked=asked))
    assert (answer.model_name, answer.outputs) == ("forget", ())


async def test_what_waits_is_told_when_it_stops() -> None:
    here = ModelsHere(EngineOptions(), command=FAKE)
    await here.start()
    waiting = asyncio.create_task(here.infer(classify(b"sleep 1")))
    await asyncio.sleep(0.05)
    await here.stop()
    with pytest.raises(EngineUnavailable):
        await waiting
    with suppress(EngineUnavailable):
        await here.infer(classify(b"1"))
