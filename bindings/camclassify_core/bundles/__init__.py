"""Bundles: the networks and classes that an engine loads (docs/bundle.md)."""

from pathlib import Path


def default_bundle() -> Path:
    """The directory of the bundle that comes with this package."""
    return Path(__file__).parent.parent / "default_bundle"
