"""The fake worker of the package's tests, with a bundle that knows persons."""

import sys
from dataclasses import replace
from pathlib import Path

from camclassify_core import ClassInfo, EngineInfo, Regime
from camclassify_core.worker.host import serve

sys.path.insert(0, str(Path(__file__).parents[2]))

from tests.core.worker.fake_worker import FakeEngine

PERSON = ClassInfo(
    name="person", parents=(), on_by_default=True, threshold=dict.fromkeys(Regime, 0.45)
)


class PersonEngine(FakeEngine):
    """Sees one person in every picture."""

    def info(self) -> EngineInfo:
        return replace(super().info(), classes=(PERSON,))


if __name__ == "__main__":
    serve(PersonEngine)
