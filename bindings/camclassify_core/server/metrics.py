"""What a server counts, as Prometheus reads it. It names no home and no camera."""

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import accumulate

STAGES = ("waiting", "decode", "gate", "scene", "object", "total")
_BOUNDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.0)  # seconds


@dataclass(frozen=True, slots=True)
class Value:
    """One that somebody else counts: a counter if its name ends in `_total`, else a gauge."""

    name: str
    help: str
    value: float
    labels: Mapping[str, str] = field(default_factory=dict)


class Metrics:
    """Counts while the server runs. `labels` tell whose counts these are, where several serve."""

    def __init__(self, labels: Mapping[str, str] | None = None) -> None:
        self._labels = labels or {}
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

    def text(self, values: Iterable[Value]) -> str:
        """All of it, and further values."""
        return "\n".join((*self._lines(values), ""))

    def _lines(self, values: Iterable[Value]) -> Iterator[str]:
        yield from _head(
            "camclassify_requests_total", "counter", "Requests of a model, by outcome."
        )
        for (model, outcome), count in sorted(self._outcomes.items()):
            labels = self._labelled(model=model, outcome=outcome)
            yield f"camclassify_requests_total{labels} {count}"
        yield from _head("camclassify_stage_seconds", "histogram", "What a frame takes, by stage.")
        for stage, histogram in self._stages.items():
            for part, extra, said in histogram.parts():
                labels = self._labelled(stage=stage, **extra)
                yield f"camclassify_stage_seconds_{part}{labels} {said}"
        yield from _head("camclassify_waiting", "gauge", "Requests that are not answered yet.")
        yield f"camclassify_waiting{self._labelled()} {self.waiting}"
        for each in values:
            kind = "counter" if each.name.endswith("_total") else "gauge"
            yield from _head(each.name, kind, each.help)
            yield f"{each.name}{self._labelled(**each.labels)} {each.value:.15g}"

    def _labelled(self, **labels: str) -> str:
        said = ",".join(f'{name}="{value}"' for name, value in {**self._labels, **labels}.items())
        return f"{{{said}}}" if said else ""


class _Histogram:
    def __init__(self) -> None:
        self._counts = [0] * (len(_BOUNDS) + 1)
        self._sum = 0.0

    def add(self, seconds: float) -> None:
        self._counts[bisect_left(_BOUNDS, seconds)] += 1
        self._sum += seconds

    def parts(self) -> Iterator[tuple[str, Mapping[str, str], str]]:
        for bound, count in zip((*_BOUNDS, "+Inf"), accumulate(self._counts), strict=True):
            yield "bucket", {"le": str(bound)}, str(count)
        yield "sum", {}, f"{self._sum:.6f}"
        yield "count", {}, str(sum(self._counts))


def _head(name: str, kind: str, help_text: str) -> Iterator[str]:
    yield f"# HELP {name} {help_text}"
    yield f"# TYPE {name} {kind}"
