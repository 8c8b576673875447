"""`python -m camclassify_core.worker`: hosts the real engine."""

from camclassify_core.engine import Engine

from .host import confine_this_process, serve
from .protocol import ProtocolError

try:
    serve(Engine, confine_this_process)
except (ProtocolError, BrokenPipeError, KeyboardInterrupt) as error:
    raise SystemExit(f"The worker ends: {error!r}") from None
