"""The default bundle as it is built: the package carries only what a home runs, its int8 networks."""

from pathlib import Path

WHOLE_BUNDLE = Path(__file__).parents[2] / "models" / "default"
