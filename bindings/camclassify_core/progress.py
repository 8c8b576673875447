"""How long work tells how far it is."""

from collections.abc import Callable

type Progress = Callable[[str, float], None]
"""Called with the name of the step and the share of all the work that is done, 0..1."""
