"""From detections to presence: zones, tracks and attention. Pure Python, no I/O, no clock."""

from .attention import Attention, Pace, intervals
from .polygon import WHOLE_FRAME, Polygon, PolygonError, PolygonFault
from .presence import CameraPresence
from .thresholds import ByRegime
from .transitions import TrackView, Transition, TransitionKind, Update
from .zone import Zone

__all__ = [
    "WHOLE_FRAME",
    "Attention",
    "ByRegime",
    "CameraPresence",
    "Pace",
    "Polygon",
    "PolygonError",
    "PolygonFault",
    "TrackView",
    "Transition",
    "TransitionKind",
    "Update",
    "Zone",
    "intervals",
]
