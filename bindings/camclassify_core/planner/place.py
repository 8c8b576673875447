"""Where the profile is kept."""

import os
from pathlib import Path

from ..errors import CamClassifyError


def default_path() -> Path:
    """The profile's file: below the user's cache folder.

    Raises `CamClassifyError` if there is none, as for a user without a home.
    """
    try:
        cache = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    except RuntimeError as error:
        raise CamClassifyError(
            "There is no home folder to keep this machine's measurements in: name a file with"
            " --profile, or set XDG_CACHE_HOME."
        ) from error
    return Path(cache) / "camclassify" / "profile.json"
