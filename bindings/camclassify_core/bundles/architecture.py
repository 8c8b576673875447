"""Which of the planner's architectures a bundle is."""

from .manifest import REGIMES, Manifest


def architecture(manifest: Manifest) -> str:
    """In words, as the planner's document calls it."""
    timed = any(set(scene.regimes) != set(REGIMES) for scene in manifest.scenes)
    by_day = [scene for scene in manifest.scenes if REGIMES[0] in scene.regimes]
    if len(by_day) > 1:
        kind = "class-group and time-of-day networks" if timed else "class-group networks"
    elif timed:
        kind = "time-of-day networks"
    else:
        kind = "shared trunk with heads" if len(by_day[0].heads) > 1 else "one network"
    gated = any(scene.when or any(head.when for head in scene.heads) for scene in manifest.scenes)
    return f"{kind}, gated" if gated else kind
