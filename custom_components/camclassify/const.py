"""Names that the modules share."""

from typing import Final

DOMAIN: Final = "camclassify"
SUBENTRY_CAMERA: Final = "camera"

CONF_AUTHENTICATION: Final = "authentication"
CONF_CLASSES: Final = "classes"
CONF_BUNDLE: Final = "bundle"
CONF_CPU_BUDGET: Final = "cpu_budget"
CONF_ENGINE: Final = "engine"
CONF_INTERVAL: Final = "interval"
CONF_KEEP_COUNT: Final = "keep_count"
CONF_KEEP_DAYS: Final = "keep_days"
CONF_LINKED: Final = "linked"
CONF_MASKS: Final = "masks"
CONF_ONLY_WHEN_WOKEN: Final = "only_when_woken"
CONF_POINTS: Final = "points"
CONF_SERVER: Final = "server"
CONF_SOURCE: Final = "source"
CONF_STAND_IN: Final = "stand_in"
CONF_STREAM_ENTITY: Final = "stream_entity"
CONF_STREAMS: Final = "streams"
CONF_THREADS: Final = "threads"
CONF_THRESHOLDS: Final = "thresholds"
CONF_VIEW: Final = "view"
CONF_ZONES: Final = "zones"

ENGINE_HERE: Final = "here"
ENGINE_SERVER: Final = "server"

EVENT_ARRIVED: Final = "camclassify_arrived"
EVENT_LEFT: Final = "camclassify_left"

SOURCE_AUTOMATIC: Final = "automatic"
SOURCE_SNAPSHOTS: Final = "snapshots"
SOURCE_STREAM: Final = "stream"

WHOLE_FRAME_ZONE: Final = "frame"

DEFAULT_CPU_BUDGET: Final = 100
DEFAULT_INTERVAL: Final = 1.0
DEFAULT_KEEP_COUNT: Final = 500
DEFAULT_KEEP_DAYS: Final = 7
MIN_INTERVAL: Final = 0.2
MAX_INTERVAL: Final = 3600.0

SNAPSHOT_TIMEOUT: Final = 10.0
