"""What classifying a camera has cost."""

from dataclasses import dataclass

from camclassify_core import Result

_MEMORY = 20  # frames that the running mean of the time looks back


@dataclass(slots=True)
class Statistics:
    """Figures since the integration was set up; `milliseconds` is a mean, `seconds` the sum."""

    frames: int = 0
    skipped: int = 0
    milliseconds: float = 0.0
    seconds: float = 0.0

    @property
    def skipped_share(self) -> float:
        """Share of the frames that the change gate kept from the networks, 0..1."""
        return self.skipped / self.frames if self.frames else 0.0

    def add(self, result: Result) -> None:
        """Count one frame."""
        self.frames += 1
        self.skipped += not result.changed
        self.seconds += result.timing.total / 1000
        weight = 1 / min(self.frames, _MEMORY)
        self.milliseconds += (result.timing.total - self.milliseconds) * weight
