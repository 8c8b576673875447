"""Where what was measured on this machine is kept."""

import os
from pathlib import Path


def cache_folder() -> Path | None:
    """Ours, below the user's cache folder; it need not be there. None for a user without a home."""
    try:
        cache = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    except RuntimeError:
        return None
    return Path(cache) / "camclassify"
