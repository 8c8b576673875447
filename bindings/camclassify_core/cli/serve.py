"""`camclassify serve`: answers other machines, in the Open Inference Protocol."""

import asyncio
import logging
from argparse import Namespace
from dataclasses import replace
from pathlib import Path

from camclassify_core.cores import usable_cores
from camclassify_core.options import MOST_LANES

from .arguments import (
    add_engine_arguments,
    add_json_argument,
    engine_options,
    refuse_without,
    whole,
)
from .output import print_json
from .parser import Parser
from .serve_on_ray import add_ray_arguments, is_for_ray, serve_on_ray

_EXAMPLES = """
camclassify serve                                          for programs on this machine, without any token
camclassify homes add school --homes homes.json            makes a home, and tells its token once
camclassify serve --homes homes.json --host 0.0.0.0        for homes with a token
camclassify serve --homes homes.json --host 0.0.0.0 --certificate server.pem --key server.key
camclassify serve --ray                                    on several processes that replace one another
curl -H "Authorization: Bearer $TOKEN" http://server:8000/v2/models/camclassify
"""


def add_arguments(parser: Parser) -> None:
    """Gives the command its arguments."""
    parser.does(run, examples=_EXAMPLES)
    parser.add_argument(
        "--host", default="127.0.0.1", help="the address to listen on (default: 127.0.0.1)"
    )
    parser.add_argument(
        "--port", type=whole(0, 65_535), default=8000, help="the port (default: 8000; 0: any)"
    )
    parser.add_argument(
        "--homes", type=Path, metavar="FILE", help="the homes that are answered, by their tokens"
    )
    parser.add_argument(
        "--certificate", type=Path, metavar="FILE", help="encrypts with this certificate (PEM)"
    )
    parser.add_argument("--key", type=Path, metavar="FILE", help="the certificate's key (PEM)")
    parser.add_argument(
        "--lanes",
        type=whole(1, MOST_LANES),
        metavar="N",
        help="pictures that are answered at a time (default: as many as there are cores; with --ray, 1 by"
        " each engine)",
    )
    add_engine_arguments(parser)
    add_ray_arguments(parser)
    add_json_argument(parser)


def run(arguments: Namespace) -> int:
    """Serves until it is told to end."""
    from camclassify_core.server.models_here import ModelsHere
    from camclassify_core.server.running import Place, serve

    refuse_without(arguments, "--certificate", "--key")
    logging.basicConfig(level=logging.WARNING, format="%(levelname)s %(name)s: %(message)s")
    lanes = arguments.lanes or (1 if arguments.ray else min(usable_cores(), MOST_LANES))
    place = Place(
        host=arguments.host,
        port=arguments.port,
        homes=arguments.homes,
        certificate=arguments.certificate,
        key=arguments.key,
    )

    options = replace(engine_options(arguments), lanes=lanes)
    if is_for_ray(arguments):
        serve_on_ray(arguments, place, options)
        return 0

    def ready(address: str) -> None:
        if arguments.json:
            print_json({"address": address, "lanes": lanes})
        else:
            print(f"Serving on {address}, {lanes} pictures at a time. Ctrl-C ends it.")

    asyncio.run(serve(place, ModelsHere(options), ready))
    return 0
