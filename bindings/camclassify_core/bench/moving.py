"""Snapshots in which something moves: what a camera delivers while somebody walks through its picture."""

from camclassify_core.native import core

_STEPS = 12  # as few as keep the change gate from taking who comes back again and again for a habit
_WIDTH, _HEIGHT = 0.04, 0.15  # of somebody, as shares of the picture
_TOP, _LEFT, _STEP = 0.4, 0.14, 0.06


def moving(snapshot: bytes) -> list[bytes]:
    """The picture with the outline of somebody who walks to the right, JPEGs of quality 85.

    Raises SnapshotError.
    """
    return [
        core.draw_boxes(
            snapshot,
            [core.Box(left, _TOP, left + _WIDTH, _TOP + _HEIGHT)],
        )
        for left in (_LEFT + step * _STEP for step in range(_STEPS))
    ]
