"""Where bundles are: the built-in one, and those that have a name."""

from collections.abc import Mapping
from pathlib import Path

from camclassify_core.errors import BundleError

DEFAULT = "default"


def default_bundle() -> Path:
    """The directory of the bundle that comes with this package."""
    return Path(__file__).parent.parent / "default_bundle"


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
