"""Where the bundles are that a design names."""

from collections.abc import Mapping
from pathlib import Path

from ..errors import BundleError
from . import default_bundle

DEFAULT = "default"


def place_of(name: str, places: Mapping[str, Path]) -> Path:
    """The directory of a bundle: the built-in `default`, one of `places`, or the path that the name is.

    Raises BundleError if it is not there.
    """
    place = ({DEFAULT: default_bundle()} | dict(places)).get(name, Path(name))
    if not place.is_dir():
        raise BundleError(
            f"there is no bundle {name!r}: say where it is with --bundle {name}=DIR"
            " (a model that is no bundle yet: camclassify bundle import)"
        )
    return place
