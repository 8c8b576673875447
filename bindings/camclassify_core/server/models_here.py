"""The models of a server, answered by the engine of this machine. No HTTP."""

import asyncio
from collections.abc import Awaitable, Sequence
from dataclasses import asdict, dataclass, replace
from time import monotonic
from typing import Protocol

from camclassify_core.codec import Json, info_to_json, taught_to_json
from camclassify_core.errors import CamClassifyError, Deadline, UnknownModel
from camclassify_core.info import EngineInfo, TensorInfo
from camclassify_core.open_inference import models
from camclassify_core.open_inference.inference import InferAnswer, InferRequest, wanted_outputs
from camclassify_core.open_inference.tensor import Tensor
from camclassify_core.options import EngineOptions
from camclassify_core.worker.client import EngineClient, EngineState
from camclassify_core.worker.process import WORKER_COMMAND

from .usage import CamerasLately

_LONGEST_WAIT = 10.0  # seconds, for what no camera waits for
_READY_WAIT = 1.0
_DATATYPES = {"uint8": "UINT8", "int8": "INT8", "int64": "INT64", "float32": "FP32"}


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelCall:
    """What a home asks of a model, in the version that is there if it names none.

    `camera`: whose questions are to be answered at one place, for the sake of what is remembered there.
    """

    home: str
    model: str
    version: str = ""
    camera: str = ""
    asked: InferRequest


class Models(Protocol):
    """What the HTTP of a server stands before. Every method raises `CamClassifyError`."""

    async def infer(self, call: ModelCall) -> InferAnswer:
        """What the model says; every output that is wanted, and no other."""

    async def learn(self, home: str, camera: str, lessons: bytes) -> Json:
        """What a home taught, recognised from now on where `camera` is answered."""

    async def metadata(self, model: str, version: str) -> Json:
        """What a model takes and gives, as the protocol says it. Raises `UnknownModel`."""

    async def is_ready(self) -> bool:
        """Whether it answers now."""

    async def info(self) -> Json:
        """The bundle, and how it runs."""

    async def statistics(self) -> Json:
        """What the engine has used."""


class ModelsHere:
    """The models of an engine that a worker process hosts. `name`: of the engine, where there are several."""

    def __init__(
        self, options: EngineOptions, *, name: str = "", command: Sequence[str] = WORKER_COMMAND
    ) -> None:
        self._name = name
        self._cameras = CamerasLately()
        self._client = EngineClient(options, command=command)
        self._info: EngineInfo | None = None

    async def start(self) -> None:
        """Starts the worker. Raises `BundleError`, `EngineUnavailable`."""
        await self._client.start()
        self._info = await self._client.info()

    async def stop(self) -> None:
        """Ends the worker; who still waits is told that it is unavailable."""
        await self._client.stop()

    @property
    def state(self) -> EngineState:
        """What the worker is doing now."""
        return self._client.state

    async def infer(self, call: ModelCall) -> InferAnswer:
        """See `Models`."""
        self._check(call.model, call.version)
        answer = await self._answer(call)
        return replace(
            answer,
            model_version=self._version,
            id=call.asked.id,
            outputs=wanted_outputs(answer.outputs, call.asked),
        )

    async def learn(self, home: str, camera: str, lessons: bytes) -> Json:
        """See `Models`."""
        lessons_id = models.lessons_id(lessons)
        classes = await _within(_LONGEST_WAIT, self._client.learn(home, lessons, lessons_id))
        return {"lessons": lessons_id, "classes": [taught_to_json(each) for each in classes]}

    async def metadata(self, model: str, version: str) -> Json:
        """See `Models`."""
        self._check(model, version)
        known = models.MODELS.get(model) or await self._describe(model)
        return {
            "name": model,
            "versions": [self._version],
            "platform": models.PLATFORM,
            "inputs": [asdict(each) for each in known.inputs],
            "outputs": [asdict(each) for each in known.outputs],
        }

    async def is_ready(self) -> bool:
        """See `Models`."""
        try:
            await self.info()
        except CamClassifyError:
            return False
        return True

    async def info(self) -> Json:
        """See `Models`."""
        self._info = await _within(_READY_WAIT, self._client.info())
        return info_to_json(self._info)

    async def statistics(self) -> Json:
        """See `Models`."""
        used = asdict(await _within(_READY_WAIT, self._client.statistics()))
        return used | {"engine": self._name, "cameras": self._cameras.count(monotonic())}

    @property
    def _version(self) -> str:
        return self._info.bundle_version if self._info else ""

    def _check(self, model: str, version: str) -> None:
        networks = self._info.networks if self._info else ()
        if model not in (names := [*models.MODELS, *(each.name for each in networks)]):
            known = ", ".join(names)
            raise UnknownModel(f"There is no model {model!r}: there are {known}.")
        if version not in ("", self._version):
            raise UnknownModel(
                f"{model} is not there in version {version!r}, only in {self._version!r}."
            )

    async def _answer(self, call: ModelCall) -> InferAnswer:
        asked, client, home = call.asked, self._client, call.home
        match call.model:
            case models.CLASSIFY:
                question = models.read_question(asked)
                if camera := question.request.camera:
                    self._cameras.see(f"{home} {camera}", monotonic())
                classified = client.classify(
                    question.snapshot, question.request, home=home, lessons=question.lessons
                )
                return models.classify_answer(await _within(question.timeout, classified))
            case models.FEATURES:
                vector = client.features(*models.read_features_request(asked), home=home)
                return models.features_answer(await _within(_LONGEST_WAIT, vector))
            case models.DRAW_BOXES:
                drawn = client.draw_boxes(*models.read_draw_boxes_request(asked), home=home)
                return models.picture_answer(call.model, await _within(_LONGEST_WAIT, drawn))
            case models.CUT_OUT:
                part = client.cut_out(*models.read_cut_out_request(asked), home=home)
                return models.picture_answer(call.model, await _within(_LONGEST_WAIT, part))
            case models.FORGET:
                await client.forget(models.read_forget_request(asked), home=home)
                return InferAnswer(model_name=models.FORGET)
        return await self._run(call)

    async def _run(self, call: ModelCall) -> InferAnswer:
        """What a network says to tensors."""
        (given,) = (await self._describe(call.model)).inputs
        batch = models.read_batch(call.asked, given)
        ran = self._client.run_network(call.model, batch, home=call.home)
        return InferAnswer(
            model_name=call.model,
            outputs=tuple(
                Tensor(each.name, _DATATYPES[each.kind], each.shape, content)
                for each, content in await _within(_LONGEST_WAIT, ran)
            ),
        )

    async def _describe(self, network: str) -> models.ModelMetadata:
        described = self._client.describe_network(network)
        given, outputs = await _within(_LONGEST_WAIT, described)
        return models.ModelMetadata((_metadata(given),), tuple(map(_metadata, outputs)))


def _metadata(tensor: TensorInfo) -> models.TensorMetadata:
    return models.TensorMetadata(tensor.name, _DATATYPES[tensor.kind], tensor.shape)


async def _within[Answer](seconds: float, answer: Awaitable[Answer]) -> Answer:
    """The answer. Raises `Deadline` if it takes longer."""
    try:
        async with asyncio.timeout(seconds):
            return await answer
    except TimeoutError:
        raise Deadline(f"There was no answer within {seconds:g} s.") from None
