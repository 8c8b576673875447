"""What a bundle's networks should take on this machine.

A program of its own, `python -m camclassify_core.planner.bundle_times BUNDLE PRECISION THREADS`, so that its
memory and its native code are gone afterwards. Writes one line of JSON: milliseconds of a look at a frame
(`scene_ms`) and at an object (`object_ms`, absent without such a network) by day.
"""

import json
import sys
from pathlib import Path

from camclassify_core.bundle.manifest import REGIMES, Manifest
from camclassify_core.errors import CamClassifyError
from camclassify_core.machine import this_machine
from camclassify_core.native import core
from camclassify_core.options import Precision

from .designs import DesignRunner
from .existing import Part, file_for, ratio
from .profile import Setting, default_path, load


def main(bundle: Path, precision: str, threads: int) -> dict[str, float]:
    """Milliseconds of each look. Raises CamClassifyError if there is no profile or no such network."""
    profile = load(default_path(), this_machine(core.instruction_set()))
    setting = Setting(runner=DesignRunner.DIRECT, precision=Precision(precision), threads=threads)
    manifest = Manifest.read(bundle)
    day = REGIMES[0]
    looks = {
        "scene_ms": [
            Part.of(bundle, scene, scene.heads, file_for(scene, setting))
            for scene in manifest.scenes
            if day in scene.regimes
        ],
        "object_ms": [
            Part(file=bundle / file_for(each, setting), outputs=())
            for each in manifest.objects
            if day in each.regimes
        ][:1],
    }
    per_run = profile.reference_ms * profile.pause
    return {
        key: per_run * sum(ratio(part, setting) for part in parts)
        for key, parts in looks.items()
        if parts
    }


if __name__ == "__main__":
    try:
        answer: dict[str, object] = dict(main(Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])))
    except CamClassifyError as error:
        answer = {"problem": str(error)}
    sys.stdout.write(json.dumps(answer) + "\n")
