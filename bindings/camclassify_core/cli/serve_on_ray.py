"""`camclassify serve --ray`: the same, on several processes and machines."""

from argparse import ArgumentTypeError, Namespace
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from camclassify_core.cores import usable_cores
from camclassify_core.errors import CamClassifyError
from camclassify_core.options import EngineOptions

from .arguments import refuse_without, whole
from .output import print_json
from .parser import Parser

if TYPE_CHECKING:
    from camclassify_core.server.running import Place

_LOOPBACK = "127.0.0.1"
_MOST_ENGINES = 1024
_WITHOUT_RAY = (
    "Ray is not installed: pip install 'camclassify[cluster]'. It has no wheel for musl (Alpine, Home"
    " Assistant OS): a cluster runs where there is glibc, and plain `camclassify serve` everywhere."
)


def add_ray_arguments(parser: Parser) -> None:
    """What `serve_on_ray` reads."""
    group = parser.add_argument_group("a cluster (docs/cluster.md)")
    group.add_argument(
        "--ray",
        action="store_true",
        help="host it on Ray Serve: engines that are added as they are needed, and replaced when they end",
    )
    group.add_argument(
        "--engines",
        type=_engines,
        metavar="LOW-HIGH",
        help="how many engines there are, one of them on a core (default: 2 to as many as there are cores)",
    )
    group.add_argument(
        "--address",
        type=_address,
        metavar="IP[:PORT]",
        help="of this machine in a cluster of several, where the others join it",
    )
    group.add_argument(
        "--join", type=_place, metavar="IP:PORT", help="become a part of the cluster with this head"
    )
    group.add_argument(
        "--secret",
        type=Path,
        metavar="FILE",
        help="what machines of a cluster know one another by: made by its head, copied to the others",
    )


def is_for_ray(arguments: Namespace) -> bool:
    """Whether the command line asks for a cluster. Raises `UsageError` for options that only one has."""
    refuse_without(arguments, "--ray", "--engines", "--address", "--join", "--secret")
    refuse_without(arguments, "--address", "--secret", "--join")
    refuse_without(arguments, "--secret", "--address")
    return bool(arguments.ray)


def serve_on_ray(arguments: Namespace, place: Place, options: EngineOptions) -> None:
    """Serves until it is told to end. Raises `CamClassifyError`."""
    if not find_spec("ray"):
        raise CamClassifyError(_WITHOUT_RAY)
    from camclassify_core.cluster.member import Cluster, run

    def tell(what: str, address: str) -> None:
        if arguments.json:
            print_json({"said": what} | ({"address": address} if address else {}))
        else:
            print(what)

    fewest, most = arguments.engines or _usual_engines()
    address, port = arguments.address or (_LOOPBACK, None)
    cluster = Cluster(
        place=place,
        engine=options,
        fewest=fewest,
        most=most,
        address=address,
        head_port=port,
        joined=arguments.join,
        secret=arguments.secret,
    )
    run(cluster, tell)


def _usual_engines() -> tuple[int, int]:
    cores = usable_cores()
    return min(2, cores), cores


def _engines(text: str) -> tuple[int, int]:
    low, _, high = text.partition("-")
    number = whole(1, _MOST_ENGINES)
    try:
        fewest, most = number(low), number(high or low)
    except ArgumentTypeError:
        fewest, most = 1, 0
    if fewest > most:
        raise ArgumentTypeError(
            f"{text!r} is not LOW-HIGH, two whole numbers, the first one no larger"
        )
    return fewest, most


def _address(text: str) -> tuple[str, int | None]:
    host, colon, port = text.partition(":")
    if not host or (colon and not port.isdecimal()):
        raise ArgumentTypeError(f"{text!r} is not IP or IP:PORT")
    return host, int(port) if port else None


def _place(text: str) -> str:
    if _address(text)[1] is None:
        raise ArgumentTypeError(f"{text!r} is not IP:PORT")
    return text
