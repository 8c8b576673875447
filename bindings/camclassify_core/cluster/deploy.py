"""Deploys the application in a cluster that runs on this machine, and ends.

A program of its own, `python -m camclassify_core.cluster.deploy`: what Ray's client takes of memory is gone
afterwards. It imports while the cluster starts, and reads then, from standard input, a line of JSON: the
address of Ray's head, and what is hosted. It says what is wrong in a line on standard error.
"""

import json
import logging
import sys
from pathlib import Path
from threading import Thread
from time import sleep
from typing import Any

import ray
from ray import serve
from ray.serve._private.constants import SERVE_CONTROLLER_NAME, SERVE_NAMESPACE
from ray.serve.config import HTTPOptions, ProxyLocation

from camclassify_core.codec import options_from_json

from .hosted import Hosted, hosted

APPLICATION = "camclassify"
_STEP = 0.1  # seconds


def main(order: dict[str, Any]) -> None:
    """Returns once the application answers, or raises what keeps it from that."""
    ray.init(order["address"], log_to_driver=False, logging_level=logging.ERROR)
    logging.getLogger("ray.serve").setLevel(logging.ERROR)
    # Where the ingress listens, its own program knows (`ingress.py`); this is for the rest.
    options = HTTPOptions(host=order["host"])
    ingress = Thread(target=serve.start, args=(ProxyLocation.EveryNode, options))
    ingress.start()  # which takes as long as the rest
    while ingress.is_alive() and not _is_there(SERVE_CONTROLLER_NAME):
        sleep(_STEP)
    what = Hosted(
        engine=options_from_json(order["engine"]),
        homes=Path(order["homes"]) if order["homes"] else None,
        fewest=order["fewest"],
        most=order["most"],
    )
    try:
        serve.run(hosted(what), name=APPLICATION)
    except RuntimeError as error:
        raise RuntimeError(_reason() or error) from error
    ingress.join()


def _is_there(actor: str) -> bool:
    try:
        ray.get_actor(actor, namespace=SERVE_NAMESPACE)
    except ValueError:
        return False
    return True


def _reason() -> str:
    """The last line of what Ray says of a deployment that failed."""
    for application in serve.status().applications.values():
        for deployment in application.deployments.values():
            if lines := deployment.message.strip().splitlines():
                return str(lines[-1])
    return ""


if __name__ == "__main__":
    try:
        main(json.loads(sys.stdin.readline()))
    except Exception as error:
        sys.stderr.write(f"{error}\n")
        sys.exit(1)
