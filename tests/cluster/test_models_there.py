"""What a front makes of what engines answer, or do not."""

from collections.abc import Sequence
from typing import Any, Self

import pytest
from camclassify_core.cluster.hosted import build
from camclassify_core.cluster.models_there import ModelsThere, Refusal
from camclassify_core.errors import (
    CamClassifyError,
    EngineUnavailable,
    LessonsMissing,
    Superseded,
    TooMany,
)
from camclassify_core.open_inference.inference import InferAnswer, InferRequest
from camclassify_core.server.models_here import ModelCall
from ray.exceptions import ActorDiedError
from ray.serve.exceptions import BackPressureError, DeploymentUnavailableError

ANSWER = InferAnswer(model_name="camclassify")


class Engines:
    """A handle whose calls have these outcomes, one after the other."""

    def __init__(self, outcomes: Sequence[Any]) -> None:
        self.outcomes = list(outcomes)
        self.sessions: list[str] = []

    def options(self, *, session_id: str) -> Self:
        self.sessions.append(session_id)
        return self

    @property
    def answer(self) -> Self:
        return self

    async def remote(self, _what: str, *_asked: object) -> Any:
        outcome = self.outcomes.pop(0)
        if isinstance(outcome, Exception):
            raise outcome
        return outcome


async def infer(engines: Engines, camera: str = "driveway") -> InferAnswer:
    call = ModelCall(home="school", model="camclassify", camera=camera, asked=InferRequest())
    return await ModelsThere(engines).infer(call)


async def test_a_camera_is_always_asked_about_at_one_place() -> None:
    engines = Engines([ANSWER] * 3)
    assert await infer(engines) == ANSWER
    await infer(engines)
    await infer(engines, "garden")
    assert engines.sessions == ["school driveway", "school driveway", "school garden"]


async def test_an_engine_that_dies_over_it_is_made_up_for_once() -> None:
    engines = Engines([ActorDiedError(), ANSWER])
    assert await infer(engines) == ANSWER
    assert engines.sessions == ["school driveway"] * 2


@pytest.mark.parametrize(
    ("outcomes", "kind"),
    [
        ([ActorDiedError(), ActorDiedError()], EngineUnavailable),
        ([DeploymentUnavailableError(None)], EngineUnavailable),
        ([BackPressureError(num_queued_requests=9, max_queued_requests=9)], TooMany),
    ],
)
async def test_what_cannot_be_answered_is_an_error(
    outcomes: list[Exception], kind: type[CamClassifyError]
) -> None:
    with pytest.raises(kind):
        await infer(Engines(outcomes))


@pytest.mark.parametrize("error", [Superseded("newer"), LessonsMissing("what?")])
async def test_what_an_engine_refuses_is_refused_alike(error: CamClassifyError) -> None:
    with pytest.raises(type(error), match=str(error)):
        await infer(Engines([Refusal.of(error)]))


async def test_it_is_ready_as_one_of_the_engines_is() -> None:
    assert await ModelsThere(Engines([True])).is_ready()
    assert not await ModelsThere(Engines([False])).is_ready()
    assert not await ModelsThere(Engines([ActorDiedError(), ActorDiedError()])).is_ready()


def test_ray_can_deploy_it_by_its_own_tools() -> None:
    assert build({"most": "4", "lanes": "2"})
    with pytest.raises(CamClassifyError, match="no setting lane: there are bundle"):
        build({"lane": "2"})
