"""Names that the modules share."""

from typing import Final

DOMAIN: Final = "camclassify"
SUBENTRY_CAMERA: Final = "camera"

CONF_AUTHENTICATION: Final = "authentication"
CONF_CLASSES: Final = "classes"
CONF_INTERVAL: Final = "interval"
CONF_MASKS: Final = "masks"
CONF_POINTS: Final = "points"
CONF_THREADS: Final = "threads"
CONF_THRESHOLDS: Final = "thresholds"
CONF_ZONES: Final = "zones"

WHOLE_FRAME_ZONE: Final = "frame"

DEFAULT_INTERVAL: Final = 1.0
MIN_INTERVAL: Final = 0.2
MAX_INTERVAL: Final = 3600.0

MAX_SNAPSHOT_BYTES: Final = 32 * 1024 * 1024
SNAPSHOT_TIMEOUT: Final = 10.0
