"""What the networks of a bundle should take here, for an asyncio program; no native code."""

import asyncio
import json
import sys
from asyncio.subprocess import DEVNULL, PIPE
from contextlib import suppress
from pathlib import Path
from typing import Any

from camclassify_core.options import Precision

_TIMEOUT = 30.0


async def forecast(bundle: Path, precision: Precision, threads: int) -> dict[str, Any]:
    """Milliseconds of a look at a frame (`scene_ms`) and at an object (`object_ms`), or a `problem`.

    Asks a process of its own, which runs the networks for a moment; needs the profile that
    `camclassify calibrate` writes. Never raises.
    """
    command = (sys.executable, "-P", "-m", "camclassify_core.planner.bundle_times")
    arguments = (str(bundle), precision.value, str(threads))
    process = await asyncio.create_subprocess_exec(
        *command, *arguments, stdin=DEVNULL, stdout=PIPE, stderr=DEVNULL
    )
    try:
        async with asyncio.timeout(_TIMEOUT):
            answer, _ = await process.communicate()
        found: dict[str, Any] = json.loads(answer)
    except TimeoutError, ValueError:
        return {"problem": f"the planner gave no answer (exit status {process.returncode})"}
    finally:
        if process.returncode is None:
            with suppress(ProcessLookupError):
                process.kill()
            await process.wait()
    return found
