"""`python -m camclassify_core.worker`: hosts the real engine."""

import os

from camclassify_core.engine import Engine

from .host import confine_this_process, serve
from .protocol import ProtocolError

try:
    serve(Engine, confine_this_process)
except (ProtocolError, BrokenPipeError, KeyboardInterrupt) as error:
    raise SystemExit(f"The worker ends: {error!r}") from None
# A lane that hangs in native code must neither hold this process nor see the interpreter end.
os._exit(0)
