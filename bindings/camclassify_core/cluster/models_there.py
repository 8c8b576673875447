"""The models of a cluster's engines, as a front sees them."""

import asyncio
from dataclasses import dataclass
from typing import Any, Self, cast

from ray.exceptions import RayError
from ray.serve.exceptions import BackPressureError, RayServeException
from ray.serve.handle import DeploymentHandle

from camclassify_core import errors
from camclassify_core.codec import Json
from camclassify_core.errors import CamClassifyError, Deadline, EngineUnavailable, TooMany
from camclassify_core.open_inference.inference import InferAnswer
from camclassify_core.open_inference.models import CLASSIFY, LONGEST_WAIT
from camclassify_core.server.models_here import ModelCall

_MARGIN = 0.5  # seconds that the way there and back may take beside the engine
_LONGEST_WAIT = 12.0  # seconds, for what no camera waits for
_READY_WAIT = 2.0
_PAUSE = 0.1  # seconds, until a front knows of the replica that died


@dataclass(frozen=True, slots=True)
class Refusal:
    """An error on its way from an engine to a front: a value, as an exception takes its traceback along."""

    name: str
    sentence: str

    @classmethod
    def of(cls, error: CamClassifyError) -> Self:
        """What to raise there."""
        return cls(type(error).__name__, str(error))

    def error(self) -> CamClassifyError:
        """What was raised."""
        kind = getattr(errors, self.name, CamClassifyError)
        return cast(CamClassifyError, kind(self.sentence))


class ModelsThere:
    """See `Models`. The camera says which replica is asked: in every front, as long as that one lives."""

    def __init__(self, engines: DeploymentHandle) -> None:
        self._engines = engines

    async def infer(self, call: ModelCall) -> InferAnswer:
        """See `Models`."""
        seconds = LONGEST_WAIT + _MARGIN if call.model == CLASSIFY else _LONGEST_WAIT
        answer = await self._ask(_session(call.home, call.camera), seconds, "infer", call)
        return cast(InferAnswer, answer)

    async def learn(self, home: str, camera: str, lessons: bytes) -> Json:
        """See `Models`."""
        session = _session(home, camera)
        return cast(Json, await self._ask(session, _LONGEST_WAIT, "learn", home, camera, lessons))

    async def metadata(self, model: str, version: str) -> Json:
        """See `Models`."""
        return cast(Json, await self._ask("", _LONGEST_WAIT, "metadata", model, version))

    async def is_ready(self) -> bool:
        """See `Models`: whether one of the engines is."""
        try:
            return bool(await self._ask("", _READY_WAIT, "is_ready"))
        except CamClassifyError:
            return False

    async def info(self) -> Json:
        """See `Models`: of one of the engines."""
        return cast(Json, await self._ask("", _LONGEST_WAIT, "info"))

    async def statistics(self) -> Json:
        """See `Models`: of one of the engines."""
        return cast(Json, await self._ask("", _LONGEST_WAIT, "statistics"))

    async def _ask(self, session: str, seconds: float, what: str, *asked: object) -> Any:
        """What a replica answers; once more if it died over it: the next one begins with a fresh memory."""
        try:
            async with asyncio.timeout(seconds):
                try:
                    answer = await self._engines.options(session_id=session).answer.remote(
                        what, *asked
                    )
                except RayError:
                    await asyncio.sleep(_PAUSE)
                    answer = await self._engines.options(session_id=session).answer.remote(
                        what, *asked
                    )
        except TimeoutError:
            raise Deadline(f"No engine of the cluster answered within {seconds:g} s.") from None
        except BackPressureError:
            raise TooMany("Too many requests wait for this engine of the cluster.") from None
        except (RayError, RayServeException) as error:
            raise EngineUnavailable(
                f"The engine ended over this: {type(error).__name__}."
            ) from None
        if isinstance(answer, Refusal):
            raise answer.error()
        return answer


def _session(home: str, camera: str) -> str:
    """What routes to a replica; nothing, where any of them will do. Names of homes have no space."""
    return f"{home} {camera}" if camera else ""
