"""What a server counts, as Prometheus reads it. It names no home and no camera."""

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator, Mapping
from itertools import accumulate

STAGES = ("waiting", "decode", "gate", "scene", "object", "total")
_BOUNDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.0)  # seconds


class Metrics:
    """Counts while the server runs."""

    def __init__(self) -> None:
        self._outcomes: Counter[tuple[str, str]] = Counter()
        self._stages = {stage: _Histogram() for stage in STAGES}
        self.waiting = 0

    def count(self, model: str, outcome: str) -> None:
        """A request of a model that was answered: `ok`, or the name of the error."""
        self._outcomes[model, outcome] += 1

    def time(self, seconds: Mapping[str, float]) -> None:
        """How long each stage of a frame took."""
        for stage, taken in seconds.items():
            self._stages[stage].add(taken)

    def text(self, gauges: Mapping[str, tuple[str, float]]) -> str:
        """All of it; `gauges` are further values, by their names, each with its help."""
        return "\n".join((*self._lines(gauges), ""))

    def _lines(self, gauges: Mapping[str, tuple[str, float]]) -> Iterator[str]:
        yield from _head(
            "camclassify_requests_total", "counter", "Requests of a model, by outcome."
        )
        for (model, outcome), count in sorted(self._outcomes.items()):
            labels = f'model="{model}",outcome="{outcome}"'
            yield f"camclassify_requests_total{{{labels}}} {count}"
        yield from _head("camclassify_stage_seconds", "histogram", "What a frame takes, by stage.")
        for stage, histogram in self._stages.items():
            yield from histogram.lines("camclassify_stage_seconds", f'stage="{stage}"')
        yield from _head("camclassify_waiting", "gauge", "Requests that are not answered yet.")
        yield f"camclassify_waiting {self.waiting}"
        for name, (help_text, value) in gauges.items():
            yield from _head(name, "counter" if name.endswith("_total") else "gauge", help_text)
            yield f"{name} {value:.15g}"


class _Histogram:
    def __init__(self) -> None:
        self._counts = [0] * (len(_BOUNDS) + 1)
        self._sum = 0.0

    def add(self, seconds: float) -> None:
        self._counts[bisect_left(_BOUNDS, seconds)] += 1
        self._sum += seconds

    def lines(self, name: str, label: str) -> Iterator[str]:
        for bound, count in zip((*_BOUNDS, "+Inf"), accumulate(self._counts), strict=True):
            yield f'{name}_bucket{{{label},le="{bound}"}} {count}'
        yield f"{name}_sum{{{label}}} {self._sum:.6f}"
        yield f"{name}_count{{{label}}} {sum(self._counts)}"


def _head(name: str, kind: str, help_text: str) -> Iterator[str]:
    yield f"# HELP {name} {help_text}"
    yield f"# TYPE {name} {kind}"
