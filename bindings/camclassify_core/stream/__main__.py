"""`python -m camclassify_core.stream`: reads one stream."""

import os

from .reading import run

run()
os._exit(0)  # nothing native is waited for
