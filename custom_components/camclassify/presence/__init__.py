"""From detections to presence: zones, tracks and pace. Pure Python, no I/O, no clock."""

from .camera_presence import CameraPresence
from .camera_views import MOST_DRAWN_IN, ViewId, Views
from .pace import Pace, Pacer, intervals
from .polygon import WHOLE_FRAME, Polygon, PolygonError, PolygonFault
from .thresholds import ByRegime
from .transitions import SeenTrack, Transition, TransitionKind, Update
from .zone import Mask, Zone

__all__ = [
    "MOST_DRAWN_IN",
    "WHOLE_FRAME",
    "ByRegime",
    "CameraPresence",
    "Mask",
    "Pace",
    "Pacer",
    "Polygon",
    "PolygonError",
    "PolygonFault",
    "SeenTrack",
    "Transition",
    "TransitionKind",
    "Update",
    "ViewId",
    "Views",
    "Zone",
    "intervals",
]
