"""How boxes lie to each other."""

from .results import Box


def area(box: Box) -> float:
    """Area of a box as a fraction of the frame's."""
    return max(0.0, box.x1 - box.x0) * max(0.0, box.y1 - box.y0)


def intersection(a: Box, b: Box) -> float:
    """Area that two boxes share."""
    width = min(a.x1, b.x1) - max(a.x0, b.x0)
    height = min(a.y1, b.y1) - max(a.y0, b.y0)
    return max(0.0, width) * max(0.0, height)


def iou(a: Box, b: Box) -> float:
    """Intersection over union of two boxes, 0..1."""
    shared = intersection(a, b)
    union = area(a) + area(b) - shared
    return shared / union if union > 0 else 0.0
