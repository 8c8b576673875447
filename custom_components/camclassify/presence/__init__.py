"""From detections to presence: zones, tracks and pace. Pure Python, no I/O, no clock."""

from .camera_presence import CameraPresence
from .pace import Pace, Pacer, intervals
from .polygon import WHOLE_FRAME, Polygon, PolygonError, PolygonFault
from .thresholds import ByRegime
from .transitions import SeenTrack, Transition, TransitionKind, Update
from .zone import Zone

__all__ = [
    "WHOLE_FRAME",
    "ByRegime",
    "CameraPresence",
    "Pace",
    "Pacer",
    "Polygon",
    "PolygonError",
    "PolygonFault",
    "SeenTrack",
    "Transition",
    "TransitionKind",
    "Update",
    "Zone",
    "intervals",
]
