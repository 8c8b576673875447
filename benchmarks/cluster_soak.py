"""Asks a cluster very often, and says whether a process ended or grew meanwhile.

.venv-cluster/bin/python -m benchmarks.cluster_soak        200,000 frames of the demo's footage, 32 cameras
.venv-cluster/bin/python -m benchmarks.cluster_soak 2000   a short try

After a tenth of the frames it notes what each process holds of memory (its own pages and its share of common
ones), and compares with that at the end. Exits with 1 if a process has ended or grown by more than 20 MB, or
if a frame was not answered.
"""

import asyncio
import re
import sys
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from time import monotonic

from camclassify_core.cluster.local_cluster import local_cluster
from camclassify_core.cluster.processes import command_of, descendants
from camclassify_core.cluster.simulated_cameras import Crowd, Look, percentile

FOOTAGE = Path(__file__).parents[1] / "demo/footage"
FRAMES = 200_000
CAMERAS = 32
FPS = 20.0  # more than it can do: each camera asks as soon as it was answered
ROUND_SECONDS = 20.0
MOST_GROWTH_MB = 20.0


def memory_mb(process: int) -> dict[int, float]:
    """Of it and all processes that come of it."""
    found = {}
    for each in (process, *descendants(process)):
        try:
            text = Path(f"/proc/{each}/smaps_rollup").read_text(encoding="ascii")
        except OSError:
            continue
        if pss := re.search(r"^Pss:\s+(\d+)", text, re.MULTILINE):
            found[each] = int(pss[1]) / 1024
    return found


def main(frames: int) -> int:
    clips = [sorted(each.glob("*.jpg")) for each in sorted(FOOTAGE.iterdir()) if each.is_dir()]
    pictures = [[picture.read_bytes() for picture in clip] for clip in clips]
    outcomes: Counter[str] = Counter()
    took: list[float] = []

    def note(look: Look) -> None:
        outcomes[look.error or "answered"] += 1
        took.append(look.took)

    before: dict[int, float] = {}
    with local_cluster(2) as cluster:
        crowd = Crowd(
            cameras=CAMERAS,
            fps=FPS,
            pictures=lambda camera, number: pictures[camera % len(pictures)][
                (number + camera) % len(pictures[camera % len(pictures)])
            ],
            servers=[cluster.url],
        )
        started = monotonic()
        while (done := outcomes.total()) < frames:
            if not before and done >= frames / 10:
                before = memory_mb(cluster.process)
            asyncio.run(crowd.look(ROUND_SECONDS, note))
            print(
                f"{outcomes.total():,} frames, {outcomes.total() / (monotonic() - started):.0f} a second,"
                f" p95 {1000 * percentile(took, 0.95):.0f} ms,"
                f" {sum(memory_mb(cluster.process).values()):.0f} MB",
                flush=True,
            )
            took.clear()
        after = memory_mb(cluster.process)
        names = {each: command_of(each)[:60] for each in before | after}
    return verdict(outcomes, before, after, names)


def verdict(
    outcomes: Counter[str],
    before: Mapping[int, float],
    after: Mapping[int, float],
    names: Mapping[int, str],
) -> int:
    print(f"\n{'MB after a tenth':>18} {'at the end':>12}  process")
    for each in {**before, **after}:
        first, last = before.get(each), after.get(each)
        told = [f"{value:.1f}" if value else "-" for value in (first, last)]
        print(f"{told[0]:>18} {told[1]:>12}  {names[each]}")
    ended = before.keys() - after.keys()
    grown = [
        each for each in before.keys() & after.keys() if after[each] - before[each] > MOST_GROWTH_MB
    ]
    print(f"\nAnswers: {dict(outcomes)}")
    print(
        f"Processes that ended: {len(ended)}; that grew by over {MOST_GROWTH_MB:.0f} MB: {len(grown)}"
    )
    passed = not ended and not grown and outcomes.keys() == {"answered"}
    print("PASSED" if passed else "FAILED")
    return 0 if passed else 1


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else FRAMES))
