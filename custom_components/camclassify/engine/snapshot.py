"""What a camera shows at a moment: a snapshot's bytes, or a frame whose picture the worker has."""

from camclassify_core import StreamFrame

from .shared import SharedEngine

type Snapshot = bytes | StreamFrame


async def async_encoded(engine: SharedEngine, snapshot: Snapshot) -> bytes:
    """Return the picture as bytes: of a stream, the very frame, as JPEG.

    Raises EngineUnavailable, and SnapshotError if a newer frame of the stream was classified since.
    """
    if isinstance(snapshot, bytes):
        return snapshot
    return await engine.client.encode(snapshot)
