"""Where the profile is kept."""

import os
from pathlib import Path


def default_path() -> Path:
    """The profile's file: below the user's cache folder."""
    cache = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(cache) / "camclassify" / "profile.json"
