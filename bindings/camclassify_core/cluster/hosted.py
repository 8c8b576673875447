"""What Ray Serve hosts: fronts, which speak HTTP, and engines, which answer what is asked of a model.

All of it can be deployed by Ray's own tools, too: `serve run camclassify_core.cluster.hosted:build`.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ray import serve
from ray.serve.config import AutoscalingConfig, RequestRouterConfig
from ray.serve.deployment import Application
from ray.serve.handle import DeploymentHandle
from starlette.types import ASGIApp

from camclassify_core.errors import CamClassifyError, EngineUnavailable
from camclassify_core.options import EngineOptions
from camclassify_core.server.application import Application as HttpApplication
from camclassify_core.server.home_file import Homes, read_homes
from camclassify_core.server.models_here import ModelsHere
from camclassify_core.server.usage import MOST_CAMERAS, Usage
from camclassify_core.worker.client import EngineState

from .models_there import ModelsThere, Refusal
from .own_address import keep_to_own_address

_ENGINES = "engine"
_MOST_WAITING = 512  # requests that a replica has, and that wait for it in each front
_LANES_A_FRONT = 4  # of engines, that a front keeps busy
_LEAST_FRONTS = 2  # one may be killed
_OF_A_REPLICA: dict[str, Any] = {
    "logging_config": {"enable_access_log": False, "log_level": "WARNING"},
    "health_check_period_s": 1,
    "health_check_timeout_s": 3,
    "graceful_shutdown_timeout_s": 3,
    "graceful_shutdown_wait_loop_s": 0.1,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Hosted:
    """What is hosted: engines of `engine`, `fewest` to `most`, for the homes in a file, if there is one."""

    engine: EngineOptions
    homes: Path | None = None
    fewest: int = 1
    most: int = 1


class Engine:
    """A replica: the models of one engine, answered where their cameras are remembered."""

    async def __init__(self, options: EngineOptions) -> None:  # type: ignore[misc]  # Ray awaits it
        keep_to_own_address()
        self._models = ModelsHere(options, name=_own_name())
        await self._models.start()

    async def answer(self, what: str, *asked: object) -> object:
        """What the method of `Models` says that is named so, or a `Refusal`."""
        try:
            return await getattr(self._models, what)(*asked)
        except CamClassifyError as error:
            return Refusal.of(error)

    async def check_health(self) -> None:
        """What Ray asks each second. A worker that ended is back by itself, unless it keeps ending."""
        if self._models.state is EngineState.FAILED:
            raise EngineUnavailable("The worker keeps ending.")

    async def __del__(self) -> None:
        """What Ray awaits before it ends the replica."""
        await self._models.stop()


def build(settings: dict[str, Any]) -> Application:
    """For `serve run camclassify_core.cluster.hosted:build bundle=DIR homes=FILE most=4`."""
    known = {"bundle", "homes", "lanes", "fewest", "most"}
    if unknown := settings.keys() - known:
        raise CamClassifyError(
            f"There is no setting {min(unknown)}: there are {', '.join(sorted(known))}."
        )
    numbers = {key: int(value) for key, value in settings.items() if key in ("fewest", "most")}
    bundle, homes = settings.get("bundle"), settings.get("homes")
    return hosted(
        Hosted(
            engine=EngineOptions(
                bundle=Path(bundle) if bundle else None, lanes=int(settings.get("lanes", 1))
            ),
            homes=Path(homes) if homes else None,
            **numbers,
        )
    )


def hosted(what: Hosted) -> Application:
    """The application, to be run by Ray Serve."""
    lanes = what.engine.lanes
    engines = serve.deployment(
        Engine,
        name=_ENGINES,
        ray_actor_options={"num_cpus": lanes * what.engine.threads},
        max_ongoing_requests=_MOST_WAITING,
        max_queued_requests=_MOST_WAITING,
        autoscaling_config=AutoscalingConfig(
            min_replicas=what.fewest,
            max_replicas=what.most,
            target_ongoing_requests=2 * lanes,  # one is answered, one waits
            upscale_delay_s=10,
            downscale_delay_s=600,  # cameras change their replica then, which begins with a fresh memory
        ),
        request_router_config=RequestRouterConfig(
            request_router_class="ray.serve.experimental.consistent_hash_router.ConsistentHashRouter",
            request_router_kwargs={"num_fallback_replicas": 0},
        ),
        **_OF_A_REPLICA,
    )
    fronts = serve.deployment(
        serve.ingress(_asgi(what))(Front),
        name="front",
        num_replicas=max(_LEAST_FRONTS, what.most * lanes // _LANES_A_FRONT),
        ray_actor_options={"num_cpus": 0},
        max_ongoing_requests=_MOST_WAITING,
        **_OF_A_REPLICA,
    )
    return fronts.bind(engines.bind(what.engine))


class Front:
    """A replica that speaks HTTP, and hands on what is asked of a model."""

    def __init__(self, _engines: DeploymentHandle) -> None:
        keep_to_own_address()


def _asgi(what: Hosted) -> Callable[[], ASGIApp]:
    """What makes a front's application in its process."""

    def make() -> ASGIApp:
        engines = serve.get_deployment_handle(_ENGINES, serve.get_replica_context().app_name)
        homes = Homes(read_homes(what.homes).values() if what.homes else ())
        return HttpApplication(
            ModelsThere(engines),
            homes,
            Usage(most_cameras=MOST_CAMERAS * what.most),
            front=_own_name(),
        )

    return make


def _own_name() -> str:
    """Of the replica that this is."""
    return str(serve.get_replica_context().replica_id.unique_id)
