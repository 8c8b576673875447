"""Scores at which a detection counts: zone over camera over bundle, each optionally per regime."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from camclassify_core.results import ClassInfo, Regime

type ByRegime = Mapping[Regime, float]

_UNKNOWN_CLASS = 0.5


@dataclass(frozen=True, slots=True)
class Thresholds:
    """Score per class and regime. What a layer does not say, the layer below says."""

    layers: tuple[Mapping[str, ByRegime], ...] = ()

    @classmethod
    def of_bundle(cls, infos: Iterable[ClassInfo]) -> Thresholds:
        """Return the lowest layer: what the bundle's author chose."""
        return cls(({info.name: info.threshold for info in infos},))

    def under(self, layer: Mapping[str, ByRegime]) -> Thresholds:
        """Return these thresholds with a layer on top: the camera's or a zone's own choice."""
        return Thresholds((layer, *self.layers)) if layer else self

    def at(self, name: str, regime: Regime) -> float:
        """Return the score from which a class counts in a regime."""
        for layer in self.layers:
            if (threshold := layer.get(name, {}).get(regime)) is not None:
                return threshold
        return _UNKNOWN_CLASS
