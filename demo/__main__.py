"""The demo: a Home Assistant with recorded cameras and CamClassify. Started by script/demo."""

import argparse
import asyncio
import os
import shutil
import signal
import sys
import tempfile
import webbrowser
from pathlib import Path

from .add_cameras import SetUpError, add_camclassify
from .api import ApiError, Client
from .check import check
from .instance import ROOT, StartError, free_port, prepare, running


def say(message: str) -> None:
    """Tell the user what is going on."""
    print(f"\033[1m==>\033[0m {message}", file=sys.stderr, flush=True)


async def run_check() -> bool:
    """Run the demo in a folder of its own, without a browser, until everything was seen."""
    (ROOT / "build").mkdir(exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix="demo-check-", dir=ROOT / "build"))
    port = free_port()
    prepare(folder, port)
    say(f"Starting Home Assistant in {folder.relative_to(ROOT)}")
    async with running(folder, port) as client:
        say("Adding the cameras and waiting for what they see")
        passed = await check(client)
    if passed:
        shutil.rmtree(folder)
        say("The demo works.")
    else:
        say(f"The demo failed; Home Assistant's log is {folder}/home-assistant.log")
    return passed


async def show(port: int) -> None:
    """Run the demo for a person, until interrupted."""
    folder = ROOT / "build/demo"
    port = free_port(port)
    prepare(folder, port)
    say("Starting Home Assistant")
    async with running(folder, port) as client:
        say("Adding the cameras")
        await add_camclassify(client)
        await present(client)


async def present(client: Client) -> None:
    """Open the dashboard and wait for Ctrl-C."""
    url = f"{client.url}/camera-demo/cameras"
    say(f"Ready: {url}   (Ctrl-C ends it)")
    if sys.platform == "darwin" or {"DISPLAY", "WAYLAND_DISPLAY"} & os.environ.keys():
        webbrowser.open(url)
    try:
        await asyncio.Event().wait()
    finally:
        say("Stopping Home Assistant")


def main() -> int:
    """Parse the command line and run."""
    parser = argparse.ArgumentParser(prog="script/demo", description=__doc__)
    parser.add_argument("--check", action="store_true", help="run headless and exit 0 if all works")
    parser.add_argument(
        "--port", type=int, default=8123, help="where to listen (default: %(default)s)"
    )
    options = parser.parse_args()
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # stop as for Ctrl-C
    try:
        if options.check:
            return 0 if asyncio.run(run_check()) else 1
        asyncio.run(show(options.port))
    except (StartError, SetUpError, ApiError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        pass
    return 0


if __name__ == "__main__":
    sys.exit(main())
